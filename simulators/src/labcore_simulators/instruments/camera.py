"""A camera that looks at one place of the bench (`sim://camera`): frames instead of bytes.

Options (all optional): `sees` (the place; default: the lab's positions whose `seen_by` is this device, else
`stirrer`), `width`, `height` (640 x 480), `fps` (20), `fault` ("none", "dark": nothing arrives).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from .company import company_of, options_of
from .contract import Bench, places_of_station


class Camera:
    """Gives the picture of the instant it is asked for. `frames` and `last` (s) are for tests only."""

    NOT_MODELLED: ClassVar[tuple[str, ...]] = (
        "exposure, focus and white balance as settings; rolling shutter and motion blur of the carriage",
        "a driver's own queue of frames: in process every frame is of the instant asked for",
        "lens distortion and a view of more than one place at a time",
    )

    def __init__(
        self, world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
    ) -> None:
        options = options_of(lab, device, options)
        self.company = company_of(world)
        sees = options.get("sees")
        self.world, self.device = world, device
        self.place = str(sees) if sees else next(iter(places_of_station(lab, device, "seen_by")), "stirrer")
        self.width, self.height = int(options.get("width", 640)), int(options.get("height", 480))
        self.fps = float(options.get("fps", 20.0))
        self.dark = options.get("fault", "none") == "dark"
        self.frames = 0
        self.last = -math.inf

    def frame(self, now: float) -> Any:
        """Return pixels (height, width, 3), uint8, BGR, or None if the camera delivers nothing."""
        return self.expose(now)()

    def expose(self, now: float) -> Callable[[], Any]:
        """Look at the world now; what is returned gives what `frame` would have given, in any thread."""
        if self.dark:
            return lambda: None
        self.company.catch_up(now)
        self.frames, self.last = self.frames + 1, now
        return self.world.expose(self.place, now, camera=self.device, width=self.width, height=self.height)

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {"frames": self.frames, "last": self.last}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.frames, self.last = state["frames"], state["last"]
