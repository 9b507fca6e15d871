"""No act is sent while the latch exists; what stops a device always is."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.wall_clock import SimulatedWallClock
from labcore.capabilities import Act, Outcome, Stirring
from labcore.engine.act import perform_act
from labcore.engine.guard_post import STOPPING
from labcore.engine.session import Session
from labcore.engine.writer import Writer
from labcore.errors import DeviceError
from labcore.model.event import Event, RunStarted
from labcore.model.quantity import Quantity

SPEED = {"speed": Quantity(300, "rpm")}


class Stirrer:
    """As much of a driver as an act needs."""

    limits: dict[str, object] = {}
    capabilities = (Stirring,)

    def __init__(self) -> None:
        self.sent: list[str] = []

    def stir(self, speed: Quantity) -> Act:
        async def send() -> Outcome:
            self.sent.append("START")
            return Outcome("done")

        return Act(("START",), send, 5.0)


class Latch:
    """Says that it is set from the `first` look on."""

    def __init__(self, first: int) -> None:
        self.looks, self.first = 0, first

    def __call__(self) -> str:
        self.looks += 1
        return "the emergency stop is set" if self.looks >= self.first else ""


def act(
    latch: Latch, stirrer: Stirrer, *, stopping: bool = False
) -> tuple[Sequence[Event], Exception | None]:
    async def job() -> tuple[Sequence[Event], Exception | None]:
        writer = Writer(MemoryJournal(), SimulatedWallClock(), began=anyio.current_time())
        await writer.write(RunStarted("p", "d", "lab", True, 1, {}))
        session = Session("stirrer", stirrer, True, latched=latch)  # type: ignore[arg-type]
        mark, error = session.mark(Stirring, "stir"), None
        STOPPING.set(stopping)
        try:
            await perform_act(writer, session, "stir", mark, SPEED, step=None)  # type: ignore[arg-type]
        except DeviceError as refused:
            error = refused
        return writer.after(0, 100), error

    return run_virtual(job)


def test_nothing_is_intended_while_it_is_latched() -> None:
    stirrer = Stirrer()
    events, error = act(Latch(1), stirrer)
    assert (list(events), stirrer.sent) == ([], [])
    assert "nothing was sent" in str(error)
    assert "labcore estop --reset" in str(error)


def test_latched_while_the_intent_was_written_nothing_is_sent() -> None:
    stirrer = Stirrer()
    events, error = act(Latch(2), stirrer)
    assert stirrer.sent == []
    assert [event.kind for event in events] == ["intended", "settled"]
    assert events[1].body.status == "not_started"  # type: ignore[union-attr]
    assert error is not None


@pytest.mark.parametrize(("first", "stopping"), [(3, False), (1, True)], ids=["not latched", "what stops"])
def test_else_it_is_sent(first: int, stopping: bool) -> None:
    stirrer = Stirrer()
    _, error = act(Latch(first), stirrer, stopping=stopping)
    assert (stirrer.sent, error) == (["START"], None)
