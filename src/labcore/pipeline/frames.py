"""Collections that are still being read: they take nodes, notice bad keys, and become nodes."""

from __future__ import annotations

from yaml.events import MappingStartEvent, SequenceStartEvent

from labcore.model.names import normal_name
from labcore.pipeline.nodes import Entry, ListNode, MapNode, Node, ScalarNode, Spot
from labcore.pipeline.problem import Problem
from labcore.pipeline.quoting import mend_list, mend_map

_INDEXED = 16  # maps with more entries get an index


class Refused(Exception):  # noqa: N818 (it carries a problem, which is not an error of labcore)
    """Reading cannot go on; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class ListFrame:
    """An open list."""

    __slots__ = ("_items", "event", "height", "nodes_before")

    def __init__(self, event: SequenceStartEvent, nodes_before: int) -> None:
        self.event = event
        self.nodes_before = nodes_before
        self.height = 1
        self._items: list[Node] = []

    def add(self, node: Node, problems: list[Problem]) -> None:
        """Take the next item."""
        self._items.append(node)

    def finish(self, spot: Spot, problems: list[Problem]) -> ListNode:
        """Return the list."""
        if self.event.flow_style:
            mend_list(self._items, problems)
        return ListNode(spot, tuple(self._items))


class MapFrame:
    """An open map. Keys and values come in turn."""

    __slots__ = ("_entries", "_key", "_names", "_trap", "event", "height", "nodes_before")

    def __init__(self, event: MappingStartEvent, nodes_before: int) -> None:
        self.event = event
        self.nodes_before = nodes_before
        self.height = 1
        self._entries: list[Entry] = []
        self._names: dict[str, Entry] = {}
        self._key: Node | None = None
        self._trap = False

    def add(self, node: Node, problems: list[Problem]) -> None:
        """Take the next key or value."""
        key = self._key
        if key is None:
            self._key = node
            return
        self._key = None
        if not isinstance(key, ScalarNode):
            remedy = "A key is one word or text; quote a text that begins with { or [."
            problems.append(Problem("E134", key.place, "A key cannot be a list or a map.", remedy))
        elif key.plain and (key.text == "" or key.text == "<<"):
            problems.append(_bad_key(key))
        else:
            self._enter(Entry(key.text, key.spot, node), problems)

    def _enter(self, entry: Entry, problems: list[Problem]) -> None:
        key = entry.key
        name = key if key.isascii() and " " not in key and "_" not in key else normal_name(key)
        before = self._names.setdefault(name, entry)
        if before is not entry:
            problems.append(_twice(before, entry))
            return
        self._entries.append(entry)
        value = entry.value
        if self.event.flow_style and isinstance(value, ScalarNode) and value.text == "":
            self._trap = True  # perhaps a text that YAML cut at a comma

    def finish(self, spot: Spot, problems: list[Problem]) -> MapNode:
        """Return the map."""
        entries = self._entries
        if self._trap:
            entries = mend_map(entries, problems)
        index = {entry.key: entry for entry in entries} if len(entries) > _INDEXED else None
        return MapNode(spot, tuple(entries), index)


Frame = ListFrame | MapFrame


def _bad_key(key: ScalarNode) -> Problem:
    if key.text:
        message = "Merge keys (<<) are no part of the language."
        return Problem("E128", key.place, message, "Write the keys out.")
    return Problem("E134", key.place, "There is a value without a key.", "Write key: value.")


def _twice(first: Entry, again: Entry) -> Problem:
    line = first.key_place.line
    if first.key == again.key:
        message = f"{again.key!r} stands here and in line {line}."
    else:
        message = f"{again.key!r} and {first.key!r} in line {line} are the same name."
    return Problem("E124", again.key_place, message, "Keep one of them.")
