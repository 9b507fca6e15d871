"""Bugs around the journal, the state and the people who are asked."""

from __future__ import annotations

from typing import Any

from campaign.bugs import Patches, bug
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app import running
from labcore.engine import act, questions, writer
from labcore.model.event import Answered
from labcore.ports import Answer
from labcore.state.run_state import evolve


@bug("remarks are not written to disk")
def lose_an_event() -> Patches:
    right = SqliteJournal.append

    def wrong(self: Any, events: Any) -> None:
        kept = [event for event in events if event.kind != "noted"]
        if kept:
            right(self, kept)

    return [(SqliteJournal, "append", wrong)]


@bug("the state changes before the journal has the event")
def state_before_journal() -> Patches:
    right = writer.Writer._prepare

    def wrong(self: Any, drafts: Any) -> Any:
        events, state = right(self, drafts)
        self.state = state
        return events, state

    return [(writer.Writer, "_prepare", wrong)]


@bug("the live state forgets results that the journal has")
def live_state_differs() -> Patches:
    right = writer.Writer._publish

    def wrong(self: Any, events: Any, state: Any) -> None:
        saved = any(event.kind == "saved" for event in events)
        right(self, events, evolve(state, results={}) if saved else state)

    return [(writer.Writer, "_publish", wrong)]


@bug("time goes back in the journal")
def time_goes_back() -> Patches:
    from dataclasses import replace

    from labcore.state.reduce import reduce

    def wrong(self: Any, drafts: Any) -> Any:
        state, events = self.state, []
        for event in right(self, drafts)[0]:
            events.append(replace(event, at=event.at - 1.0) if event.position % 7 == 0 else event)
            state = reduce(state, events[-1])
        return events, state

    right = writer.Writer._prepare
    return [(writer.Writer, "_prepare", wrong)]


@bug("an answer that comes after the question was withdrawn counts")
def answer_a_stale_question() -> Patches:
    right = questions.Questions._nobody

    async def wrong(self: Any, question: Any, step: Any, device: Any) -> Answer:
        answer = await right(self, question, step, device)
        late = Answered(question.question, answer.value, answer.by)
        await self._setting.writer.write(late, step=step, device=device, source="simulated")
        return answer

    return [(questions.Questions, "_nobody", wrong)]


@bug("a question that nobody needs any more stays open")
def leave_a_question_open() -> Patches:
    async def wrong(self: Any, *args: Any) -> None:
        return None

    return [(questions.Questions, "_withdraw", wrong)]


@bug("a number that is none gets into the journal")
def write_nan() -> Patches:
    right = act.plain

    def wrong(value: Any) -> Any:
        made = right(value)
        return {**made, "off": float("nan")} if isinstance(made, dict) and "volume" in made else made

    return [(act, "plain", wrong)]


@bug("an ended run stays marked as under way")
def leave_the_mark() -> Patches:
    from contextlib import contextmanager

    right = running.under_way

    @contextmanager
    def wrong(folder: Any) -> Any:
        with right(folder):
            yield
        (folder.parent.parent / "under-way" / folder.name).touch()

    return [(running, "under_way", wrong)]


@bug("a real source in a simulated run")
def call_it_real() -> Patches:
    from labcore.engine.session import Session

    return [(Session, "source", property(lambda self: "real"))]
