"""Where pictures are painted from what a camera has seen, in whatever thread asks for them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from .course import Course
from .rules import Rules
from .station import Station

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .picture.painter import Painter


class Darkroom:
    """Paints one picture at a time, for the painter keeps still layers. It knows nothing of the present world."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self.seed, self.rules = seed, rules
        self._one_at_a_time = threading.Lock()
        self._painter: Painter | None = None

    def picture(
        self, course: Course | None, station: Station, t: float, *, camera: str, size: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """Return a picture (height, width, 3), BGR, of a vessel on its place at world time `t` (s)."""
        vessel = None if course is None else course.seen()
        with self._one_at_a_time:
            if self._painter is None:
                from .picture.painter import Painter  # OpenCV comes with it: not on the loop's thread

                self._painter = Painter(self.seed, self.rules)
            return self._painter.paint(vessel, station, t, camera=camera, size=size)
