"""Turbidity of a vial from a camera picture.

`measure(picture)` reads one vial, `measure_all(picture)` all of them, `reference_from(picture)` keeps what a clear
picture tells, `overlay(picture, reading)` draws what was read. Numpy and OpenCV are loaded with the first of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .draw import overlay
    from .judge import measure, measure_all, reference_from
    from .reading import Reading, Reference, Regions
    from .scale import attenuation, turbidity

__all__ = [
    "Reading",
    "Reference",
    "Regions",
    "attenuation",
    "measure",
    "measure_all",
    "overlay",
    "reference_from",
    "turbidity",
]
_HOMES = {
    "measure": "judge", "measure_all": "judge", "reference_from": "judge", "overlay": "draw",
    "Reading": "reading", "Reference": "reading", "Regions": "reading", "attenuation": "scale", "turbidity": "scale",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
