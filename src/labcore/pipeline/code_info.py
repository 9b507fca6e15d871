"""What a problem code is: a title, a family, an explanation. A code never changes its meaning.

Families: E1 syntax, E2 names, E3 units and values, E4 capability and devices,
E5 reach and places, E6 volumes and stock, E7 limits, E8 timing, conditions and concurrency, W9 safety.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "E1": "syntax",
        "E2": "names",
        "E3": "units and values",
        "E4": "capability and devices",
        "E5": "reach and places",
        "E6": "volumes and stock",
        "E7": "limits",
        "E8": "timing, conditions and concurrency",
        "E9": "plugins and devices in a run",
        "W6": "volumes and stock",
        "W9": "safety",
    }
)


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """What a code stands for: a title, its family, and an explanation with what to do."""

    title: str
    family: str
    explanation: str


def table(rows: Mapping[str, tuple[str, str]]) -> Mapping[str, CodeInfo]:
    """Return the codes of `rows` (code: title, explanation) with their families; KeyError for an unknown family."""
    return MappingProxyType(
        {
            code: CodeInfo(title, FAMILIES[code[:2]], explanation)
            for code, (title, explanation) in rows.items()
        }
    )
