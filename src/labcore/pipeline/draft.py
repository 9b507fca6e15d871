"""A protocol file read but not yet understood: its head as data, its steps as located nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labcore.model.protocol import Header
from labcore.pipeline.compose import ListNode, MapNode, Node, ScalarNode
from labcore.pipeline.problem import Place, Problem


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One entry of a step list: its verb (or block word), what it was given, and what stands beside it."""

    verb: str
    verb_place: Place
    argument: Node | None
    modifiers: Mapping[str, Node]
    places: Mapping[str, Place]
    place: Place


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole file. `index` finds the place of any path in the head, for problems found later."""

    file: str
    header: Header
    steps: tuple[DraftStep, ...]
    finally_: tuple[DraftStep, ...]
    node: MapNode


@dataclass(slots=True)
class Findings:
    """Problems as they are found; everything is reported, nothing stops the search."""

    problems: list[Problem] = field(default_factory=list)

    def add(
        self, code: str, place: Place | None, message: str, remedy: str, *, step: str | None = None, severity: str = "error"
    ) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, place, message, remedy, severity, step))  # type: ignore[arg-type]

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note several."""
        self.problems.extend(problems)


def node_at_path(node: Node | None, path: Iterable[Any]) -> tuple[Node | None, Place | None]:
    """Follow a path of keys and indices as far as it goes; return where it ends and the place to show."""
    place = node.place if node is not None else None
    for part in path:
        if isinstance(node, MapNode):
            entry = next((one for one in node.entries if one.key == str(part)), None)
            if entry is None:
                return None, place
            node, place = entry.value, entry.value.place
        elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            place = node.place
        else:
            return node, place
    return node, place


def key_place(node: Node | None, path: tuple[Any, ...]) -> Place | None:
    """Return the place of the key at the end of a path (for unknown keys), else of what holds it."""
    holder, place = node_at_path(node, path[:-1])
    if isinstance(holder, MapNode) and path:
        entry = next((one for one in holder.entries if one.key == str(path[-1])), None)
        return entry.key_place if entry is not None else holder.place
    return place


__all__ = ["Draft", "DraftStep", "Findings", "ListNode", "MapNode", "Node", "ScalarNode", "key_place", "node_at_path"]
