"""What becomes of a vessel until some time: fixed when somebody looks, worked out when and where it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import evolve
from .around import Around
from .vessel import Vessel


@dataclass(slots=True)
class Course:
    """A vessel left to itself from its own time until `t` (world time, s).

    Any thread may work it out: it follows from unchanging data, so two that do it at once find the same.
    """

    begun: Vessel
    around: Around
    t: float
    _found: tuple[Vessel, Vessel] | None = field(default=None, init=False)

    @property
    def known(self) -> Vessel:
        """The vessel as far as it has been worked out, at the end of a whole step not after `t`."""
        found = self._found
        return self.begun if found is None else found[0]

    def seen(self) -> Vessel:
        """Return the vessel at exactly `t`."""
        if self._found is None:
            settled = evolve.settled(self.begun, self.around, self.t)
            self._found = settled, evolve.at(settled, self.around, self.t)
        return self._found[1]
