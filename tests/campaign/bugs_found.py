"""Which seed finds which bug that was put in on purpose (`make campaign-bugs` looks for them again and prints this table)."""

from __future__ import annotations

FOUND: dict[str, tuple[int, str]] = {}
