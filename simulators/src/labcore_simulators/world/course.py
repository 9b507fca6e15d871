"""What becomes of a vessel until some time: fixed when somebody looks, worked out when and where it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import evolve
from .around import Around
from .vessel import Vessel


@dataclass(slots=True)
class Course:
    """A vessel left to itself until `t` (world time, s), from its own time or from the end of an earlier course.

    Any thread may work it out: it follows from unchanging data, so two that do it at once find the same.
    """

    begun: Vessel | Course
    around: Around
    t: float
    _found: tuple[Vessel, Vessel] | None = field(default=None, init=False)

    @property
    def start(self) -> Vessel | Course:
        """Return from where a later course goes on; nothing is worked out for it."""
        found = self._found
        return self.begun if found is None else found[0]

    @property
    def beginning(self) -> Vessel:
        """The vessel as this course found it."""
        begun = self.begun
        return begun.seen() if isinstance(begun, Course) else begun

    @property
    def known(self) -> Vessel:
        """The vessel as far as it has been worked out, at the end of a whole step not after `t`."""
        found = self._found
        return self.beginning if found is None else found[0]

    def seen(self) -> Vessel:
        """Return the vessel at exactly `t`."""
        waiting = [self]
        while isinstance(
            before := waiting[-1].begun, Course
        ):  # in turn: a night of switching is a long chain
            waiting.append(before)
        while waiting:
            vessel = waiting.pop()._end()
        return vessel

    def _end(self) -> Vessel:
        if self._found is None:
            begun = self.beginning
            settled = evolve.settled(begun, self.around, self.t)
            self._found = settled, evolve.at(settled, self.around, self.t)
            self.begun = begun  # what lies before is not needed any more
        return self._found[1]
