"""A protocol file read but not yet understood: its head as data, its steps as located nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labcore.model.names import nearest
from labcore.model.protocol import Header
from labcore.pipeline.codes import CODES, severity_of
from labcore.pipeline.nodes import Entry, ListNode, MapNode, Node, Spot, place_of
from labcore.pipeline.problem import Place, Problem


@dataclass(frozen=True, slots=True, eq=False)
class DraftStep:
    """One entry of a step list: its verb (or block word), what it was given, and what stands beside it.

    `others` are further keys that are no modifiers: at most one of all can be the verb.
    """

    verb: str
    verb_spot: Spot
    argument: Node | None
    modifiers: Mapping[str, Entry]
    node: Node
    others: tuple[Entry, ...] = ()

    @property
    def place(self) -> Place:
        """Return where the step stands."""
        return self.node.place

    @property
    def verb_place(self) -> Place:
        """Return where its verb stands."""
        return place_of(self.verb_spot)

    def beside(self, key: str) -> Node | None:
        """Return the value of a modifier, None if it is not there."""
        entry = self.modifiers.get(key)
        return entry.value if entry is not None else None


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole file. `broken` names what the head declares but in a way that cannot be used (normal names)."""

    file: str
    header: Header
    steps: tuple[DraftStep, ...]
    finally_: tuple[DraftStep, ...]
    node: MapNode
    broken: frozenset[str] = frozenset()


@dataclass(slots=True)
class Findings:
    """Problems as they are found; everything is reported, nothing stops the search."""

    problems: list[Problem] = field(default_factory=list)

    def add(
        self, code: str, place: Place | None, message: str, remedy: str = "", *, step: str | None = None
    ) -> None:
        """Note a problem. Its severity is in the code; without a remedy it gets the code's own."""
        if not remedy and code in CODES:
            remedy = CODES[code].remedy
        self.problems.append(Problem(code, place, message, remedy, severity_of(code), step))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note several."""
        self.problems.extend(problems)

    @property
    def errors(self) -> bool:
        """Say whether anything found forbids a run."""
        return any(problem.severity == "error" for problem in self.problems)


def hint(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return "Did you mean ...?" if a known word is near, else what else can be done."""
    near = nearest(word, known)
    return f"Did you mean {near!r}?" if near is not None and near != word else otherwise


def node_at_path(node: Node | None, path: Iterable[Any]) -> tuple[Node | None, Place | None]:
    """Follow a path of keys and indices as far as it goes; return where it ends and the place to show."""
    place = node.place if node is not None else None
    for part in path:
        if isinstance(node, MapNode):
            entry = node.entry(str(part))
            if entry is None:
                return None, place
            node, place = entry.value, entry.value.place
        elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            place = node.place
        else:
            return node, place
    return node, place


def place_at_path(node: Node | None, path: Iterable[Any]) -> Place | None:
    """Return the place of what a path leads to, as far as it goes."""
    return node_at_path(node, path)[1]


def key_place(node: Node | None, path: tuple[Any, ...]) -> Place | None:
    """Return the place of the key at the end of a path (for unknown keys), else of what holds it."""
    holder, place = node_at_path(node, path[:-1])
    if isinstance(holder, MapNode) and path:
        entry = holder.entry(str(path[-1]))
        return entry.key_place if entry is not None else holder.place
    return place
