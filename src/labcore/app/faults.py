"""Where a test, a campaign or `labcore torture` may break things: between labcore and its disk, and its devices."""

from __future__ import annotations

from typing import Protocol

from labcore.ports import Journal, Link


class Faults(Protocol):
    """Wraps what a run reaches the outside with. Both get the real thing and return what the run is given."""

    def journal(self, journal: Journal) -> Journal:
        """Return the journal to write to."""

    def link(self, device: str, link: Link) -> Link:
        """Return the link to reach `device` by."""
