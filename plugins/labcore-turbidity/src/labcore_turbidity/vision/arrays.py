"""Names for the arrays that travel through the vision code.

OpenCV's stubs promise no element type, and differ between its versions; the types are therefore written in words.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[Any]
"""Height x width x 3, blue-green-red, uint8."""

Gray: TypeAlias = NDArray[Any]
"""Height x width, float32: grey levels 0 to 255, or linear light 0 to 1."""

Mask: TypeAlias = NDArray[np.bool_]

Profile: TypeAlias = NDArray[Any]
"""One float a row."""
