"""Judge and encode a picture: pure functions over pixels (height, width, 3), uint8, BGR."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from labcore.model.observation import Picture
from labcore_camera.opencv import opencv

BLACK_LEVEL = 12  # of 255; dark noise of a covered 8-bit sensor stays below this
BLACK_SHARE = 0.995  # a few hot pixels do not make light
CLIPPED_LEVEL = 254
CLIPPED_SHARE = 0.35  # a white background fills less than a third of a bench picture
CUT_SHARE = 0.04  # a torn JPEG is filled up with one colour over whole rows of 8 or 16 pixels


@dataclass(frozen=True, slots=True)
class Look:
    """What can be told from the pixels alone. `mean` 0-255, `clipped` and `cut` shares of the area, 0-1."""

    mean: float
    clipped: float
    cut: float
    black: bool
    digest: str

    def flags(self) -> tuple[str, ...]:
        """Name what is wrong with the picture; empty if nothing is."""
        found = (
            ("black", self.black),
            ("over_exposed", self.clipped >= CLIPPED_SHARE),
            ("cut", self.cut >= CUT_SHARE),
        )
        return tuple(name for name, seen in found if seen)


def look_at(pixels: Any) -> Look:
    """Measure what the flags rest on."""
    import numpy as np  # here: a lab with a camera is checked much more often than a picture is taken

    blue, green, red = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    brightest = np.maximum(np.maximum(blue, green), red)
    counts = np.bincount(brightest.ravel(), minlength=256)
    dimmest = np.minimum(np.minimum(blue, green), red)
    return Look(
        mean=round(float(counts @ np.arange(256)) / brightest.size, 2),
        clipped=round(float(np.count_nonzero(dimmest >= CLIPPED_LEVEL)) / dimmest.size, 4),
        cut=round(_cut_share(pixels), 4),
        black=bool(counts[: BLACK_LEVEL + 1].sum() >= BLACK_SHARE * brightest.size),
        digest=hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest(),
    )


def _cut_share(pixels: Any) -> float:
    """Return the share of rows at the bottom that have one and the same colour.

    A sensor's own rows are never flat unless it is saturated or dark, so those two do not count.
    """
    height, corner = int(pixels.shape[0]), pixels[-1, 0]
    flat = 0
    while flat < height and (pixels[height - 1 - flat] == corner).all():
        flat += 1
    if flat in (0, height) or corner.min() >= CLIPPED_LEVEL or corner.max() <= BLACK_LEVEL:
        return 0.0
    return flat / height


def encode(pixels: Any, form: str, quality: int) -> tuple[bytes, str]:
    """Return the picture as PNG or JPEG bytes and its media type; ValueError if OpenCV cannot encode it."""
    cv2 = opencv()
    # PNG with OpenCV's own settings: naming a level was 2 to 10 times slower and gave larger files
    extension, settings = (".png", []) if form == "png" else (".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])
    done, data = cv2.imencode(extension, pixels, settings)
    if not done:
        raise ValueError(f"OpenCV could not encode a picture of shape {pixels.shape} as {form}")
    return data.tobytes(), f"image/{form}"


def develop(pixels: Any, form: str, quality: int) -> tuple[Picture, Look]:
    """Encode and judge a picture (heavy: run it in a worker)."""
    data, media_type = encode(pixels, form, quality)
    height, width = pixels.shape[:2]
    return Picture(data, media_type, (int(height), int(width)), {}), look_at(pixels)
