"""Read what stands beside a verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labcore.model.names import name_fault, normal_name
from labcore.model.plan import Condition, Modifiers, OnError
from labcore.pipeline.conditions import condition_of, count_of, seconds
from labcore.pipeline.context import Context, Slot
from labcore.pipeline.draft import DraftStep
from labcore.pipeline.nodes import Entry, Node, ScalarNode
from labcore.pipeline.policy import Instead, read_policy
from labcore.pipeline.scalars import value_of
from labcore.pipeline.values import INVALID, known_value


@dataclass(frozen=True, slots=True)
class Loop:
    """The part of the modifiers that makes a repetition. Times in s."""

    times: int | None = None
    every: float | None = None
    lasts_for: float | None = None
    until: Condition | None = None

    @property
    def repeats(self) -> bool:
        """Say whether there is a repetition at all."""
        return self.times is not None or self.every is not None or self.until is not None


@dataclass(frozen=True, slots=True)
class Beside:
    """Everything beside a verb: modifiers, loop, `when` condition, the steps `on_error` takes, and a name for people."""

    modifiers: Modifiers = Modifiers()
    loop: Loop = Loop()
    when: Condition | None = None
    instead: Instead = field(default_factory=dict)
    label: str | None = None


NOTHING = Beside()


def read_modifiers(step: DraftStep, context: Context, returns: str | None = None) -> Beside:
    """Return what stands beside a verb; what it saves, of dimension `returns`, is known to its own `until`."""
    if not step.modifiers:
        return NOTHING
    return _Reader(step.modifiers, context, step.verb, returns).all()


class _Reader:
    """Reads the modifiers of one step; what is not there is left at its default."""

    def __init__(
        self, entries: Mapping[str, Entry], context: Context, verb: str, returns: str | None
    ) -> None:
        self._entries, self._context, self._verb, self._returns = entries, context, verb, returns

    def all(self) -> Beside:
        found = {key: read(self, key) for key, read in _READ.items() if key in self._entries}
        on_error: OnError | None = None
        instead: Instead = {}
        if "on_error" in found or "retry" in found:
            retries = found.pop("retry", None) or 0
            on_error, instead = read_policy(found.pop("on_error", None), retries, self._slot("on_error"))
        loop = Loop(*(found.pop(key, None) for key in ("times", "every", "for", "until")))
        when, label = found.pop("when", None), found.pop("name", None)
        modifiers = Modifiers(on_error=on_error, lasts=loop.lasts_for, **found)
        return Beside(modifiers, loop, when, instead, label)

    def _slot(self, key: str) -> Slot:
        return Slot(self._context, self._verb, key)

    def node(self, key: str) -> Node:
        return self._entries[key].value

    def seconds(self, key: str) -> float | None:
        return seconds(self.node(key), self._slot(key))

    def condition(self, key: str) -> Condition | None:
        return condition_of(self.node(key), self._slot(key))

    def count(self, key: str) -> int | None:
        return count_of(self.node(key), self._slot(key))

    def flag(self, key: str) -> bool:
        node = self.node(key)
        value = value_of(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, bool):
            return value
        self._slot(key).note("E303", node.place, "this is true or false", f"Write {key}: true.")
        return False

    def save(self, key: str) -> str | None:
        node, slot = self.node(key), self._slot(key)
        fault = name_fault(node.text) if isinstance(node, ScalarNode) else "it is one word"
        if fault or not isinstance(node, ScalarNode):
            slot.note("E210", node.place, f"this is not a name: {fault}", "Write it like save: clear.")
            return None
        name = normal_name(node.text)
        if name in self._context.scope.values:
            message = f"{node.text!r} is the name of a parameter or loop variable already"
            slot.note("E211", node.place, message, "Choose another name.")
            return None
        self._context.scope.remember(name, self._returns)
        return name

    def label(self, key: str) -> str | None:
        node, slot = self.node(key), self._slot(key)
        if not isinstance(node, ScalarNode):
            slot.note("E303", node.place, "a name is a text", "Write a few words.")
            return None
        value = known_value(node, slot)
        return None if value is INVALID or value is None else str(value)


_READ: Mapping[str, Callable[[_Reader, str], Any]] = {
    "save": _Reader.save, "retry": _Reader.count, "on_error": _Reader.node, "times": _Reader.count, "every": _Reader.seconds,
    "for": _Reader.seconds, "until": _Reader.condition, "background": _Reader.flag,
    "timeout": _Reader.seconds, "repeatable": _Reader.flag, "max_age": _Reader.seconds, "require": _Reader.condition,
    "hold": _Reader.flag, "safe_point": _Reader.flag, "when": _Reader.condition, "name": _Reader.label,
}  # fmt: skip
