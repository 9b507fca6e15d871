"""Frame sources over OpenCV, against a real MJPEG stream on loopback and real files."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import cv2
import numpy as np
import pytest

from labcore.adapters.loop import run_loop
from labcore.errors import LinkLost, UsageError
from labcore.ports import FrameSource, Workers
from labcore_camera.capture import LiveCapture, open_camera
from labcore_camera.recording import Recording

QUICK = {"latency": "20 ms"}


def with_source(source: FrameSource, job: Callable[[], Awaitable[Any]]) -> Any:
    """Run `job` on a real clock with the source open."""

    async def main() -> Any:
        await source.open()
        try:
            with anyio.fail_after(15):
                return await job()
        finally:
            await source.aclose()

    return run_loop(main)


def test_a_plain_capture_is_stale_after_a_pause(network_camera: Any) -> None:
    """The reason for the grabber: without this the next test would prove nothing."""
    capture = cv2.VideoCapture(network_camera.url, cv2.CAP_FFMPEG)
    assert capture.read()[0]
    time.sleep(0.8)
    asked = network_camera.start + network_camera._number() / 20.0
    _, pixels = capture.read()
    capture.release()
    assert network_camera.exposed(network_camera.read(pixels)) < asked - 0.4


@pytest.mark.parametrize(
    ("latency", "slack"),
    [
        ("20 ms", 0.0),
        ("0 s", 0.03),  # nothing but the draining: true up to the 13 ms that this camera takes to send
    ],
)
def test_a_frame_after_a_pause_is_newer_than_the_request(
    latency: str, slack: float, network_camera: Any, workers: Workers
) -> None:
    source = open_camera(network_camera.url, {"latency": latency}, workers)

    async def job() -> list[tuple[float, float, float]]:
        seen = []
        for pause in (0.0, 0.8, 0.03, 0.3):
            await anyio.sleep(pause)
            asked = anyio.current_time()
            frame = await source.frame(asked)
            seen.append((asked, frame.at, network_camera.exposed(network_camera.read(frame.pixels))))
        return seen

    seen = with_source(source, job)
    assert len(seen) == 4
    for asked, at, exposed in seen:
        assert exposed > asked - slack
        assert at > asked
        assert at <= exposed + 0.06  # the stamp is at most the exposure, give or take a period
        assert exposed - asked < 0.4


def test_several_requests_at_once_each_get_a_frame_of_their_own_time(
    network_camera: Any, workers: Workers
) -> None:
    source = open_camera(network_camera.url, QUICK, workers)

    async def job() -> dict[float, float]:
        began, found = anyio.current_time(), {}

        async def one(after: float) -> None:
            frame = await source.frame(began + after)
            found[after] = network_camera.exposed(network_camera.read(frame.pixels)) - began

        async with anyio.create_task_group() as group:
            for after in (0.5, 0.0, 0.25):
                group.start_soon(one, after)
        return found

    found = with_source(source, job)
    assert found.keys() == {0.0, 0.25, 0.5}
    assert all(after < exposed < after + 0.3 for after, exposed in found.items())


def test_what_the_camera_says_and_what_it_did_not_follow_is_told(
    network_camera: Any, workers: Workers
) -> None:
    source = open_camera(
        network_camera.url, {**QUICK, "width": 1280, "exposure": 4.0, "driver_key": 1}, workers
    )
    told: dict[str, Any] = {}

    async def main() -> None:
        told.update(await source.open())
        await source.aclose()
        await source.aclose()

    run_loop(main)
    assert told["backend"] == "FFMPEG"
    assert (told["width"], told["height"]) == (160, 120)
    assert told["width_requested"] == 1280.0
    assert told["exposure_requested"] == 4.0


def test_a_cut_stream_is_connected_anew_and_nothing_old_is_delivered(
    network_camera: Any, workers: Workers
) -> None:
    source = open_camera(network_camera.url, QUICK, workers)

    async def job() -> tuple[str, float, float]:
        network_camera.mode = "cut"
        await anyio.sleep(0.3)
        with pytest.raises(LinkLost) as lost:
            await source.frame(anyio.current_time())
        network_camera.mode = "play"
        asked = anyio.current_time()
        frame = await _patiently(source, asked)
        return str(lost.value), asked, network_camera.exposed(network_camera.read(frame.pixels))

    message, asked, exposed = with_source(source, job)
    assert network_camera.url in message
    assert exposed > asked
    assert network_camera.connections >= 2


async def _patiently(source: FrameSource, asked: float) -> Any:
    while True:
        try:
            return await source.frame(asked)
        except LinkLost:
            await anyio.sleep(0.05)


def test_a_stalled_stream_is_given_up_and_found_again(network_camera: Any, workers: Workers) -> None:
    source = open_camera(network_camera.url, QUICK, workers)

    async def job() -> tuple[float, float, float]:
        network_camera.mode = "stall"
        began = anyio.current_time()
        with pytest.raises(LinkLost, match="gave no picture"):
            await source.frame(began)
        waited = anyio.current_time() - began
        network_camera.mode = "play"
        asked = anyio.current_time()
        frame = await _patiently(source, asked)
        return waited, asked, network_camera.exposed(network_camera.read(frame.pixels))

    waited, asked, exposed = with_source(source, job)
    assert waited < 5.0
    assert exposed > asked


def test_a_torn_frame_is_never_replaced_by_an_older_one(network_camera: Any, workers: Workers) -> None:
    """FFmpeg repeats the last good frame where one was torn; taken for new it would be one period too old."""
    source = open_camera(network_camera.url, {"latency": "0 s"}, workers)

    async def job() -> list[tuple[float, float]]:
        network_camera.torn = lambda number: number % 3 != 0
        seen = []
        for _ in range(6):
            await anyio.sleep(0.03)
            asked = anyio.current_time()
            frame = await source.frame(asked)
            seen.append((asked, network_camera.exposed(network_camera.read(frame.pixels))))
        return seen

    assert [exposed > asked for asked, exposed in with_source(source, job)] == [True] * 6


def test_a_camera_that_hangs_on_one_picture_is_flagged(network_camera: Any, workers: Workers) -> None:
    network_camera.frozen_at = 5
    source = open_camera(network_camera.url, QUICK, workers)

    async def job() -> tuple[str, ...]:
        return (await source.frame(anyio.current_time())).flags

    assert with_source(source, job) == ("repeated",)


def test_an_address_of_single_pictures_gives_a_new_one_each_time(
    network_camera: Any, workers: Workers
) -> None:
    network_camera.mode = "still"
    source = open_camera(network_camera.url, QUICK, workers)

    async def job() -> list[bool]:
        fresh = []
        for _ in range(2):
            asked = anyio.current_time()
            frame = await source.frame(asked)
            fresh.append(network_camera.exposed(network_camera.read(frame.pixels)) >= asked - 0.06)
        return fresh

    assert with_source(source, job) == [True, True]


def test_a_camera_that_is_not_there_is_named(workers: Workers) -> None:
    for source in ("0", "/dev/video97", "http://127.0.0.1:9/stream.mjpg"):
        camera = open_camera(source, {}, workers)

        async def main(camera: FrameSource = camera) -> None:
            try:
                with anyio.fail_after(10):
                    await camera.open()
            finally:
                await camera.aclose()

        with pytest.raises(LinkLost, match=source):
            run_loop(main)


def test_recordings_give_every_picture_once(tmp_path: Path, workers: Workers) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"img_{number:03d}.png"), np.full((48, 64, 3), 40 * number + 20, np.uint8))
    source = open_camera(str(tmp_path / "img_%03d.png"), {}, workers)

    async def job() -> list[int]:
        levels = [int((await source.frame(anyio.current_time())).pixels.mean()) for _ in range(3)]
        frame_flags.append((await _first(tmp_path, workers)).flags)
        with pytest.raises(LinkLost, match="after number 3"):
            await source.frame(0.0)
        return levels

    frame_flags: list[tuple[str, ...]] = []
    assert with_source(source, job) == [20, 60, 100]
    assert frame_flags == [("recorded",)]


async def _first(folder: Path, workers: Workers) -> Any:
    other = Recording(str(folder / "img_001.png"), workers)
    told = await other.open()
    assert (told["width"], told["height"]) == (64, 48)
    frame = await other.frame(0.0)
    await other.aclose()
    return frame


def test_the_source_decides_what_opens_it(tmp_path: Path, workers: Workers) -> None:
    assert isinstance(open_camera(0, {}, workers), LiveCapture)
    assert isinstance(open_camera("rtsp://camera/1", {}, workers), LiveCapture)
    assert isinstance(open_camera(f"file://{tmp_path}/a.avi", {}, workers), Recording)
    with pytest.raises(UsageError, match="unknown scheme 'gopher'"):
        open_camera("gopher://camera", {}, workers)
    with pytest.raises(LinkLost, match="there is no file"):
        run_loop(open_camera(str(tmp_path / "none.avi"), {}, workers).open)
    (tmp_path / "text.avi").write_text("no video")
    with pytest.raises(LinkLost, match="cannot be read"):
        run_loop(open_camera(str(tmp_path / "text.avi"), {}, workers).open)
