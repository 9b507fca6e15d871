"""What kind of world a run took place in: one word for lists, summaries and the notebook."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

World = Literal["simulated", "rehearsal", "real", "mixed", "none"]


def world_of(simulated: bool, sources: Collection[str]) -> World:
    """Return the word; `sources` are those of the devices that took part and of the people who answered.

    "real" needs a real device or person; a "rehearsal" has simulated devices in a run that was not simulated as a
    whole; "none" says that nothing took part.
    """
    if "real" in sources:
        return "mixed" if "simulated" in sources else "real"
    if simulated:
        return "simulated"
    return "rehearsal" if "simulated" in sources else "none"
