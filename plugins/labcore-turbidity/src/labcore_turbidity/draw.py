"""Draw a reading onto its picture, for the notebook."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .reading import Corners, Quality, Reading
from .vision.arrays import Picture
from .vision.pixels import checked

__all__ = ["overlay"]

COLOURS: dict[Quality, tuple[int, int, int]] = {
    "good": (110, 190, 60),
    "doubtful": (0, 165, 255),
    "bad": (60, 60, 230),
}  # blue, green, red
SHIFT = 3  # fractional bits that the drawing functions take


def overlay(picture: Picture, reading: Reading | Sequence[Reading]) -> Picture:
    """Return a copy of the picture with the vial, the liquid that was read and the value drawn in."""
    canvas = checked(picture).copy()
    for one in [reading] if isinstance(reading, Reading) else reading:
        _draw(canvas, one)
    return canvas


def _draw(canvas: Picture, reading: Reading) -> None:
    colour = COLOURS[reading.quality]
    thick = max(1, round(canvas.shape[1] / 500))
    _outline(canvas, reading.regions.vial, colour, thick)
    _outline(canvas, reading.regions.liquid, colour, 2 * thick)
    _label(canvas, caption(reading), reading.regions.vial or ((8.0, 8.0),), colour)


def caption(reading: Reading) -> str:
    """Return the words beside the vial: value with interval, then flags."""
    flags = ", ".join(reading.flags)
    if reading.value is None:
        return f"no value ({flags})" if flags else "no value"
    text = f"T {reading.value:.2f} [{reading.low:.2f}, {reading.high:.2f}]"
    return f"{text} {flags}" if flags else text


def _outline(canvas: Picture, corners: Corners, colour: tuple[int, int, int], thick: int) -> None:
    if corners:
        points = np.round(np.array(corners) * (1 << SHIFT)).astype(np.int32)
        cv2.polylines(canvas, [points], True, colour, thick, cv2.LINE_AA, SHIFT)


def _label(canvas: Picture, text: str, corners: Corners, colour: tuple[int, int, int]) -> None:
    height, width = canvas.shape[:2]
    size = max(0.4, width / 1300)
    (wide, tall), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    x = int(min(max(2.0, min(p[0] for p in corners)), max(2, width - wide - 4)))
    y = int(min(max(tall + 4.0, min(p[1] for p in corners) - 6), height - below - 2))
    cv2.rectangle(canvas, (x - 2, y - tall - 3), (x + wide + 2, y + below), (20, 20, 20), cv2.FILLED)
    cv2.putText(canvas, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
