"""The one door to OpenCV: imported when first needed, quiet, and with one thread so that results repeat."""

from __future__ import annotations

import os
from types import ModuleType


def opencv() -> ModuleType:
    """Return the `cv2` module, with one thread and silent (its complaints are translated, not printed)."""
    os.environ.setdefault(
        "OPENCV_FFMPEG_LOGLEVEL", "-8"
    )  # read once by FFmpeg's back end; it writes to the terminal
    import cv2

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2
