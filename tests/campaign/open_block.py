"""What the checker knows of a step or block under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class OpenBlock:
    """A step or block under way."""

    key: str
    node: Any
    at: float
    attempt: int = 1
    begun: list[str] = field(default_factory=list)  # segments of children, in order
    ended: dict[str, str] = field(default_factory=dict)  # segment -> outcome
    handled: dict[str, str] = field(default_factory=dict)  # segment -> policy
    tested: bool | None = None
    ticks: int = 0
    rounds: int = 0
    failed: bool = False
