"""Bugs around taking a run over."""

from __future__ import annotations

from typing import Any

from campaign.bugs import Patches, bug
from labcore.engine import past, recover, writer
from labcore.engine.restore import restore
from labcore.state import decide, reduce_recovery
from labcore.state.decision import Begin, Resume
from labcore.state.run_state import evolve


@bug("what a step did before the death is done again")
def replay_an_act() -> Patches:
    return [(past.Past, "act", lambda self, device, method: None)]


@bug("the record of a resumed step begins one event too late")
def off_by_one_in_the_record() -> Patches:
    right = past._entries

    def wrong(events: Any, live: Any) -> Any:
        return right(events, evolve(live, position=live.position + 1))

    return [(past, "_entries", wrong)]


@bug("an interrupted clean-up step is taken up again")
def resume_a_clean_up_step() -> Patches:
    def wrong(view: Any, key: str, step: Any, ending: Any) -> Any:
        return [Resume(key, step)]

    return [(decide, "_interrupted", wrong)]


@bug("an interrupted step is begun anew")
def begin_an_interrupted_step_anew() -> Patches:
    def wrong(view: Any, key: str, step: Any, ending: Any) -> Any:
        return [Begin(key, step, 1)]

    return [(decide, "_interrupted", wrong)]


@bug("outputs come on again although the run is only to be finished")
def restore_outputs_before_the_decision() -> Patches:
    right = recover.Recovery.decide

    async def wrong(self: Any, decision: Any, why: str = "") -> Any:
        await restore(self.setting, tuple(self.setting.writer.state.suspended))
        return await right(self, decision, why)

    return [(recover.Recovery, "decide", wrong)]


@bug("a run that is to be finished is resumed")
def resume_instead_of_finish() -> Patches:
    right = reduce_recovery._status

    def wrong(state: Any, body: Any) -> Any:
        return "running" if body.decision == "finish" else right(state, body)

    return [(reduce_recovery, "_status", wrong)]


@bug("recovery leaves outputs on")
def recovery_makes_nothing_safe() -> Patches:
    async def wrong(*args: Any) -> None:
        return None

    return [(recover, "release", wrong)]


@bug("acts are counted from one again after a death")
def number_acts_anew() -> Patches:
    right = writer.Writer.__init__

    def wrong(self: Any, *args: Any, **more: Any) -> None:
        right(self, *args, **more)
        self._acts = 0

    return [(writer.Writer, "__init__", wrong)]


@bug("a wait counts what it waited before the death twice")
def wait_too_short() -> Patches:
    right = past.Past.waited

    def wrong(self: Any, now: float) -> Any:
        waited = right(self, now)
        return None if waited is None else 2 * waited + 5.0

    return [(past.Past, "waited", wrong)]


@bug("open questions are not taken back")
def forget_open_questions() -> Patches:
    right = recover.Recovery.begin

    async def wrong(self: Any, away: float) -> None:
        state = self._writer.state
        self._writer.state = evolve(state, questions={})
        await right(self, away)

    return [(recover.Recovery, "begin", wrong)]


@bug("the device's word is not asked for: all that is open counts as not started")
def nothing_was_started() -> Patches:
    right = recover.settle_as

    def wrong(intent: Any, said: str, by: str, evidence: Any = None) -> Any:
        return right(intent, "not started", by, evidence)

    return [(recover, "settle_as", wrong)]
