"""The driver `opencv-camera`: fresh pictures, encoded, with what is wrong with them written beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import anyio

from labcore.capabilities.act import Spot
from labcore.capabilities.imaging import Imaging
from labcore.errors import DeviceError, DeviceTimeout
from labcore.model.observation import Picture
from labcore.plugin.driver import DriverOptions, Identity, Limit, SafeAct, Site
from labcore.ports import Frame, FrameSource, Workers
from labcore_camera.look import Look, develop
from labcore_camera.options import CameraOptions

Setting = str | float | int | bool


class OpencvCamera:
    """Take pictures of vessels through a `FrameSource`.

    Lifetime: from `connect` to `disconnect`. Concurrency: one capture at a time (the engine's lock sees to
    it).
    """

    capabilities: ClassVar[tuple[type, ...]] = (Imaging,)
    Options: ClassVar[type[DriverOptions]] = CameraOptions
    transport: ClassVar[Literal["link", "frames", "person"]] = "frames"
    simulator: ClassVar[str] = "camera"
    limits: ClassVar[Mapping[str, Limit]] = {}
    watchdog: ClassVar[tuple[str, ...]] = ()

    def __init__(self, site: Site, options: CameraOptions) -> None:
        if site.frames is None or site.workers is None:
            raise DeviceError(
                f"{site.device}: a camera needs a source of frames and workers, and got none",
                remedy="Give the device a `source:` in the lab file.",
                device=site.device,
            )
        self._device = site.device
        self._frames: FrameSource = site.frames
        self._workers: Workers = site.workers
        self._options = options
        self._told: dict[str, Setting] = {}
        self._last = ""
        self._same = 0

    async def connect(self) -> Identity:
        """Open the source and read back what it made of the requests."""
        told = await self._bounded(self._frames.open, "opened")
        self._told = {name: _plain(value) for name, value in told.items()}
        return Identity(self._frames.name, detail={name: str(value) for name, value in self._told.items()})

    async def disconnect(self) -> None:
        """Close the source."""
        await self._frames.aclose()

    def safe(self) -> tuple[SafeAct, ...]:
        """Return nothing: a camera moves nothing."""
        return ()

    async def capture(self, spot: Spot) -> Picture:
        """Return a picture of `spot` exposed after this call began.

        Settings: what the source says, `flags` (comma-separated: black, frozen, cut, over_exposed, and the
        source's own), `mean_level` (0-255), `clipped_share` (0-1), `waited` (s from the call to the frame).
        DeviceTimeout if no fresh frame comes.
        """
        began = anyio.current_time()
        frame = await self._bounded(lambda: self._frames.frame(began), "delivered a fresh frame")
        picture, look = await self._workers.run(
            develop, frame.pixels, self._options.format, self._options.quality
        )
        return replace(picture, settings=self._settings(frame, look, began))

    async def _bounded(self, ask: Callable[[], Any], what: str) -> Any:
        limit = self._options.timeout.in_("s")
        try:
            with anyio.fail_after(limit):
                return await ask()
        except TimeoutError as error:
            raise DeviceTimeout(
                f"{self._device}: {self._frames.name} has not {what} within {limit:g} s",
                remedy="Check the cable or the network and that no other program holds the camera; "
                "`timeout:` in the lab file allows for a slow one.",
                device=self._device,
            ) from error
        except DeviceError as error:
            error.device = error.device or self._device
            raise

    def _settings(self, frame: Frame, look: Look, began: float) -> dict[str, Setting]:
        own = {name: _plain(value) for name, value in frame.settings.items()}
        flags = (*frame.flags, *look.flags(), *self._frozen(look))
        return {
            **self._told,
            **own,
            "flags": ",".join(dict.fromkeys(flags)),
            "mean_level": look.mean,
            "clipped_share": look.clipped,
            "waited": round(max(0.0, frame.at - began), 3),
        }

    def _frozen(self, look: Look) -> tuple[str, ...]:
        """Flag a picture whose every pixel equals the ones before: a live sensor has noise."""
        self._same = self._same + 1 if look.digest == self._last else 1
        self._last = look.digest
        return ("frozen",) if self._same >= self._options.frozen_after else ()


def _plain(value: Any) -> Setting:
    return value if isinstance(value, str | bool | int | float) else str(value)
