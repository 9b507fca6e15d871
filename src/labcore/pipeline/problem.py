"""What a check found: a code, a place in a file, what is wrong, and what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]

_WIDEST = 100  # columns of a source line that are shown


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a line, 1-based; `end_column` is the first column after it, None if unknown."""

    file: str
    line: int
    column: int
    end_column: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to change: it must be (error) or may be (warning, note). `code` is stable, `step` a verb."""

    code: str
    place: Place | None
    message: str
    remedy: str
    severity: Severity = "error"
    step: str | None = None

    def text(self, source_lines: Sequence[str] | None = None) -> str:
        """Return it for people, with its source line and a caret if the lines of its file are given."""
        head = " ".join(part for part in (self.code, str(self.place or ""), self._said()) if part)
        if self.place is None or not source_lines or not 1 <= self.place.line <= len(source_lines):
            return head
        return "\n".join((head, *_quoted(self.place, source_lines[self.place.line - 1])))

    def _said(self) -> str:
        mark = "" if self.severity == "error" else f"{self.severity}: "
        step = f"{self.step}: " if self.step else ""
        stop = "." if self.remedy and not self.message.endswith((".", "?", "!")) else ""
        message = self.message + stop
        return visible(f"{mark}{step}{message} {self.remedy}".rstrip())

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines: code, severity, file, line, column, end_column, step, message, remedy."""
        place = self.place
        return {
            "code": self.code,
            "severity": self.severity,
            "file": place.file if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "end_column": place.end_column if place else None,
            "step": self.step,
            "message": self.message,
            "remedy": self.remedy,
        }


def sorted_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems in the order of their places, those without one first, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=_order))


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    place = problem.place
    where = (place.file, place.line, place.column) if place else ("", 0, 0)
    return (*where, problem.code, problem.message)


def _quoted(place: Place, line: str) -> tuple[str, str]:
    """Return the source line and a line with carets under the place, cut to what fits a screen."""
    number = f"{place.line:>4} | "
    start = min(place.column - 1, len(line))
    first = max(0, start - _WIDEST * 3 // 4) if len(line) > _WIDEST else 0
    end = max(start + 1, (place.end_column or place.column + 1) - 1)
    shown = visible(line[first : first + _WIDEST])
    lead, marked = visible(line[first:start]), visible(line[start : min(end, first + _WIDEST)])
    return number + shown, " " * 4 + " | " + " " * _width(lead) + "^" * max(1, _width(marked))


def visible(text: str) -> str:
    """Return `text` on one line and without characters that could disturb a terminal."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in text
    )


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes: two for wide letters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
