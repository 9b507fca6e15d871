"""What a YAML file is made of, each piece with its place. Scalars stay text; `scalars` says what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from labcore.pipeline.problem import Place

Spot = tuple[str, int, int, int, int]  # file, line, column, end line, end column; 1-based


def place_of(spot: Spot) -> Place:
    """Return where something stands; without an end if it ends on another line."""
    file, line, column, end_line, end_column = spot
    return Place(file, line, column, end_column if end_line == line and end_column > column else None)


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A piece of a file. Two pieces are equal only if they are the same."""

    spot: Spot

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return place_of(self.spot)


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNode(Located):
    """A single value. `plain` is written without quotes, `quoted` in quotes; a block text is neither."""

    text: str
    plain: bool
    quoted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A key and its value."""

    key: str
    key_spot: Spot
    value: Node

    @property
    def key_place(self) -> Place:
        """Return where the key stands."""
        return place_of(self.key_spot)


@dataclass(frozen=True, slots=True, eq=False)
class ListNode(Located):
    """Values in order."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MapNode(Located):
    """Keys with values, in order; each key once. `index` is there for large maps only."""

    entries: tuple[Entry, ...]
    index: dict[str, Entry] | None = None

    def get(self, key: str) -> Node | None:
        """Return the value of a key, None if it is not there."""
        entry = self.entry(key)
        return entry.value if entry is not None else None

    def entry(self, key: str) -> Entry | None:
        """Return a key with its value, None if it is not there."""
        if self.index is not None:
            return self.index.get(key)
        return next((entry for entry in self.entries if entry.key == key), None)

    def keys(self) -> tuple[str, ...]:
        """Return the keys in the order of the text."""
        return tuple(entry.key for entry in self.entries)


Node = ScalarNode | ListNode | MapNode
