"""What a lab file may say about a camera."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from labcore.model.fields import Duration
from labcore.model.quantity import Quantity
from labcore.plugin.driver import DriverOptions


class CameraOptions(DriverOptions):
    """Options of a camera in the lab file.

    `width`, `height` (pixels), `fps` and `exposure` (the back end's own unit) are requests: cameras ignore or
    round them, so what really holds is read back and stands in every picture's settings. `latency` is the
    longest time from exposure to arrival; pictures that may be older than the request by that much are passed
    over.
    """

    format: Literal["png", "jpeg"] = "png"
    quality: int = Field(default=95, ge=1, le=100)
    width: int | None = Field(default=None, gt=0)
    height: int | None = Field(default=None, gt=0)
    fps: float | None = Field(default=None, gt=0)
    exposure: float | None = None
    timeout: Duration = Quantity(8.0, "s")
    latency: Duration = Quantity(0.2, "s")
    frozen_after: int = Field(default=3, ge=2)

    def requests(self) -> dict[str, float]:
        """Return what is asked of the camera itself, by name."""
        asked = {"width": self.width, "height": self.height, "fps": self.fps, "exposure": self.exposure}
        return {name: float(value) for name, value in asked.items() if value is not None}


def options_from(entry: Mapping[str, Any]) -> CameraOptions:
    """Return the camera options found in a device's entry; keys of another driver are left alone."""
    known = {name: value for name, value in entry.items() if name in CameraOptions.model_fields}
    return CameraOptions.model_validate(known)
