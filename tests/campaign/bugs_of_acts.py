"""Bugs around physical acts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from campaign.bugs import Patches, bug
from labcore.app import machines
from labcore.capabilities.act import Outcome
from labcore.engine import act, proxy, release, restore
from labcore.engine.perform import Performance
from labcore.model.effect import Transfer
from labcore.model.event import Intended, Settled
from labcore.state import decide_trouble, reduce_acts, settling

CALLERS = (proxy, release, restore)


@bug("the act is sent without an intent in the journal")
def skip_the_intent() -> Patches:
    async def wrong(
        writer: Any, session: Any, method: str, mark: Any, arguments: Any, *, step: Any
    ) -> Outcome:
        async with session.lock:
            one = await act._encode(writer, session, method, arguments, step)
            done: Outcome = await one.send()
        return done

    return [(caller, "perform_act", wrong) for caller in CALLERS]


@bug("the intent is committed after the act")
def commit_after_the_act() -> Patches:
    async def wrong(
        writer: Any, session: Any, method: str, mark: Any, arguments: Any, *, step: Any
    ) -> Outcome:
        async with session.lock:
            one = await act._encode(writer, session, method, arguments, step)
            effects = act._effects(session, method, mark, arguments)
            intent = Intended(
                writer.next_act(), method, act.plain(arguments), one.frames, effects, one.deadline
            )
            end = await act._send(writer, session, intent, one, step)
            await writer.write(intent, step=step, device=session.name, source=session.source)
            await act._settle(writer, session, intent, end, step)
        return end.outcome

    return [(caller, "perform_act", wrong) for caller in CALLERS]


@bug("an act that was cut or timed out is settled as done")
def settle_done_on_timeout() -> Patches:
    right = act._cut

    async def wrong(session: Any, one: Any, intent: Any, why: str) -> Any:
        await right(session, one, intent, why)
        return act._End(Outcome("done", message=why))

    return [(act, "_cut", wrong)]


@bug("an unknown or partial amount is booked as the commanded one")
def drop_the_widened_interval() -> Patches:
    def wrong(self: Transfer, status: str, amount: Any) -> Any:
        return self.volume

    return [(Transfer, "moved", wrong)]


@bug("an unknown placement is booked as done")
def believe_an_unknown_placement() -> Patches:
    right = reduce_acts._placed

    def wrong(ledger: Any, effect: Any, settled: Settled) -> Any:
        return right(ledger, effect, replace(settled, status="done"))

    return [(reduce_acts, "_placed", wrong)]


@bug("what ended as unknown is tried again, whatever it is")
def retry_an_unknown() -> Patches:
    return [(decide_trouble._Case, "may_repeat", property(lambda case: True))]


@bug("a word of a person that they do not know is taken for done")
def unknown_is_done() -> Patches:
    right = settling.settle_as

    def wrong(intent: Intended, said: str, by: str, evidence: Any = None) -> Settled:
        return right(intent, "done" if said.strip() == "unknown" else said, by, evidence)

    from labcore.engine import recover

    return [(recover, "settle_as", wrong)]


@bug("two acts run on one device at a time")
def no_lock_on_a_device() -> Patches:
    right = machines.Workshop._session

    class NoLock:
        def __init__(self) -> None:
            self._open = asynccontextmanager(self._nothing)()

        @staticmethod
        async def _nothing() -> Any:
            yield

        async def __aenter__(self) -> None:
            return None

        async def __aexit__(self, *error: object) -> None:
            return None

    def wrong(self: Any, name: str) -> Any:
        session = right(self, name)
        session.lock = NoLock()
        return session

    return [(machines.Workshop, "_session", wrong)]


@bug("the frames of an act go out twice when its reply is late")
def send_a_line_again() -> Patches:
    from labcore_gantry.machine import Machine
    from labcore_gantry.trouble import Trouble

    right = Machine._carry_out

    async def wrong(self: Any, line: Any, progress: Any) -> None:
        try:
            await right(self, line, progress)
        except Trouble as trouble:
            if trouble.why != "silent":
                raise
            await right(self, line, progress)

    return [(Machine, "_carry_out", wrong)]


@bug("an act that the device refused counts as done")
def ignore_the_outcome() -> Patches:
    right = act._settle

    async def wrong(writer: Any, session: Any, intent: Any, end: Any, step: Any) -> None:
        done = replace(end, outcome=replace(end.outcome, status="done"))
        await right(writer, session, intent, done, step)

    return [(act, "_settle", wrong)]


@bug("a total is worked out before the step waits for its device")
def work_out_the_total_early() -> Patches:
    def wrong(self: Any, work: Any, vessel: str) -> Any:
        return work()

    return [(Performance, "when_it_begins", wrong)]
