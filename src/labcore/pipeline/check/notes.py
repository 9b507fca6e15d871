"""Problems found while a plan is followed, on each of the ways it can go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from labcore.model.plan import Step
from labcore.pipeline.codes import CODES


@dataclass(frozen=True, slots=True)
class Note:
    """A problem of a step. `field` is the argument it is about, if the verb says so."""

    step: Step
    code: str
    message: str
    remedy: str
    field: str | None = None


@dataclass(slots=True)
class Notes:
    """What one way through the plan found, each problem of a step once; `executed` are the steps on this way."""

    found: dict[tuple[str, str], Note] = field(default_factory=dict)
    executed: set[str] = field(default_factory=set)

    def add(self, note: Note) -> None:
        """Take a problem, unless the same was found in an earlier round."""
        self.found.setdefault((note.step.id, note.code), note)


def merged(ways: Iterable[Notes]) -> list[Note]:
    """Return all problems; what goes wrong on one way only, though the step is on others too, is a warning."""
    several = list(ways)
    out: dict[tuple[str, str], Note] = {}
    for notes in several:
        for key, note in notes.found.items():
            certain = all(key in one.found for one in several if note.step.id in one.executed)
            told = note if certain else _perhaps(note)
            out.setdefault((note.step.id, told.code), told)
    return [note for (step, code), note in out.items() if code[0] == "E" or (step, "E" + code[1:]) not in out]


def _perhaps(note: Note) -> Note:
    code = "W" + note.code[1:]
    if note.code[0] != "E" or code not in CODES:
        return note
    return Note(note.step, code, f"it may be that {note.message}", note.remedy, note.field)
