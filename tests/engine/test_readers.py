"""An observer that is slow, stuck, raising or dead is alone in it: the run and the other observers do not notice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from labcore.engine.readers import STRIKES
from labcore.model.event import Event
from labcore.plugin.observer import Desk, Observer
from labcore.testing.audience import Mode, notes, perform

What = Callable[[Event, Desk], Awaitable[Any]]
MODES: tuple[Mode, ...] = ("real", "virtual")
NOTES = 5
RAISED = (
    ValueError("no"),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    asyncio.CancelledError(),
    ExceptionGroup("several", [ValueError("one"), TypeError("two")]),
)


class Diary(Observer):
    """Remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    async def see(self, event: Event, desk: Desk) -> None:
        self.seen.append(event.position)


def doing(what: Callable[[Event, Desk], Awaitable[Any]], limit: float = 0.2, **more: Any) -> Observer:
    """Return an observer that does `what` with every note."""

    class Doing(Observer):
        kinds = more.get("kinds", frozenset({"noted"}))

        async def see(self, event: Event, desk: Desk) -> None:
            await what(event, desk)

    Doing.limit = limit
    return Doing()


def between(mode: Mode) -> float:
    return 0.01 if mode == "real" else 60.0


def struck(what: What, mode: Mode, *, strikes: int, late: bool, limit: float = 0.2) -> None:
    """Check that an observer is out after so many strikes, and that nobody else noticed."""
    diary = Diary()
    found = perform({"bad": doing(what, limit), "good": diary}, notes(NOTES, between(mode)), mode=mode)
    mine = found.failures
    assert {one.reader for one in mine} == {"bad"}
    assert len(mine) == strikes
    assert [one.out for one in mine] == [False] * (strikes - 1) + [True]
    assert mine[-1].strikes == STRIKES
    assert {one.late for one in mine} == {late}
    assert found.state.reproducible is not late
    assert [event.at for event in found.of("noted")] == pytest.approx(
        [n * between(mode) for n in range(NOTES)], abs=0.0 if mode == "virtual" else 0.2
    )
    last = found.of("run_ended")[0].position
    assert [n for n in diary.seen if n <= last] == list(range(last + 1))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_whatever_it_raises_it_is_out_after_three(mode: Mode, error: BaseException) -> None:
    async def what(event: Event, desk: Desk) -> None:
        raise error

    struck(what, mode, strikes=STRIKES, late=False)


@pytest.mark.parametrize("mode", MODES)
def test_an_exception_that_cannot_say_what_it_is(mode: Mode) -> None:
    class Mute(Exception):
        def __repr__(self) -> str:
            raise RuntimeError

    async def what(event: Event, desk: Desk) -> None:
        raise Mute

    struck(what, mode, strikes=STRIKES, late=False)


@pytest.mark.parametrize("mode", MODES)
def test_one_that_waits_for_ever(mode: Mode) -> None:
    async def what(event: Event, desk: Desk) -> None:
        await anyio.Event().wait()

    struck(what, mode, strikes=STRIKES, late=True)


@pytest.mark.parametrize("mode", MODES)
def test_one_whose_thread_is_blocked(mode: Mode) -> None:
    async def what(event: Event, desk: Desk) -> None:
        await desk.work(threading.Event().wait)

    struck(what, mode, strikes=STRIKES, late=True)


@pytest.mark.parametrize("mode", MODES)
def test_one_that_blocks_where_it_should_wait(mode: Mode) -> None:
    async def what(event: Event, desk: Desk) -> None:
        threading.Event().wait()

    struck(what, mode, strikes=1, late=True)


@pytest.mark.parametrize("mode", MODES)
def test_one_that_computes_for_ever(mode: Mode) -> None:
    over = threading.Event()

    async def what(event: Event, desk: Desk) -> None:
        while not over.is_set():
            pass

    try:
        struck(what, mode, strikes=1, late=True)
    finally:
        over.set()


@pytest.mark.parametrize("mode", MODES)
def test_one_that_does_not_let_itself_be_called_off(mode: Mode) -> None:
    over = threading.Event()

    async def what(event: Event, desk: Desk) -> None:
        while not over.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue

    try:
        struck(what, mode, strikes=1, late=True)
    finally:
        over.set()


@pytest.mark.parametrize("mode", MODES)
def test_one_whose_own_task_ends_the_loop(mode: Mode) -> None:
    async def leave() -> None:
        raise SystemExit

    async def what(event: Event, desk: Desk) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(leave)

    struck(what, mode, strikes=STRIKES, late=False)


