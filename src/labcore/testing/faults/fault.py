"""What can go wrong on a wire, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal[
    "lose_request", "lose_reply", "late_reply", "duplicate_reply", "swap_replies", "cut_reply", "garble_reply", "lie",
    "silence", "reboot", "unplug",
]  # fmt: skip
REPLIES: frozenset[str] = frozenset(
    kind for kind in get_args(FaultKind) if kind.endswith(("_reply", "_replies"))
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, once, at the `on`-th message (from 1) that matches `matching`.

    A message is what a driver sends at once. `lose_request`: it does not arrive. `lose_reply`, `late_reply` (by
    `seconds`), `duplicate_reply`, `swap_replies` (with the one after it, at most `seconds` late), `cut_reply`,
    `garble_reply`: what becomes of the next line that comes back. `lie`: the message does not arrive and `reply` comes
    back. `silence`: nothing passes in either direction for `seconds`, this message included. `reboot`: the device is
    switched off and on before the message arrives. `unplug`: the connection is lost, and cannot be opened for `seconds`.
    """

    kind: FaultKind
    on: int
    seconds: float = 1.0
    matching: str = ""
    reply: bytes = b""

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"there is no fault {self.kind!r}; known: {', '.join(get_args(FaultKind))}")
        if self.on < 1 or self.seconds < 0:
            raise ValueError("messages count from 1, and seconds are not negative")
        if self.kind == "lie" and not self.reply:
            raise ValueError("a lie needs the reply that it gives")

    def concerns(self, message: bytes) -> bool:
        """Say whether a message counts for this fault."""
        return re.search(self.matching, message.decode("latin-1")) is not None
