"""Names for the arrays that travel through the vision code."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
"""Height x width x 3, blue-green-red, 8 bit."""

Gray: TypeAlias = NDArray[np.float32]
"""Height x width, 0 to 255."""

Mask: TypeAlias = NDArray[np.bool_]

Profile: TypeAlias = NDArray[np.floating[Any]]
"""One number a row."""
