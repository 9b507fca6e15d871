"""Build a tree from YAML text: YAML 1.2 rules over the parser's events, no recursion, with limits and places.

Only events are taken from the parser (libyaml's where it is installed, else PyYAML's own). Tags, merge keys,
cycles and second documents are refused; aliases are shared, and counted as if written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from labcore.pipeline.frames import Frame, ListFrame, MapFrame, Refused
from labcore.pipeline.nodes import Entry, ListNode, MapNode, Node, ScalarNode, Spot, place_of
from labcore.pipeline.parser_events import ParserType, parser_events
from labcore.pipeline.problem import Place, Problem, sorted_problems
from labcore.pipeline.scalars import plain
from labcore.pipeline.source import refused_character, source_problem
from labcore.pipeline.yaml_faults import explain

__all__ = ["Entry", "ListNode", "MapNode", "Node", "ScalarNode", "compose", "plain"]

DEEPEST = 50
MOST_NODES = 400_000
MOST_ALIASES = 1_000
_LONGEST_NUMBER = 100


def compose(
    text: str, file: str, *, parser: ParserType | None = None
) -> tuple[Node | None, tuple[Problem, ...]]:
    """Return the tree of a YAML text and everything that is wrong with it; no tree if it cannot be built.

    `file` is only a name for places. A leading byte-order mark is dropped. `parser` is libyaml's where there is one.
    """
    text = text.removeprefix("\ufeff")
    unreadable = source_problem(text, file)
    if unreadable is not None:
        return None, (unreadable,)
    composer = _Composer(file)
    try:
        root = composer.read(parser_events(text, parser))
    except Refused as stop:
        return None, sorted_problems([*composer.problems, stop.problem])
    except yaml.YAMLError as error:
        return None, sorted_problems([*composer.problems, explain(error, text, file)])
    return root, sorted_problems(composer.problems)


_Anchored = tuple[Node, int, int]  # a node, its size with aliases written out, its height


class _Composer:
    """Takes events one by one and keeps the open collections on a stack of its own."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._stack: list[Frame] = []
        self._root: Node | None = None
        self._nodes = 0  # as if every alias were written out
        self._aliases = 0
        self._anchors: dict[str, _Anchored | None] = {}  # None while open
        self._documents = 0

    def read(self, events: Iterator[Any]) -> Node | None:
        """Take every event and return the tree, None if there is nothing in it."""
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent:
                self._open(MapFrame(event, self._nodes))
            elif kind is SequenceStartEvent:
                self._open(ListFrame(event, self._nodes))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent and not self._document(event):
                break
        root = self._root
        if root is None or (isinstance(root, ScalarNode) and root.plain and not root.text):
            self._report(
                "E101", Place(self._file, 1, 1), "The file is empty.", "Start one with: labcore init"
            )
            return None
        return root

    def _report(self, code: str, place: Place, message: str, remedy: str) -> None:
        self.problems.append(Problem(code, place, message, remedy))

    def _spot(self, event: Any) -> Spot:
        start, end = event.start_mark, event.end_mark
        return (self._file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _place(self, event: Any) -> Place:
        return place_of(self._spot(event))

    def _document(self, event: Any) -> bool:
        """Check a document's head; False if it is one too many."""
        self._documents += 1
        if self._documents > 1:
            message = "A second document begins here."
            self._report("E129", self._place(event), message, "Put it into its own file.")
            return False
        if event.tags or event.version not in (None, (1, 2)):
            place = Place(self._file, 1, 1)
            message = "The file begins with a YAML directive."
            self._report("E129", place, message, "Delete the line with the %.")
        return True

    def _count(self, event: Any, how_many: int = 1) -> None:
        self._nodes += how_many
        if self._nodes > MOST_NODES:
            message = f"The file has more than {MOST_NODES:,} values, aliases written out."
            remedy = "Split it; write repeated steps with repeat or for_each."
            raise Refused(Problem("E122", self._place(event), message, remedy))

    def _scalar(self, event: Any) -> None:
        self._count(event)
        text, style = event.value, event.style
        quoted = style == '"' or style == "'"
        bare = style is None or style == ""
        node = ScalarNode(self._spot(event), text, bare, quoted)
        if event.tag is not None:
            self._tag(event)
        if style == '"' and not text.isprintable():
            self._escapes(node)
        elif bare and len(text) > _LONGEST_NUMBER and text.lstrip("+-").isdigit():
            message = f"This number has {len(text):,} digits."
            remedy = "Quote it if it is a text; write a large number like 1.5e6."
            self._report("E135", node.place, message, remedy)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, 1, 0)
        self._add(node, 0)

    def _escapes(self, node: ScalarNode) -> None:
        if refused_character(node.text) is not None:
            message = "An escape in this text writes a control character."
            self._report("E121", node.place, message, "Leave it out.")

    def _tag(self, event: Any) -> None:
        message = f"The tag {event.tag!r} is no part of the language."
        remedy = "Delete the word that begins with '!', or quote the text."
        self._report("E126", self._place(event), message, remedy)

    def _open(self, frame: Frame) -> None:
        event = frame.event
        self._count(event)
        if len(self._stack) >= DEEPEST:
            message = f"This is nested more than {DEEPEST} deep."
            remedy = "Move inner steps into a protocol of their own."
            raise Refused(Problem("E123", self._place(event), message, remedy))
        if event.tag is not None:
            self._tag(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append(frame)

    def _close(self, end: Any) -> None:
        frame = self._stack.pop()
        stop = end.end_mark
        spot = (*self._spot(frame.event)[:3], stop.line + 1, stop.column + 1)
        node = frame.finish(spot, self.problems)
        if frame.event.anchor is not None:
            self._anchors[frame.event.anchor] = (node, self._nodes - frame.nodes_before, frame.height)
        self._add(node, frame.height)

    def _add(self, node: Node, height: int) -> None:
        if not self._stack:
            self._root = node
            return
        frame = self._stack[-1]
        if height >= frame.height:
            frame.height = height + 1
        frame.add(node, self.problems)

    def _alias(self, event: Any) -> None:
        self._aliases += 1
        found = self._anchors.get(event.anchor)
        if found is None:
            self._add(self._bad_alias(event), 0)
            return
        node, size, height = found
        self._count(event, size)
        if self._aliases > MOST_ALIASES:
            message = f"The file has more than {MOST_ALIASES:,} aliases."
            raise Refused(Problem("E127", self._place(event), message, "Use repeat, for_each or parameters."))
        if len(self._stack) + height > DEEPEST:
            message = f"With this alias written out, the file is nested more than {DEEPEST} deep."
            raise Refused(Problem("E123", self._place(event), message, "Use repeat or for_each."))
        self._add(node, height)

    def _bad_alias(self, event: Any) -> Node:
        place = self._place(event)
        if event.anchor in self._anchors:
            self._report("E127", place, f"*{event.anchor} contains itself.", "Write the values out.")
        else:
            message = f"*{event.anchor} refers to nothing."
            self._report("E127", place, message, "Put the text in quotes if the star belongs to it.")
        return ScalarNode(self._spot(event), f"*{event.anchor}", False, False)
