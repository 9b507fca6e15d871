"""Which points there are, from the marks of an undisturbed run, and a fair choice among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeVar

from labcore.app.torture.point import Point

T = TypeVar("T")


def journal_points(marks: Iterable[dict[str, Any]]) -> list[Point]:
    """Return both sides of every commit, in order."""
    found = []
    for line in marks:
        if "commit" in line:
            first, last = line["commit"]
            found += [Point("commit", first), Point("commit", last, after=True)]
    return found


def wire_points(marks: Iterable[dict[str, Any]]) -> list[Point]:
    """Return every byte boundary of what is written, and every answer that is read, while a device carries out an act."""
    found: list[Point] = []
    at_work: dict[str, str] = {}
    for line in marks:
        if "commit" in line:
            at_work |= line["opened"]
            for act in line["closed"]:
                at_work.pop(act, None)
        device = line.get("write") or line.get("read") or ""
        if not device or device not in at_work.values():
            continue
        if "write" in line:
            found += [
                Point("write", line["number"], device=device, size=size) for size in range(line["size"] + 1)
            ]
        else:
            found.append(Point("read", line["number"], device=device))
    return found


def act_points(marks: Iterable[dict[str, Any]]) -> list[Point]:
    """Return five boundaries of every act: before the intent, after it, command sent, answer read, result written.

    An act without a wire (a person's) has the three on the journal.
    """
    at_work: dict[str, tuple[str, list[Point]]] = {}
    found: list[Point] = []
    for line in marks:
        if "commit" in line:
            first, last = line["commit"]
            before, after = Point("commit", first), Point("commit", last, after=True)
            at_work |= {act: (device, [before, after]) for act, device in line["opened"].items()}
            for act in line["closed"]:
                found += [*at_work.pop(act, ("", []))[1], after]
            continue
        name = line.get("write") or line.get("read")
        for device, points in at_work.values():
            if device == name:
                kind: Literal["write", "read"] = "write" if "write" in line else "read"
                points[:] = [
                    one for one in points if one.kind != kind
                ]  # the last of each is the one that counts
                points.append(Point(kind, line["number"], device=device, size=line.get("size", 0)))
    return found


def spread(found: Sequence[T], wanted: int) -> list[T]:
    """Return `wanted` of them, evenly spread, the first and the last included."""
    if wanted >= len(found):
        return list(found)
    if wanted <= 1:
        return list(found[: max(0, wanted)])
    return [found[round(i * (len(found) - 1) / (wanted - 1))] for i in range(wanted)]


def chosen(journal: Sequence[Point], wire: Sequence[Point], wanted: int) -> list[Point]:
    """Return `wanted` points: half on the journal, half on the wire, what one side leaves over for the other."""
    of_wire = min(len(wire), max(wanted // 2, wanted - len(journal)))
    return spread(journal, wanted - of_wire) + spread(wire, of_wire)
