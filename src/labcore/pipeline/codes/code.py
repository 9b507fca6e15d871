"""What a problem code is: a letter for the severity, a digit for the family, two digits of its own."""

from __future__ import annotations

from dataclasses import dataclass

from labcore.pipeline.problem import Severity

FAMILIES: dict[str, str] = {
    "1": "syntax: the file and its structure",
    "2": "names: words that nothing declares, or that are declared twice",
    "3": "units and values",
    "4": "capability: devices, drivers and what they can do",
    "5": "reach: places and vessels",
    "6": "volume and stock",
    "7": "limits",
    "8": "timing, conditions and concurrency",
    "9": "plugins, safety, and acts that failed",
}
_SEVERITIES: dict[str, Severity] = {"E": "error", "W": "warning", "N": "note"}


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem. `remedy` is what to do if the place itself suggests nothing better."""

    code: str
    title: str
    meaning: str
    remedy: str

    @property
    def severity(self) -> Severity:
        """Return how bad it is."""
        return severity_of(self.code)

    @property
    def family(self) -> str:
        """Return what it is about."""
        return FAMILIES[self.code[1]]


def severity_of(code: str) -> Severity:
    """Return the severity that a code's letter says; a plugin's own codes may begin with any other, for an error."""
    return _SEVERITIES.get(code[:1], "error")
