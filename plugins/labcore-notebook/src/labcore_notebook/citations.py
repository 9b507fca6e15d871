"""Write citations short: [e12, e15], neighbours as a range, long lists by their ends."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 5


def spans(cites: Sequence[int]) -> list[tuple[int, int]]:
    """Return cited positions as (first, last) of runs without a gap."""
    found: list[tuple[int, int]] = []
    for position in sorted(set(cites)):
        if found and position == found[-1][1] + 1:
            found[-1] = (found[-1][0], position)
        else:
            found.append((position, position))
    return found


def shown(cites: Sequence[int], most: int = MOST) -> list[tuple[int, int] | None]:
    """Return the spans to print; None stands for those left out between."""
    found = spans(cites)
    return [*found] if len(found) <= most else [*found[: most - 2], None, found[-1]]


def plain_text(cites: Sequence[int], limit: bool = True) -> str:
    """Write citations as text, "[e12, e15–e17]"."""
    parts = shown(cites) if limit else [*spans(cites)]
    return "[" + ", ".join("…" if one is None else _name(one) for one in parts) + "]"


def _name(span: tuple[int, int]) -> str:
    first, last = span
    if first == last:
        return f"e{first}"
    return f"e{first}, e{last}" if last == first + 1 else f"e{first}–e{last}"
