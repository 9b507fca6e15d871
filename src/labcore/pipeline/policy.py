"""Read `on_error` and `retry`: what to do when a step fails, for every kind of failure alike or for each its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from labcore.model.failure import KINDS, OTHERWISE
from labcore.model.plan import OnError
from labcore.pipeline.conditions import count_of, seconds
from labcore.pipeline.context import Slot
from labcore.pipeline.draft import hint
from labcore.pipeline.nodes import Entry, MapNode, Node, ScalarNode

Then = Literal["stop", "skip", "pause", "ask"]
Safe = Literal["stop", "skip", "pause"]

POLICIES = ("stop", "skip", "pause", "ask", "retry", "replace", "fallback")
KEYS = ("retry", "then", "limit", "default", "fallback", "replace")
CASES = (*KINDS, OTHERWISE)
_WORDS: dict[str, Then] = {"stop": "stop", "skip": "skip", "pause": "pause", "ask": "ask"}
_SAFE: dict[str, Safe] = {"stop": "stop", "skip": "skip", "pause": "pause"}

Instead = Mapping[str, Node]  # the steps to take, by the name the policy gives them


def read_policy(node: Node | None, retries: int, slot: Slot) -> tuple[OnError | None, Instead]:
    """Return the policy and the steps to take instead, by name."""
    if node is None:
        return (OnError(retries=retries) if retries else None), {}
    if isinstance(node, MapNode) and any(map(_is_case, node.entries)):
        return _cases(node, retries, slot)
    return _one(node, retries, slot, "")


def _is_case(entry: Entry) -> bool:
    """Say whether this names a kind of failure; `limit` is one if what follows is a policy, else the time for an answer."""
    if entry.key != "limit":
        return entry.key in CASES
    return isinstance(entry.value, MapNode) or getattr(entry.value, "text", "") in POLICIES


def _cases(node: MapNode, retries: int, slot: Slot) -> tuple[OnError | None, Instead]:
    """Read a policy for each kind of failure; what is not named is `otherwise`, by default `stop`."""
    rest, cases, instead = OnError(retries=retries), list[OnError](), dict[str, Node]()
    for entry in node.entries:
        if entry.key not in CASES:
            _no_case(entry, slot)
            continue
        other = entry.key == OTHERWISE
        given = _one(entry.value, retries if other else 0, slot.at(entry.key), "" if other else entry.key)
        policy, steps = given
        instead |= steps
        if policy is not None and other:
            rest = policy
        elif policy is not None:
            cases.append(policy)
    if not {OTHERWISE, "undecided"} & set(node.keys()):
        cases.append(OnError("pause", case="undecided"))  # what is done where the protocol says nothing
    return replace(rest, cases=tuple(cases)), instead


def _no_case(entry: Entry, slot: Slot) -> None:
    if entry.key in KEYS:
        message = f"{entry.key!r} beside kinds of failure: for which kind?"
        slot.note("E201", entry.key_place, message, f"Write {OTHERWISE}: {{{entry.key}: ...}}.")
        return
    remedy = hint(entry.key, CASES, f"Kinds: {', '.join(CASES)}.")
    slot.note("E201", entry.key_place, f"there is no kind of failure {entry.key!r}", remedy)


def _one(node: Node, retries: int, slot: Slot, case: str) -> tuple[OnError | None, Instead]:
    if isinstance(node, ScalarNode):
        policy = _word(node, retries, slot)
        return (replace(policy, case=case) if policy is not None else None), {}
    if not isinstance(node, MapNode):
        slot.note("E303", node.place, "this is a word or a mapping", f"One of {', '.join(POLICIES)}.")
        return None, {}
    if not node.entries:
        slot.note("E303", node.place, "this says nothing", f"Keys: {', '.join(KEYS)}.")
    reader = _Reader(slot, OnError(retries=retries, case=case))
    for entry in node.entries:
        reader.read(entry)
    if not reader.wrong:
        _without_effect(node, reader.policy, slot)
    return reader.policy, reader.instead


def _without_effect(node: MapNode, policy: OnError, slot: Slot) -> None:
    """Note what cannot come into play: a last resort beside other steps, an answer to what nobody asks."""
    for entry in node.entries:
        if entry.key == "then" and policy.then == "fallback":
            message = "with a fallback nothing is left for 'then'"
            slot.note(
                "E214", entry.key_place, message, "Keep one of them: the steps stand in for the failed one."
            )
        elif entry.key in ("limit", "default") and policy.then != "ask":
            message = f"{entry.key!r} belongs to a question, and nobody is asked"
            slot.note("E214", entry.key_place, message, "Write then: ask, or leave it out.")


def _word(node: ScalarNode, retries: int, slot: Slot) -> OnError | None:
    if node.text == "retry":
        return OnError("stop", max(retries, 1))
    if node.text in _WORDS:
        return OnError(_WORDS[node.text], retries)
    if node.text in ("replace", "fallback"):
        slot.note("E303", node.place, f"{node.text} needs steps", f"Write {{{node.text}: [...]}}.")
        return None
    remedy = hint(node.text, POLICIES, f"One of {', '.join(POLICIES)}.")
    slot.note("E214", node.place, f"there is no policy {node.text!r}", remedy)
    return None


@dataclass(slots=True)
class _Reader:
    """Reads the mapping form, key by key."""

    slot: Slot
    policy: OnError
    instead: dict[str, Node] = field(default_factory=dict)
    wrong: bool = False

    def read(self, entry: Entry) -> None:
        match entry.key:
            case "retry":
                count = count_of(entry.value, self.slot.at("retry")) or 0
                self.policy = replace(self.policy, retries=count)
            case "then":
                said = self._said(entry, _WORDS)
                if said is not None and self.policy.then != "fallback":
                    self.policy = replace(self.policy, then=_WORDS[said])
            case "default":
                said = self._said(entry, _SAFE)
                self.policy = replace(self.policy, default=_SAFE[said] if said is not None else "stop")
            case "limit":
                self.policy = replace(self.policy, limit=seconds(entry.value, self.slot.at("limit")))
            case "fallback":
                self.policy = replace(self.policy, then="fallback")
                self.instead[self.policy.fallback] = entry.value
            case "replace":
                self.policy = replace(self.policy, replaces=True)
                self.instead[self.policy.replacement] = entry.value
            case _:
                remedy = hint(entry.key, (*KEYS, *CASES), f"Known keys: {', '.join(KEYS)}.")
                self.slot.note("E201", entry.key_place, f"unknown key {entry.key!r}", remedy)

    def _said(self, entry: Entry, words: Mapping[str, str]) -> str | None:
        """Return the word, one of `words`."""
        node, remedy = entry.value, f"One of {', '.join(words)}."
        if not isinstance(node, ScalarNode):
            self.slot.note("E303", node.place, f"{entry.key} is one word", remedy)
            self.wrong = True
            return None
        if node.text in words:
            return node.text
        message = (
            f"{entry.key!r} cannot be {node.text!r}"
            if node.text in POLICIES
            else f"there is no policy {node.text!r}"
        )
        self.slot.at(entry.key).note("E214", node.place, message, hint(node.text, tuple(words), remedy))
        self.wrong = True
        return None
