"""The driver: fresh pictures or a clear error, and what is wrong with a picture written beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anyio
import cv2
import numpy as np
import pytest

from labcore.adapters.loop import run_loop, run_virtual
from labcore.capabilities.act import Spot
from labcore.errors import DeviceError, DeviceTimeout, LinkLost
from labcore.model.observation import Picture
from labcore.plugin.driver import Site
from labcore.ports import Frame, FrameSource, Workers
from labcore.wire.sim_frames import SimFrames
from labcore_camera.capture import open_camera
from labcore_camera.driver import OpencvCamera
from labcore_camera.options import CameraOptions

SPOT = Spot("reactor", "stirrer")


def noisy(level: float = 120.0, seed: int = 0) -> Any:
    """Paint a picture with a sensor's noise."""
    noise = np.random.default_rng(seed).normal(0, 3, (60, 80, 3))
    return np.clip(level + noise, 0, 255).astype(np.uint8)


class Painter:
    """A simulated camera that shows what `paint` makes of the time."""

    fps = 10.0

    def __init__(self, paint: Callable[[float], Any]) -> None:
        self.frame = paint


class Lens:
    """A frame source under the test's hand: it delivers `pixels`, or raises, or waits for ever."""

    name = "lens"

    def __init__(
        self, pixels: Any = None, *, error: Exception | None = None, flags: tuple[str, ...] = ()
    ) -> None:
        self.pixels, self.error, self.flags = pixels, error, flags

    async def open(self) -> Mapping[str, Any]:
        return {"width": 80, "gain": np.float32(2.0)}

    async def frame(self, newer_than: float) -> Frame:
        if self.error is not None:
            raise self.error
        if self.pixels is None:
            await anyio.sleep_forever()
        return Frame(self.pixels, anyio.current_time(), self.flags, {"number": 7})

    async def aclose(self) -> None:
        return None


def driver(source: FrameSource, workers: Workers, **options: Any) -> OpencvCamera:
    site = Site("camera", simulated=True, frames=source, workers=workers)
    return OpencvCamera(site, CameraOptions.model_validate(options))


def captures(source: FrameSource, workers: Workers, count: int = 1, **options: Any) -> list[Picture]:
    """Connect and take pictures in virtual time."""

    async def main() -> list[Picture]:
        camera = driver(source, workers, **options)
        await camera.connect()
        return [await camera.capture(SPOT) for _ in range(count)]

    return run_virtual(main)


def test_a_picture_is_encoded_without_loss_and_described(workers: Workers) -> None:
    [picture] = captures(Lens(noisy()), workers)
    assert picture.media_type == "image/png"
    assert picture.shape == (60, 80)
    assert (cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR) == noisy()).all()
    assert picture.settings["flags"] == ""
    assert picture.settings["number"] == 7
    assert picture.settings["gain"] == "2.0"
    assert 115 < float(picture.settings["mean_level"]) < 130


def test_jpeg_when_the_lab_says_so(workers: Workers) -> None:
    [picture] = captures(Lens(noisy()), workers, format="jpeg", quality=60)
    assert picture.media_type == "image/jpeg"
    assert picture.data.startswith(b"\xff\xd8\xff")


def torn() -> Any:
    """Paint what FFmpeg makes of a JPEG that was cut on its way: green from there on (measured)."""
    return np.vstack([noisy()[:36], np.full((24, 80, 3), (0, 135, 0), np.uint8)])


@pytest.mark.parametrize(
    ("pixels", "flags"),
    [
        (noisy(2.0), "black"),
        (np.zeros((60, 80, 3), np.uint8), "black"),
        (noisy(260.0), "over_exposed"),
        (torn(), "cut"),
        (noisy(40.0), ""),
        (np.vstack([noisy(120.0)[:40], np.full((20, 80, 3), 255, np.uint8)]), ""),
    ],
)
def test_a_bad_picture_is_flagged(pixels: Any, flags: str, workers: Workers) -> None:
    [picture] = captures(Lens(pixels), workers)
    assert picture.settings["flags"] == flags


def test_the_same_pixels_again_and_again_are_frozen(workers: Workers) -> None:
    pictures = captures(Lens(noisy()), workers, 4)
    assert [picture.settings["flags"] for picture in pictures] == ["", "", "frozen", "frozen"]


def test_a_live_picture_is_never_frozen_and_thaws(workers: Workers) -> None:
    source = SimFrames(
        Painter(lambda now: noisy(seed=0 if now < 0.45 else 1)), name="sim://camera", workers=workers
    )
    flags = [picture.settings["flags"] for picture in captures(source, workers, 6)]
    assert flags == ["", "", "frozen", "frozen", "", ""]


def test_a_sources_own_flags_are_kept(workers: Workers) -> None:
    [picture] = captures(Lens(noisy(), flags=("recorded",)), workers)
    assert picture.settings["flags"] == "recorded"


def test_no_fresh_frame_is_a_clear_timeout(workers: Workers) -> None:
    with pytest.raises(
        DeviceTimeout, match=r"camera: lens has not delivered a fresh frame within 2 s.*cable"
    ) as found:
        captures(Lens(), workers, timeout="2 s")
    assert found.value.device == "camera"


def test_a_camera_that_simulates_a_failure_times_out_in_virtual_time(workers: Workers) -> None:
    source = SimFrames(Painter(lambda now: None), name="sim://camera", workers=workers)
    with pytest.raises(DeviceTimeout, match="sim://camera"):
        captures(source, workers)


def test_a_lost_camera_is_named(workers: Workers) -> None:
    with pytest.raises(LinkLost) as found:
        captures(Lens(error=LinkLost("gone")), workers)
    assert found.value.device == "camera"


def test_a_camera_without_a_source_says_what_is_missing(workers: Workers) -> None:
    with pytest.raises(DeviceError, match="Give the device a `source:`"):
        OpencvCamera(Site("camera", simulated=False, workers=workers), CameraOptions.model_validate({}))


def test_the_driver_over_a_real_stream(network_camera: Any, workers: Workers) -> None:
    async def main() -> tuple[str, Picture, float]:
        source = open_camera(network_camera.url, {"latency": "20 ms", "width": 1280}, workers)
        camera = driver(source, workers, latency="20 ms", width=1280)
        identity = await camera.connect()
        try:
            await anyio.sleep(0.4)
            asked = anyio.current_time()
            picture = await camera.capture(SPOT)
            return identity.detail["width_requested"], picture, asked
        finally:
            await camera.disconnect()

    requested, picture, asked = run_loop(main)
    assert requested == "1280.0"
    assert picture.settings["width"] == 160
    pixels = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR)
    assert network_camera.exposed(network_camera.read(pixels)) > asked
