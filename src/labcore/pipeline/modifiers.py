"""Read what stands beside a verb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labcore.model.names import name_fault, normal_name
from labcore.model.plan import Condition, Modifiers
from labcore.pipeline.conditions import condition_of, count_of, seconds
from labcore.pipeline.context import Context, Slot
from labcore.pipeline.draft import DraftStep
from labcore.pipeline.nodes import Entry, Node, ScalarNode
from labcore.pipeline.policy import read_policy
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
    """Everything beside a verb: modifiers, loop, `when` condition, the steps to take instead, and a name for people."""

    modifiers: Modifiers = Modifiers()
    loop: Loop = Loop()
    when: Condition | None = None
    fallback: Node | None = None
    label: str | None = None


NOTHING = Beside()


def read_modifiers(step: DraftStep, context: Context) -> Beside:
    """Return what stands beside a verb."""
    if not step.modifiers:
        return NOTHING
    reader = _Reader(step.modifiers, context, step.verb)
    return reader.all()


class _Reader:
    """Reads the modifiers of one step."""

    def __init__(self, entries: Mapping[str, Entry], context: Context, verb: str) -> None:
        self._entries, self._context, self._verb = entries, context, verb

    def all(self) -> Beside:
        retries = self._count("retry") or 0
        on_error, fallback = read_policy(self._node("on_error"), retries, self._slot("on_error"))
        loop = Loop(
            self._count("times"), self._seconds("every"), self._seconds("for"), self._condition("until")
        )
        modifiers = Modifiers(
            save=self._save(),
            background=self._flag("background"),
            timeout=self._seconds("timeout"),
            on_error=on_error,
            repeatable=self._flag("repeatable"),
            max_age=self._seconds("max_age"),
            require=self._condition("require"),
            hold=self._flag("hold"),
            safe_point=self._flag("safe_point"),
            lasts=loop.lasts_for,
        )
        return Beside(modifiers, loop, self._condition("when"), fallback, self._label())

    def _node(self, key: str) -> Node | None:
        entry = self._entries.get(key)
        return entry.value if entry is not None else None

    def _slot(self, key: str) -> Slot:
        return Slot(self._context, self._verb, key)

    def _seconds(self, key: str) -> float | None:
        return seconds(self._node(key), self._slot(key)) if key in self._entries else None

    def _condition(self, key: str) -> Condition | None:
        return condition_of(self._node(key), self._slot(key)) if key in self._entries else None

    def _flag(self, key: str) -> bool:
        node = self._node(key)
        if node is None:
            return False
        value = value_of(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, bool):
            return value
        self._slot(key).note("E303", node.place, "this is true or false", f"Write {key}: true.")
        return False

    def _count(self, key: str) -> int | None:
        node = self._node(key)
        return count_of(node, self._slot(key)) if node is not None else None

    def _save(self) -> str | None:
        node = self._node("save")
        if node is None:
            return None
        fault = name_fault(node.text) if isinstance(node, ScalarNode) else "it is one word"
        if fault or not isinstance(node, ScalarNode):
            self._slot("save").note(
                "E210", node.place, f"this is not a name: {fault}", "Write it like save: clear."
            )
            return None
        name = normal_name(node.text)
        if name in self._context.scope.values:
            message = f"{node.text!r} is the name of a parameter or loop variable already"
            self._slot("save").note("E211", node.place, message, "Choose another name.")
            return None
        return name

    def _label(self) -> str | None:
        node = self._node("name")
        if node is None:
            return None
        value = known_value(node, self._slot("name")) if isinstance(node, ScalarNode) else INVALID
        if not isinstance(node, ScalarNode):
            self._slot("name").note("E303", node.place, "a name is a text", "Write a few words.")
        return str(value) if value is not INVALID and value is not None else None
