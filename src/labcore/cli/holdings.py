"""What a vessel holds, in words."""

from __future__ import annotations

from collections.abc import Mapping

from labcore.model.interval import Interval


def holdings(contents: Mapping[str, Interval]) -> str:
    """Return amounts with their intervals, for example "20 mL acetone [19.8 to 20.2]", or "empty"."""
    amounts = (f"{a.mid:.4g} mL {name} [{a.low:.4g} to {a.high:.4g}]" for name, a in contents.items())
    return ", ".join(amounts) or "empty"
