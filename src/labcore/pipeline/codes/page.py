"""The reference page of all problem codes, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from labcore.pipeline.codes.code import FAMILIES, Code

_HEAD = """# Problems

What `labcore check` says, by code. A code never changes its meaning. Its letter is the severity: **E** an error, which
forbids a run; **W** a warning, which only `--strict` lets fail; **N** a note. Its first digit is the family. Codes marked
*(run)* are found by no check: a run ends a step with them. Plugins may document codes of their own.

Every problem names its place (`file:line:column`, shown with a caret), says what was found, and what to do. The remedies
below are the general ones; most problems know a better one for their place. `labcore check --json` gives the same as data.
"""


def problems_page(codes: Iterable[Code]) -> str:
    """Return the page; the order within a family is that of the digits, errors before warnings and notes."""
    known = sorted(codes, key=lambda one: (one.code[1:], "EWN".index(one.code[0])))
    parts = [_HEAD]
    for digit, family in FAMILIES.items():
        parts.append(f"\n## {family[0].upper()}{family[1:]}\n")
        parts.append("| code | problem | what it means | what to do |")
        parts.append("| --- | --- | --- | --- |")
        parts += [_row(one) for one in known if one.code[1] == digit]
    return "\n".join(parts) + "\n"


def _row(one: Code) -> str:
    cells = (f"`{one.code}`", one.title, one.meaning, one.remedy)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