def test_one_strike_is_forgiven_and_the_next_event_is_seen() -> None:
    seen: list[int] = []

    async def what(event: Event, desk: Desk) -> None:
        seen.append(event.position)
        if len(seen) == 2:
            await anyio.sleep_forever()

    found = perform({"once": doing(what)}, notes(NOTES))
    assert [(one.at_position, one.strikes, one.out) for one in found.failures] == [(seen[1], 1, False)]
    assert len(seen) == NOTES


def test_what_it_said_before_it_was_stuck_is_on_record() -> None:
    async def what(event: Event, desk: Desk) -> None:
        await desk.observe("x", "vial", 1.0, low=None, high=None, evidence=(event.position,))
        await anyio.sleep_forever()

    found = perform({"late": doing(what)}, notes(NOTES))
    assert len(found.of("observed")) == STRIKES


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "much", object()])
def test_a_value_that_no_journal_can_hold_is_the_observers_failure(value: Any) -> None:
    async def what(event: Event, desk: Desk) -> None:
        await desk.observe("x", "vial", value, low=None, high=None, evidence=())

    struck(what, "virtual", strikes=STRIKES, late=False)


def test_it_sleeps_on_the_runs_clock() -> None:
    times: list[tuple[float, float]] = []

    async def what(event: Event, desk: Desk) -> None:
        before = anyio.current_time()
        with anyio.move_on_after(30.0):
            await anyio.sleep_forever()
        times.append((before, anyio.current_time()))

    begun = time.monotonic()
    perform({"sleepy": doing(what, limit=5.0)}, notes(3, 100.0))
    assert times == [(0.0, 30.0), (100.0, 130.0), (200.0, 230.0)]
    assert time.monotonic() - begun < 5.0


def test_virtual_time_waits_for_the_world_within_the_limit() -> None:
    heard: list[float] = []

    async def what(event: Event, desk: Desk) -> None:
        news, loop = asyncio.Event(), asyncio.get_running_loop()
        caller = threading.Timer(0.05, loop.call_soon_threadsafe, (news.set,))
        caller.start()
        await news.wait()
        caller.join()
        heard.append(anyio.current_time())

    found = perform({"outside": doing(what, limit=5.0)}, notes(3))
    assert heard == [0.0, 1.0, 2.0]
    assert found.state.reproducible


def test_a_slow_one_holds_the_virtual_clock_but_no_real_run() -> None:
    async def what(event: Event, desk: Desk) -> None:
        await desk.work(time.sleep, 0.1)
        await desk.observe("x", "vial", 1.0, low=None, high=None, evidence=(event.position,))

    held = perform({"slow": doing(what, limit=5.0)}, notes(NOTES))
    assert [event.at for event in held.of("observed")] == [float(n) for n in range(NOTES)]
    begun = time.monotonic()
    free = perform({"slow": doing(what, limit=5.0)}, notes(NOTES, 0.0), mode="real")
    assert free.written < 0.1
    assert len(free.of("observed")) == NOTES  # after the run's end
    assert time.monotonic() - begun >= 0.5


def test_only_the_kinds_it_wants_are_shown() -> None:
    seen: list[str] = []

    async def what(event: Event, desk: Desk) -> None:
        seen.append(event.kind)

    perform({"choosy": doing(what, kinds=frozenset({"run_started", "run_ended"}))}, notes(3))
    assert seen == ["run_started", "run_ended"]


def test_it_hears_what_others_say_after_the_end_and_not_its_own() -> None:
    heard: list[str] = []

    async def speaker(event: Event, desk: Desk) -> None:
        if event.kind == "run_ended":
            await desk.work(time.sleep, 0.1)
            await desk.say("late", 1, {})

    async def listener(event: Event, desk: Desk) -> None:
        heard.append(event.kind)

    for mode in MODES:
        heard.clear()
        perform(
            {"speaker": doing(speaker, 5.0, kinds=None), "listener": doing(listener, 5.0, kinds=None)},
            notes(1, 0.0),
            mode=mode,
        )
        assert heard == ["run_started", "noted", "run_ended", "plugin"]


STUCK = """
import threading
from labcore.plugin.observer import Observer
from labcore.testing.audience import notes, perform

class Block(Observer):
    limit = 0.2
    async def see(self, event, desk):
        threading.Event().wait()

class Work(Block):
    async def see(self, event, desk):
        await desk.work(threading.Event().wait)

perform({{"block": Block(), "work": Work()}}, notes(5, 0.01), mode={mode!r})
print("over")
"""


@pytest.mark.parametrize("mode", MODES)
def test_threads_that_hang_do_not_keep_the_process(mode: Mode) -> None:
    script = STUCK.format(mode=mode)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "over\n", "")
