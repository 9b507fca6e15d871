"""While the disk refuses: what goes off without a record, and what is put on record when it takes events again."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from labcore.capabilities import Outcome
from labcore.engine.guard_post import STOPPING
from labcore.engine.storage import OFF_WITHIN, watch_storage
from labcore.engine.writer import Stall
from labcore.errors import StorageError
from labcore.model.event import ControlAsked, RunEnded, StopSettled, Warned
from labcore.model.plan import Modifiers, Sequence, Step, Where
from labcore.state.run_state import Output, evolve

OnBench = Callable[..., Any]
HERE = Where("p.yaml", 1, 1)
HEAT, SPEED, HELD = ("plate", "temperature"), ("plate", "speed"), ("oven", "temperature")


def step(*, hold: bool = False) -> Step:
    return Step("s", HERE, "s", Modifiers(hold=hold), "stir", {})


def prepare(bench: Any) -> Stall:
    """Have three outputs on, one of them held, and a disk that has refused for 2 s."""
    bench.add("oven")
    root = Sequence("", HERE, "p", Modifiers(), (step(), step(hold=True)))
    bench.setting.plan = SimpleNamespace(root=root)
    on = {
        SPEED: Output(300.0, "rpm", "1", 0.0),
        HEAT: Output(60.0, "°C", "1", 0.0),
        HELD: Output(60.0, "°C", "2", 0.0),
    }
    bench.writer.state = evolve(bench.writer.state, outputs=on)
    bench.writer.stall = Stall(3.0, StorageError("disk full"), anyio.Event())
    return bench.writer.stall


async def over(
    bench: Any, stall: Stall, after: float = 60.0, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Watch until the disk takes events again, and a little longer."""
    async with anyio.create_task_group() as group:
        group.start_soon(watch_storage, bench.setting)
        await anyio.sleep(after)
        meanwhile()
        bench.writer.stall = None
        stall.over.set()
        await anyio.sleep(1.0)
        group.cancel_scope.cancel()


WHY = "disk full; for 2 s nothing could be recorded and nothing was begun"
TOLD = [Warned("W913", WHY), ControlAsked("pause", "labcore", WHY)]


def off(output: str, by: str = "the device's answer") -> StopSettled:
    return StopSettled("halted", (output,), by, suspends=True)


def test_what_is_on_goes_off_heat_first_and_is_told_of_afterwards(on_bench: OnBench) -> None:
    sent: list[tuple[str, bool]] = []

    def send(name: str, message: str = "") -> Any:
        async def go() -> Outcome:
            sent.append((name, STOPPING.get()))
            return Outcome("done", message=message)

        return go

    async def job(bench: Any) -> None:
        stall = prepare(bench)
        bench.device.sends = {"stop_heating": send("heat", "cold"), "stop_stirring": send("stir")}
        bench.sessions["oven"].driver.sends = {"stop_heating": send("oven")}
        await over(bench, stall, meanwhile=lambda: sent.append((f"{len(bench.events())} events", False)))
        assert bench.written() == [off("temperature", "cold"), off("speed"), *TOLD]
        assert [event.device for event in bench.events()] == ["plate", "plate", None, None]
        assert {event.source for event in bench.events()[:2]} == {"real"}
        assert list(bench.writer.state.suspended) == [HEAT, SPEED]
        assert (bench.writer.state.status, bench.writer.state.reason) == ("pausing", WHY)

    on_bench(job)
    assert sent == [("heat", True), ("stir", True), ("0 events", False)]


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (Outcome("unknown", message="no answer"), "no answer"),
        (Outcome("partly"), "the device did not say that it is off"),
        ("done", "the device did not say that it is off"),
        (ValueError("a bug"), "a bug"),
        (ValueError(), "not safe within 30 s"),
        (None, "not safe within 30 s"),
    ],
)
def test_what_may_not_be_off_is_unconfirmed_and_says_why(
    on_bench: OnBench, outcome: Any, message: str
) -> None:
    async def send() -> Any:
        if outcome is None:
            await anyio.sleep_forever()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def job(bench: Any) -> None:
        stall = prepare(bench)
        bench.device.sends = {"stop_stirring": send}
        await over(bench, stall)
        settled = StopSettled("unconfirmed", ("speed",), message=message, suspends=True)
        assert bench.written() == [off("temperature"), settled, *TOLD]
        assert bench.writer.state.outputs[SPEED].settled

    on_bench(job)
    assert OFF_WITHIN == 30.0


def test_what_went_off_by_itself_meanwhile_is_not_told_of_again(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        stall = prepare(bench)

        def gone() -> None:
            bench.writer.state = evolve(bench.writer.state, outputs={})

        await over(bench, stall, meanwhile=gone)
        assert bench.written() == TOLD

    on_bench(job)


@pytest.mark.parametrize("status", ["new", "ended"])
def test_a_run_that_is_over_by_then_is_told_nothing(on_bench: OnBench, status: str) -> None:
    async def job(bench: Any) -> None:
        stall = prepare(bench)
        end: Any = lambda: setattr(bench.writer, "state", evolve(bench.writer.state, status=status))  # noqa: E731
        await over(bench, stall, meanwhile=end)
        assert bench.written() == []

    on_bench(job)


def test_a_disk_that_refuses_later_is_noticed_too(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        async with anyio.create_task_group() as group:
            stall = prepare(bench)
            bench.writer.stall = None
            group.start_soon(watch_storage, bench.setting)
            await anyio.sleep(5.0)
            assert bench.written() == []
            bench.writer._refused(StorageError("disk full"))
            bench.writer._refused(StorageError("again"))
            assert (bench.writer.stall.since, str(bench.writer.stall.error)) == (5.0, "disk full")
            stall, bench.writer.stall = bench.writer.stall, None
            await anyio.sleep(5.0)
            stall.over.set()
            await anyio.sleep(1.0)
            assert bench.written() == []
            group.cancel_scope.cancel()
        await bench.writer.write(RunEnded("done"))

    on_bench(job)
