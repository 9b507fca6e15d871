"""Keep pages short: show a selection of a long table, say so, and keep every row in a fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from labcore_notebook.notebook import Column, Row, Table
from labcore_notebook.page import Page

T = TypeVar("T")


def evenly(items: Sequence[T], most: int) -> list[T]:
    """Return at most `most` items, evenly spread, first and last included."""
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / (most - 1)
    return [items[round(index * step)] for index in range(most)]


def sampled(
    page: Page,
    title: str,
    columns: tuple[Column, ...],
    rows: Sequence[Row],
    *,
    most: int,
    always: frozenset[int] = frozenset(),
    sources: str = "",
    dense: bool = False,
) -> Table:
    """Return a table of at most about `most` rows plus those (by index) that must not be missing."""
    if len(rows) <= most:
        return Table(title, columns, tuple(rows), sources=sources, dense=dense)
    toned = {index for index, row in enumerate(rows) if row.tone in ("warn", "bad")}
    keep = set(evenly(range(len(rows)), most)) | always | set(evenly(sorted(toned), most))
    shown = tuple(rows[index] for index in sorted(keep))
    note = page.words("table.sampled", shown=len(shown), count=len(rows))
    return Table(title, columns, shown, note, tuple(rows), sources, dense)
