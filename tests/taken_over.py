"""What tests of devices that are taken over share: how they stand in a lab file, what a dead run left of them, reports."""

from __future__ import annotations

from typing import Any

from labcore.engine.guard_report import Report

NOT_SAFE = "it does not say that it is safe"
KEPT = {"at": "x", "safe": [{"output": "speed", "frames": [b"OFF\n".hex()], "breaks_in": "realtime"}]}


def at(one: Any, driver: str = "plate", more: str = "") -> str:
    """Return the entry of a served device."""
    return f'{{driver: {driver}, port: "{one.port}"{more}}}'


def by_name(reports: list[Report]) -> list[Report]:
    """Return reports sorted by their devices."""
    return sorted(reports, key=lambda one: one.device)
