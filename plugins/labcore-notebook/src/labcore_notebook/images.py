"""Pictures of moderate size for the page."""

from __future__ import annotations

LARGE, SMALL = 560, 150  # px, the longer side
QUALITY_LARGE, QUALITY_SMALL = 80, 72


def scaled(data: bytes, longest: int, quality: int) -> bytes | None:
    """Return an encoded picture as JPEG, at most `longest` px wide and high; None if it cannot be read."""
    if not data:
        return None
    import cv2  # most pages of simulated runs show no picture, and OpenCV is slow to load
    import numpy as np

    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if pixels is None:
            return None
        height, width = pixels.shape[:2]
        factor = longest / max(height, width)
        if factor < 1:
            size = (max(1, round(width * factor)), max(1, round(height * factor)))
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    except cv2.error:
        return None
    return encoded.tobytes() if done else None


def large(data: bytes) -> bytes | None:
    """Return a picture to look at."""
    return scaled(data, LARGE, QUALITY_LARGE)


def small(data: bytes) -> bytes | None:
    """Return a picture for the strip."""
    return scaled(data, SMALL, QUALITY_SMALL)
