"""Say in plain words, at the right place, why a text is no YAML."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from labcore.pipeline.problem import Place, Problem
from labcore.pipeline.source import place_at, source_lines

_TIGHT_LINE = re.compile(r"\s*(?:- +)*(?P<key>[^\W\d][\w ]*):(?P<value>[^\s/:].*)")
_TIGHT_FLOW = re.compile(r"[{,]\s*(?P<key>[^\W\d][\w ]*):(?P<value>[^\s/:,}][^,}]*)")
_NO_KEY = ("mapping values", "expected ':'", "expected key", "block end")


@dataclass(frozen=True, slots=True)
class _Fault:
    """What the parser said, and the lines it said it about. Line and column are 0-based."""

    said: str
    line: int
    column: int
    first_line: int  # where what it was reading began
    first_column: int
    lines: list[str]
    file: str

    def text(self, line: int | None = None) -> str:
        """Return a source line, by default the one at fault."""
        number = self.line if line is None else line
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    @property
    def here(self) -> str:
        """Return the character at fault, empty at the end of a line."""
        return self.text()[self.column : self.column + 1]

    def problem(self, code: str, message: str, remedy: str, *, at_start: bool = False) -> Problem:
        """Return a problem at the fault, or at the start of what was being read."""
        line, column = (self.first_line, self.first_column) if at_start else (self.line, self.column)
        return Problem(code, Place(self.file, line + 1, column + 1), message, remedy)


def explain(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """Return the problem behind a parser's error, whichever of the two parsers it was."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _unreadable(error, text, file)
    start = getattr(error, "context_mark", None) or mark
    said = f"{getattr(error, 'context', '') or ''}; {getattr(error, 'problem', '') or ''}"
    lines = source_lines(text)
    line, column = mark.line, mark.column
    if line >= len(lines):  # libyaml puts the end of a text on a line of its own
        line, column = len(lines) - 1, len(lines[-1])
    fault = _Fault(said, line, column, start.line, start.column, lines, file)
    for rule in _RULES:
        problem = rule(fault)
        if problem is not None:
            return problem
    words = said.strip("; ")
    return fault.problem("E120", f"This is not readable YAML ({words}).", "Compare it with the lines around.")


def _unreadable(error: yaml.YAMLError, text: str, file: str) -> Problem:
    at = getattr(error, "position", 0)
    place = place_at(text, at if isinstance(at, int) else 0, file)
    return Problem("E121", place, "A character here may not stand in a file.", "Delete it.")


def _expression(fault: _Fault) -> Problem | None:
    """`{speed: ${speed}}`, and `volume: ${a: b}`: an expression that YAML reads as its own signs."""
    line = fault.text()
    start = line.rfind("${", 0, fault.column + 1)
    if start < 0 or "}" in line[start : fault.column] or line.count('"', 0, start) % 2:
        return None
    end = line.find("}", fault.column)
    stop = end + 1 if end >= 0 else len(line)
    place = Place(fault.file, fault.line + 1, start + 1, stop + 1)
    shown = line[start:stop]
    quote = "'" if '"' in shown else '"'
    message = "An expression inside {...} or [...], or with a colon in it, must be in quotes."
    return Problem("E132", place, message, f"Write {quote}{shown}{quote}")


def _missing_blank(fault: _Fault) -> Problem | None:
    """`vessel:reactor`, seen only when the next line turns out wrong."""
    if not any(words in fault.said for words in _NO_KEY):
        return None
    for number in dict.fromkeys((fault.line, fault.line - 1, fault.first_line)):
        match = _TIGHT_LINE.fullmatch(fault.text(number)) if number >= 0 else None
        if match and not (number == fault.line and match.start("value") > fault.column > 0):
            return _blank(fault, number, match)
    return None


def _missing_blank_in_flow(fault: _Fault) -> Problem | None:
    if "flow mapping" not in fault.said:
        return None
    match = _TIGHT_FLOW.search(fault.text(fault.first_line))
    return _blank(fault, fault.first_line, match) if match else None


def _blank(fault: _Fault, number: int, match: re.Match[str]) -> Problem:
    key, value = match["key"].strip(), match["value"].strip()
    place = Place(fault.file, number + 1, match.start("key") + 1, match.end("value") + 1)
    return Problem("E133", place, f"There is no blank after the colon of {key!r}.", f"Write {key}: {value}")


