"""Frames of a simulated camera: at its own instants, newer than asked, the same in every run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.workers import ThreadWorkers
from labcore.errors import LinkLost
from labcore.wire.sim_frames import SimFrames


class Stamp:
    """A camera whose pixels are the time, and which notes in which thread it painted."""

    fps = 20.0

    def __init__(self, *, dead_until: float = 0.0) -> None:
        self.dead_until = dead_until
        self.threads: list[bool] = []

    def frame(self, now: float) -> Any:
        self.threads.append(threading.current_thread() is threading.main_thread())
        return None if now < self.dead_until else now


class Shutter(Stamp):
    """One that looks at the world on the loop and paints later."""

    def expose(self, now: float) -> Callable[[], Any]:
        self.threads.append(threading.current_thread() is threading.main_thread())
        return lambda: self.frame(now)


@pytest.fixture
def workers() -> Iterator[ThreadWorkers]:
    threads = ThreadWorkers()
    yield threads
    threads.close()


async def times(source: SimFrames, pauses: tuple[float, ...]) -> list[tuple[float, float]]:
    """Ask after each pause; return when it was asked and when the frame was exposed."""
    await source.open()
    found = []
    for pause in pauses:
        await anyio.sleep(pause)
        asked = anyio.current_time()
        frame = await source.frame(asked)
        assert frame.pixels == pytest.approx(frame.at, abs=1e-9)
        found.append((asked, frame.at))
    return found


def test_a_frame_waits_for_the_next_opening_of_the_shutter(workers: ThreadWorkers) -> None:
    source = SimFrames(Stamp(), name="sim://camera", workers=workers)
    found = run_virtual(times, source, (0.0, 0.0, 0.01, 0.07, 3600.02))
    assert [at for _, at in found] == pytest.approx([0.05, 0.1, 0.15, 0.25, 3600.3])
    assert all(at > asked for asked, at in found)


def test_a_frame_at_the_very_instant_is_not_newer(workers: ThreadWorkers) -> None:
    source = SimFrames(Stamp(), name="sim://camera", workers=workers, fps=10)
    assert run_virtual(times, source, (0.3, 0.1)) == [pytest.approx((0.3, 0.4)), pytest.approx((0.5, 0.6))]


def test_a_request_for_the_future_waits_for_it(workers: ThreadWorkers) -> None:
    async def main() -> float:
        source = SimFrames(Stamp(), name="sim://camera", workers=workers)
        await source.open()
        return (await source.frame(7.01)).at

    assert run_virtual(main) == pytest.approx(7.05)


def test_the_world_is_looked_at_on_the_loop_and_painted_by_a_worker(workers: ThreadWorkers) -> None:
    for camera, on_loop in ((Stamp(), [True]), (Shutter(), [True, False])):
        run_virtual(times, SimFrames(camera, name="sim://camera", workers=workers), (0.0,))
        assert camera.threads == on_loop


def test_a_dead_camera_is_waited_for(workers: ThreadWorkers) -> None:
    source = SimFrames(Stamp(dead_until=2.0), name="sim://camera", workers=workers)
    assert run_virtual(times, source, (0.0,)) == [pytest.approx((0.0, 2.0))]


def test_a_closed_source_says_so(workers: ThreadWorkers) -> None:
    source = SimFrames(Stamp(), name="sim://camera", workers=workers)
    with pytest.raises(LinkLost, match="sim://camera is not open"):
        run_virtual(source.frame, 0.0)


def test_the_same_times_in_every_run(workers: ThreadWorkers) -> None:
    runs = [
        run_virtual(times, SimFrames(Stamp(), name="sim://camera", workers=workers), (0.1, 0.33, 1.7))
        for _ in range(3)
    ]
    assert runs[0] == runs[1] == runs[2]
