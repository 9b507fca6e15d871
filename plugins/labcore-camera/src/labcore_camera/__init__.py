"""Cameras for labcore: the driver `opencv-camera` and the frame sources it looks through."""

from __future__ import annotations

__all__ = ["__version__"]
__version__ = "0.1.0"
