"""Take over a run that another process left unfinished (semantics.md, Physical actions 3).

Make heat, flow and motion safe, then have every open act settled by the device, by a sensor or by a person; nothing
else moves before that. A process that dies here leaves a run that can be taken over again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import anyio

from labcore.capabilities.act import Outcome
from labcore.engine.questions import Questions
from labcore.engine.release import release
from labcore.engine.setting import Setting
from labcore.errors import DecisionNeeded
from labcore.model.answer import CHOICE
from labcore.model.event import (
    Asked,
    Event,
    Intended,
    RecoveryBegun,
    RecoveryDecided,
    Settled,
    Withdrawn,
)
from labcore.model.ids import ROOT
from labcore.ports import Answer
from labcore.state.open_acts import OpenAct, open_acts
from labcore.state.restore import to_restore
from labcore.state.run_state import BLOCKS
from labcore.state.settling import most_moved, only_sets_outputs, possible_ends, settle_as

Decision = Literal["resume", "finish", "close"]
GO_ON: dict[str, Decision] = {
    "go on": "resume",
    "clean up": "finish",
    "close": "close",
}  # "resume" is a control word
WITNESS_LIMIT = 10.0  # s for a device to say what became of an act
TRIES = 5
HOLDS = "the run stands still; heat, flow and motion are off"


class Recovery:
    """One attempt to take a run over.

    `said` holds answers given beforehand by act; `ask` says that people may be asked, else what nobody knows is
    recorded as unknown.
    """

    def __init__(
        self, setting: Setting, questions: Questions, events: Sequence[Event], *, by: str, ask: bool,
        said: Mapping[str, str], wire: Callable[[str, tuple[str, ...]], tuple[str, ...]],
    ) -> None:  # fmt: skip
        self.setting, self._questions, self._writer = setting, questions, setting.writer
        self._by, self._ask, self._said, self._wire = by, ask, said, wire
        self._acts = open_acts(events, self._writer.state.intents)

    async def begin(self, away: float) -> None:
        """Put on record that somebody takes the run over; questions that were open are taken back."""
        state = self._writer.state
        steps = tuple(key for key, live in state.live.items() if live.verb not in BLOCKS)
        begun = RecoveryBegun(self._by, state.recoveries + 1, round(away, 3), tuple(state.intents), steps)
        await self._writer.write(begun)
        for question in state.questions:
            await self._writer.write(Withdrawn(question, "labcore was interrupted"))

    async def make_safe(self) -> None:
        """Switch every output off that is or may be on."""
        for act in [one for one in self._acts if only_sets_outputs(one.intent)]:
            await self._settle(act, settle_as(act.intent, "unknown", "recovery", act.evidence()))
        self._acts = [one for one in self._acts if not only_sets_outputs(one.intent)]
        outputs = tuple(self._writer.state.outputs)
        if outputs:
            await release(self.setting, ROOT, outputs, suspends=True)

    async def make_safe_what_is_there(self) -> list[str]:
        """Switch off what is or may be on at the devices that answered; return those. All else stays open."""
        there = {name for name, session in self.setting.sessions.items() if session.connected is not None}
        outputs = tuple(one for one in self._writer.state.outputs if one[0] in there)
        await release(self.setting, ROOT, outputs, suspends=True)
        return sorted({device for device, _ in outputs})

    async def settle(self) -> None:
        """Settle what is open, one act after the other, in the order in which they were intended."""
        for act in self._acts:
            session = self.setting.sessions.get(act.device)
            detail = session.identity.detail if session is not None and session.identity is not None else {}
            says = ", ".join(f"{name} {value}" for name, value in detail.items())
            shown = replace(act, device_says=says, wire=self._wire(act.device, act.intent.frames))
            await self._settle(shown, await self._end_of(shown))
        self._acts = []

    async def decide(self, decision: Decision | None, why: str = "") -> Decision:
        """Record how the run goes on; ask if nobody has said so."""
        by = self._by
        if decision is None:
            decision, by = await self._asked_how_on()
        if self._aborted:  # the abort decided already: everything is off, and nothing else begins
            return "close"
        restores: tuple[tuple[str, str], ...] = ()
        if decision == "resume":
            restores = to_restore(self.setting.plan, self._writer.state, self._writer.now())
        await self._writer.write(RecoveryDecided(decision, by, why, restores, attended=self._ask))
        return decision

    # ------------------------------------------------------------------------------------------ one act
    async def _end_of(self, act: OpenAct) -> Settled:
        """Return what became of an act: by what was said beforehand, the device, a person, in this order."""
        if act.intent.act in self._said:
            return settle_as(act.intent, self._said[act.intent.act], self._by, act.evidence())
        told = await self._device_tells(act)
        if told is not None:
            return told
        if not self._ask:
            return settle_as(act.intent, "unknown", "policy", act.evidence())
        return await self._person_tells(act)

    async def _device_tells(self, act: OpenAct) -> Settled | None:
        """Ask the driver, if it can tell; a device that restarts when its port is opened is no witness."""
        session = self.setting.sessions.get(act.device)
        tell = getattr(session.driver, "became_of", None) if session is not None else None
        if session is None or tell is None or getattr(session.driver, "resets_on_open", False):
            return None
        outcome = await _told(tell, act.intent)
        if outcome is None or outcome.status == "unknown":
            return None
        effects = act.intent.effects if outcome.status == "done" else ()
        evidence = act.evidence() | {name: str(value) for name, value in outcome.evidence.items()}
        return Settled(
            act.intent.act, outcome.status, effects, outcome.amount, evidence, outcome.message, session.name
        )

    async def _person_tells(self, act: OpenAct) -> Settled:
        text, unknown = act.question(), settle_as(act.intent, "unknown", self._by, act.evidence())
        for _ in range(TRIES):
            answer = await self._ask_until_abort(_question(text, act.intent), act)
            if answer is None:
                return unknown
            try:
                return settle_as(act.intent, str(answer.value), answer.by, act.evidence())
            except ValueError as error:
                text = f"{act.question()} ({error})"
        return replace(unknown, message=f"{TRIES} answers could not be understood")

    @property
    def _aborted(self) -> bool:
        return self._writer.state.status == "aborting"

    async def _ask_until_abort(self, question: Asked, act: OpenAct | None) -> Answer | None:
        """Ask, and return None as soon as somebody aborts the run: then nobody needs the answer any more."""
        if self._aborted:
            return None
        step, device = (act.step or None, act.device) if act is not None else (None, None)
        answer: Answer | None = None
        async with anyio.create_task_group() as group:

            async def watch() -> None:
                while not self._aborted:
                    await self._writer.changed.wait()
                group.cancel_scope.cancel()

            group.start_soon(watch)
            answer = await self._questions.ask(question, step=step, device=device)
            group.cancel_scope.cancel()
        return answer

    async def _settle(self, act: OpenAct, settled: Settled) -> None:
        session = self.setting.sessions.get(act.device)
        source = session.source if session is not None else "real"
        await self._writer.write(settled, step=act.step or None, device=act.device, source=source)

    async def _asked_how_on(self) -> tuple[Decision, str]:
        """Ask until the answer is one; DecisionNeeded, with the run still interrupted, if it never is."""
        text = "Everything is settled. How shall the run go on: where it was, with its clean-up only, or not at all?"
        for _ in range(TRIES):
            answer = await self._ask_until_abort(
                Asked("", text, "decide", tuple(GO_ON), CHOICE, holds=HOLDS), None
            )
            if answer is None:
                return "close", self._by
            decision = GO_ON.get(str(answer.value).strip().casefold())
            if decision is not None:
                return decision, answer.by
        raise DecisionNeeded("nobody said how the run shall go on; it is still interrupted")


def _question(text: str, intent: Intended) -> Asked:
    ends, most = possible_ends(intent), most_moved(intent)
    if most is None:
        return Asked("", text, "decide", ends, CHOICE, holds=HOLDS)
    return Asked("", text, "decide", ends, unit="mL", holds=HOLDS, most=most)


async def _told(tell: Callable[..., Awaitable[Any]], intent: Intended) -> Outcome | None:
    try:
        with anyio.fail_after(WITNESS_LIMIT):
            outcome = await tell(intent.method, dict(intent.arguments), intent.frames)
    except Exception:  # a driver is a plugin: one that raises, or is silent, is no witness
        return None
    return outcome if isinstance(outcome, Outcome) else None
