"""The guard on fake lines: what it sends, when, and what it says, while the loop answers and while it does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import pytest
from in_memory import MemoryLine

from labcore.adapters.loop import run_loop
from labcore.engine.guard import Guard
from labcore.engine.guard_post import STOPPING, Post
from labcore.engine.guard_report import Report
from labcore.errors import DeviceRefused, LinkLost
from labcore.plugin.driver import BreaksIn, SafeAct
from labcore.ports import ByteStream, LineSettings


class FakeLine(MemoryLine):
    """A line that keeps what came over it, from which thread and when."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.wire: list[tuple[str, bytes, float, str]] = []
        self.broken = False
        self.stuck = threading.Event()
        self.stuck.set()

    def urgent(self, data: bytes) -> None:
        self.stuck.wait(10)
        if self.broken:
            raise LinkLost("no cable")
        super().urgent(data)

    def put(self, how: str, data: bytes) -> None:
        self.wire.append((how, data, time.monotonic(), threading.current_thread().name))

    def urgents(self) -> list[bytes]:
        return [data for how, data, _, _ in self.wire if how == "urgent"]


class Plate:
    """A driver as far as the guard knows one. `answers` are what `confirm` says, one after another."""

    def __init__(self, *answers: bool, output: str = "speed", breaks_in: BreaksIn = "realtime") -> None:
        self.answers = list(answers)
        self.output, self.breaks_in = output, breaks_in
        self.frames: tuple[bytes, ...] = (b"STOP\r\n",)
        self.asked = 0

    def safe(self) -> tuple[SafeAct, ...]:
        return (SafeAct(self.output, self.frames, self.breaks_in, self.confirm),)

    async def confirm(self) -> bool:
        self.asked += 1
        await anyio.lowlevel.checkpoint()
        return self.answers.pop(0) if self.answers else True


Reports = dict[str, Report]


async def opened(name: str, driver: Plate, line: FakeLine) -> tuple[Post, ByteStream]:
    post = Post(name, line)
    post.keep(driver.safe)
    post.watch(lambda changed: None)
    return post, await post.link.open(LineSettings())


async def fired(guard: Guard, meanwhile: Callable[[], Any] = lambda: None) -> Reports:
    """Fire and return the reports; `meanwhile` runs on the loop and may block it."""
    found: Reports = {}

    def done(reports: Mapping[str, Report]) -> None:
        found.update(reports)

    async with anyio.create_task_group() as group:
        group.start_soon(guard.serve)
        await anyio.lowlevel.checkpoint()
        guard.fire("emergency stop by me", done)
        meanwhile()
        await guard.finish()
        group.cancel_scope.cancel()
    return found


def guarding(job: Callable[..., Any]) -> Any:
    """Run `job(start)` in real time; `start(posts)` gives a guard that is closed afterwards."""

    async def go() -> Any:
        guards: list[Guard] = []

        def start(*posts: Post) -> Guard:
            guards.append(Guard(posts))
            guards[0].start()
            return guards[0]

        try:
            return await job(start)
        finally:
            for guard in guards:
                guard.close()

    return run_loop(go)


def test_frames_go_out_from_the_guards_thread_and_are_confirmed_on_the_loop() -> None:
    line, plate = FakeLine(), Plate(True)

    async def job(start: Any) -> Reports:
        post, _ = await opened("plate", plate, line)
        return await fired(start(post))

    assert guarding(job) == {"plate": Report("plate", "confirmed")}
    assert [(how, data, thread) for how, data, _, thread in line.wire] == [
        ("urgent", b"STOP\r\n", "labcore-guard plate")
    ]


def test_frames_are_repeated_until_the_device_confirms() -> None:
    line, plate = FakeLine(), Plate(False, False, True)

    async def job(start: Any) -> Reports:
        post, _ = await opened("plate", plate, line)
        return await fired(start(post))

    assert guarding(job)["plate"].made == "confirmed"
    assert len(line.urgents()) == 3


def test_a_blocked_loop_delays_the_confirmation_and_not_the_frames() -> None:
    line, plate = FakeLine(), Plate()
    began: list[float] = []

    def block() -> None:
        began.append(time.monotonic())
        time.sleep(1.2)

    async def job(start: Any) -> Reports:
        post, _ = await opened("plate", plate, line)
        return await fired(start(post), block)

    assert guarding(job)["plate"].made == "confirmed"
    assert line.wire[0][2] - began[0] < 0.05
    assert len(line.urgents()) >= 2, "it is sent again while nobody can ask"


