"""Read `on_error` and `retry`: what to do when a step fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labcore.model.plan import OnError
from labcore.pipeline.conditions import count_of, seconds
from labcore.pipeline.context import Slot
from labcore.pipeline.draft import hint
from labcore.pipeline.nodes import Entry, MapNode, Node, ScalarNode

Then = Literal["stop", "skip", "pause", "ask", "fallback", "replace"]
Safe = Literal["stop", "skip", "pause"]

POLICIES = ("stop", "skip", "pause", "ask", "retry", "replace", "fallback")
KEYS = ("retry", "then", "limit", "default", "fallback", "replace")
_WORDS: dict[str, Then] = {"stop": "stop", "skip": "skip", "pause": "pause", "ask": "ask"}
_SAFE: dict[str, Safe] = {"stop": "stop", "skip": "skip", "pause": "pause"}


def read_policy(node: Node | None, retries: int, slot: Slot) -> tuple[OnError | None, Node | None]:
    """Return the policy and the steps to take instead, if any."""
    if node is None:
        return (OnError(retries=retries) if retries else None), None
    if isinstance(node, ScalarNode):
        return _word(node, retries, slot), None
    if not isinstance(node, MapNode):
        slot.note("E303", node.place, "this is a word or a mapping", f"One of {', '.join(POLICIES)}.")
        return None, None
    reader = _Reader(slot, retries)
    for entry in node.entries:
        reader.read(entry)
    return OnError(reader.then, reader.retries, reader.limit, reader.default), reader.fallback


def _word(node: ScalarNode, retries: int, slot: Slot) -> OnError | None:
    if node.text == "retry":
        return OnError("stop", max(retries, 1))
    if node.text in _WORDS:
        return OnError(_WORDS[node.text], retries)
    if node.text in ("replace", "fallback"):
        slot.note("E303", node.place, f"{node.text} needs steps", f"Write on_error: {{{node.text}: [...]}}.")
        return None
    remedy = hint(node.text, POLICIES, f"One of {', '.join(POLICIES)}.")
    slot.note("E214", node.place, f"there is no policy {node.text!r}", remedy)
    return None


@dataclass(slots=True)
class _Reader:
    """Reads the mapping form, key by key."""

    slot: Slot
    retries: int
    then: Then = "stop"
    limit: float | None = None
    default: Safe = "stop"
    fallback: Node | None = None

    def read(self, entry: Entry) -> None:
        match entry.key:
            case "retry":
                self.retries = count_of(entry.value, self.slot.at("retry")) or 0
            case "then":
                policy = self._policy(entry)
                self.then = policy.then if policy is not None else "stop"
            case "default":
                self.default = self._safe(entry)
            case "limit":
                self.limit = seconds(entry.value, self.slot.at("limit"))
            case "fallback" | "replace":
                self.fallback, self.then = entry.value, "fallback"
            case _:
                remedy = hint(entry.key, KEYS, f"Known keys: {', '.join(KEYS)}.")
                self.slot.note("E201", entry.key_place, f"unknown key {entry.key!r}", remedy)

    def _policy(self, entry: Entry) -> OnError | None:
        if isinstance(entry.value, ScalarNode):
            return _word(entry.value, 0, self.slot.at(entry.key))
        self.slot.note(
            "E303", entry.value.place, f"{entry.key} is one word", f"One of {', '.join(POLICIES)}."
        )
        return None

    def _safe(self, entry: Entry) -> Safe:
        policy = self._policy(entry)
        if policy is None:
            return "stop"
        if policy.then not in _SAFE:
            message = f"{policy.then!r} is not the safe side"
            self.slot.note("E214", entry.value.place, message, f"One of {', '.join(_SAFE)}.")
            return "stop"
        return _SAFE[policy.then]