def _tab(fault: _Fault) -> Problem | None:
    line = fault.text()
    indentation = line[: len(line) - len(line.lstrip())]
    if fault.here != "\t" and "tab character" not in fault.said and "\t" not in indentation:
        return None
    column = line.find("\t")
    place = Place(fault.file, fault.line + 1, max(column, 0) + 1)
    return Problem("E125", place, "There is a tab here.", "Indent with blanks, two for each level.")


def _sign(fault: _Fault) -> Problem | None:
    """A value that begins with a sign of YAML's own."""
    if "cannot start any token" in fault.said or "alphabetic or numeric" in fault.said:
        column = fault.column if "alphabetic" not in fault.said else fault.first_column
        sign = fault.text()[column : column + 1]
        place = Place(fault.file, fault.line + 1, column + 1)
        return Problem("E130", place, f"A text cannot begin with {sign!r}.", "Put the text in quotes.")
    if "block scalar" in fault.said:
        message = "After | or > the text begins on the next line."
        return fault.problem("E130", message, "Put the text in quotes.")
    if "tag" in fault.said:
        return fault.problem("E126", "Tags (!...) are no part of the language.", "Put the text in quotes.")
    return None


def _quotes(fault: _Fault) -> Problem | None:
    if "end of stream" in fault.said or "document indicator" in fault.said:
        return fault.problem("E136", "This quote is not closed.", "Add the closing quote.", at_start=True)
    if "escape" in fault.said:
        message = "A backslash has a meaning of its own inside double quotes."
        return fault.problem("E130", message, "Use single quotes, or write the backslash twice.")
    before = fault.text()[: fault.column].rstrip()
    if before[-1:] in ('"', "'") and fault.here not in ("", "}", "]"):
        message = "Something follows after a closing quote."
        return fault.problem("E130", message, "Put the whole value in quotes, of the other kind.")
    return None


def _brackets(fault: _Fault) -> Problem | None:
    if "flow" in fault.said:
        sign = fault.text(fault.first_line)[fault.first_column : fault.first_column + 1] or "{"
        if fault.line == fault.first_line and fault.here and fault.here not in "\r\n":
            message = f"A comma or a closing bracket is missing between here and the {sign!r} before."
            return fault.problem("E136", message, "Put texts with : { } [ ] , in quotes.")
        closing = "}" if sign == "{" else "]"
        return fault.problem("E136", f"This {sign!r} is not closed.", f"Add {closing!r}.", at_start=True)
    if fault.here and fault.here in "]}":
        return fault.problem("E136", f"This {fault.here!r} closes nothing.", "Delete it, or quote the text.")
    return None


def _colon(fault: _Fault) -> Problem | None:
    """A second colon in a line, or keys under a line that already has a value."""
    if "mapping values" not in fault.said:
        return None
    line = fault.text()
    before = line[: fault.column]
    if ": " in before:
        message = "A colon and a blank inside a value."
        return fault.problem("E130", message, "Put the value in quotes.")
    return _indentation_at(fault, "This line is indented as if it belonged to the value above.")


def _indentation_at(fault: _Fault, message: str) -> Problem:
    line = fault.text()
    first = len(line) - len(line.lstrip())
    place = Place(fault.file, fault.line + 1, first + 1, len(line.rstrip()) + 1)
    return Problem("E125", place, message, "Indent it exactly like the lines it belongs with.")


def _no_colon(fault: _Fault) -> Problem | None:
    if "expected ':'" not in fault.said:
        return None
    line = fault.text(fault.first_line)
    place = Place(fault.file, fault.first_line + 1, fault.first_column + 1, len(line.rstrip()) + 1)
    message = "A key and a colon are expected here."
    return Problem("E125", place, message, "Write key: value, or indent the text further.")


def _indentation(fault: _Fault) -> Problem | None:
    if "entries are not allowed" in fault.said:
        remedy = "Put each '- ' on a line of its own."
        return fault.problem("E125", "A list cannot begin in this line.", remedy)
    if "'-' indicator" in fault.said or "block collection" in fault.said:
        line = fault.first_line + 1
        return _indentation_at(fault, f"This is no item of the list that begins in line {line}.")
    if "block mapping" in fault.said:
        line = fault.first_line + 1
        return _indentation_at(fault, f"This is not indented like the keys that begin in line {line}.")
    return None


_RULES: tuple[Callable[[_Fault], Problem | None], ...] = (
    _expression,
    _tab,
    _missing_blank,
    _missing_blank_in_flow,
    _sign,
    _quotes,
    _brackets,
    _colon,
    _no_colon,
    _indentation,
)