def test_a_loop_that_never_answers_leaves_it_at_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labcore.engine.guard.LIMIT", 1.0)
    line = FakeLine()

    async def job(start: Any) -> Reports:
        post, _ = await opened("plate", Plate(), line)
        guard, found, over = start(post), {}, threading.Event()
        guard.fire("why", lambda reports: (found.update(reports), over.set())[0])
        over.wait(5)  # on the loop: it cannot ask anything
        return found

    report = guarding(job)["plate"]
    assert report.made == "sent"
    assert "loop does not answer" in report.message


@pytest.mark.parametrize("trouble", ["broken", "never opened", "stuck"])
def test_one_device_that_cannot_be_reached_keeps_no_other_waiting(
    trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcore.engine.guard.LIMIT", 0.5)
    bad, good = FakeLine("bad"), FakeLine("good")

    async def job(start: Any) -> tuple[Reports, float]:
        post, _ = await opened("good", Plate(), good)
        other, _ = await opened("bad", Plate(output="temperature"), bad)
        bad.broken = trouble == "broken"
        if trouble == "never opened":
            other.opened(None)
        if trouble == "stuck":
            bad.stuck.clear()
            threading.Timer(1.0, lambda: (setattr(bad, "broken", True), bad.stuck.set())).start()
        began = time.monotonic()
        return await fired(start(other, post)), began

    reports, began = guarding(job)
    assert reports["good"] == Report("good", "confirmed")
    assert reports["bad"].made == "not_reached"
    assert reports["bad"].message
    assert good.wire[0][2] - began < 0.1


def test_only_what_stops_is_sent_once_the_line_is_closed() -> None:
    line = FakeLine()

    async def job(start: Any) -> None:
        post, stream = await opened("plate", Plate(), line)
        await stream.send(b"START\r\n")
        await fired(start(post))
        with pytest.raises(DeviceRefused, match="emergency stop by me"):
            await stream.send(b"START\r\n")
        STOPPING.set(True)
        await stream.send(b"STATUS\r\n")

    guarding(job)
    assert [data for _, data, _, _ in line.wire] == [b"START\r\n", b"STOP\r\n", b"STATUS\r\n"]


def test_devices_without_a_safe_state_have_nothing_to_report() -> None:
    class Camera(Plate):
        def safe(self) -> tuple[SafeAct, ...]:
            return ()

    async def job(start: Any) -> Reports:
        post, _ = await opened("camera", Camera(), FakeLine())
        return await fired(start(post))

    assert guarding(job) == {}


def test_a_driver_that_raises_when_asked_is_not_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labcore.engine.guard.LIMIT", 0.6)

    class Broken(Plate):
        async def confirm(self) -> bool:
            raise ZeroDivisionError("a bug")

    async def job(start: Any) -> Reports:
        post, _ = await opened("plate", Broken(), FakeLine())
        return await fired(start(post))

    report = guarding(job)["plate"]
    assert (report.made, "a bug" in report.message) == ("sent", True)


def test_a_device_that_does_not_answer_in_time_is_said_to_be_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labcore.engine.guard.LIMIT", 0.6)
    monkeypatch.setattr("labcore.engine.guard.CONFIRM_WITHIN", 0.2)

    class Silent(Plate):
        async def confirm(self) -> bool:
            await anyio.sleep_forever()
            raise AssertionError

    async def job(start: Any) -> Reports:
        post, _ = await opened("plate", Silent(), FakeLine())
        return await fired(start(post))

    assert guarding(job) == {"plate": Report("plate", "sent", "it does not answer within 0.2 s")}


def test_without_a_loop_the_frames_go_out_and_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labcore.engine.guard.LIMIT", 0.3)
    line, guards = FakeLine(), []

    async def job() -> None:
        post, _ = await opened("plate", Plate(), line)
        guards.append(Guard([post]))
        guards[0].start()

    run_loop(job)
    found: Reports = {}
    over = threading.Event()
    guards[0].fire("why", lambda reports: (found.update(reports), over.set())[0])
    assert over.wait(5)
    guards[0].close()
    why = "the run's loop has ended: nobody asks the device"
    assert found == {"plate": Report("plate", "sent", why)}
    assert line.urgents()[0] == b"STOP\r\n"
