"""Read what stands beside a verb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labcore.model.names import is_name, nearest, normal_name
from labcore.model.plan import Condition, Modifiers, OnError
from labcore.pipeline.context import Context
from labcore.pipeline.draft import DraftStep, MapNode, Node, ScalarNode
from labcore.pipeline.values import argument_value, condition_of, seconds

POLICIES = ("stop", "skip", "pause", "ask", "retry", "replace", "fallback")


@dataclass(frozen=True, slots=True)
class Loop:
    """The part of the modifiers that makes a repetition."""

    times: int | None
    every: float | None
    lasts_for: float | None
    until: Condition | None

    @property
    def any(self) -> bool:
        """Say whether there is a repetition at all."""
        return self.times is not None or self.every is not None or self.until is not None


def read_modifiers(step: DraftStep, context: Context) -> tuple[Modifiers, Loop, Condition | None, Node | None]:
    """Return modifiers, loop, `when` condition, and the list of fallback steps if any."""
    nodes, what = step.modifiers, step.verb
    on_error, fallback = _on_error(nodes.get("on_error"), _count(nodes.get("retry"), context, f"{what}: retry") or 0, context, what)
    loop = Loop(
        _count(nodes.get("times"), context, f"{what}: times"),
        seconds(nodes.get("every"), context, f"{what}: every"),
        seconds(nodes.get("for"), context, f"{what}: for"),
        condition_of(nodes["until"], context, f"{what}: until") if "until" in nodes else None,
    )
    if loop.every == 0:
        context.findings.add("E802", nodes["every"].place, f"{what}: every 0 s never lets time pass", "Give a longer interval.")
    modifiers = Modifiers(
        save=_save(nodes.get("save"), context, what),
        background=_flag(nodes, "background", context, what),
        timeout=seconds(nodes.get("timeout"), context, f"{what}: timeout"),
        on_error=on_error,
        repeatable=_flag(nodes, "repeatable", context, what),
        max_age=seconds(nodes.get("max_age"), context, f"{what}: max_age"),
        require=condition_of(nodes["require"], context, f"{what}: require") if "require" in nodes else None,
        hold=_flag(nodes, "hold", context, what),
        safe_point=_flag(nodes, "safe_point", context, what),
        lasts=loop.lasts_for,
    )
    when = condition_of(nodes["when"], context, f"{what}: when") if "when" in nodes else None
    return modifiers, loop, when, fallback


def _flag(nodes: Mapping[str, Node], key: str, context: Context, what: str) -> bool:
    node = nodes.get(key)
    if node is None:
        return False
    if isinstance(node, ScalarNode) and not node.quoted and node.text in ("true", "false"):
        return node.text == "true"
    context.findings.add("E303", node.place, f"{what}: {key} is true or false", f"Write {key}: true.")
    return False


def _count(node: Node | None, context: Context, what: str) -> int | None:
    if node is None:
        return None
    value = argument_value(node, context, what, False)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if number < 0 or number != int(number):
        context.findings.add("E303", node.place, f"{what} is a whole number", "Write a number like 3.")
        return None
    return int(number)


def _save(node: Node | None, context: Context, what: str) -> str | None:
    if node is None:
        return None
    if not isinstance(node, ScalarNode) or not is_name(node.text):
        context.findings.add("E210", node.place, f"{what}: save needs a name", "Write save: clear.")
        return None
    return normal_name(node.text)


def _on_error(node: Node | None, retries: int, context: Context, what: str) -> tuple[OnError | None, Node | None]:
    if node is None:
        return (OnError(retries=retries) if retries else None), None
    if isinstance(node, ScalarNode):
        return _policy(node.text, node, retries, context, what), None
    if not isinstance(node, MapNode):
        context.findings.add("E303", node.place, f"{what}: on_error is a word or a mapping", f"One of {', '.join(POLICIES)}.")
        return None, None
    return _policy_map(node, retries, context, what)


def _policy(word: str, node: Node, retries: int, context: Context, what: str) -> OnError | None:
    if word == "retry":
        return OnError("stop", max(retries, 1))
    if word in ("stop", "skip", "pause", "ask"):
        return OnError(word, retries)  # type: ignore[arg-type]
    hint = nearest(word, POLICIES)
    remedy = f"Did you mean {hint!r}?" if hint else f"One of {', '.join(POLICIES)}."
    context.findings.add("E214", node.place, f"{what}: on_error: there is no policy {word!r}", remedy)
    return None


def _policy_map(node: MapNode, retries: int, context: Context, what: str) -> tuple[OnError | None, Node | None]:
    values: dict[str, Any] = {"then": "stop", "retries": retries, "limit": None, "default": "stop"}
    fallback: Node | None = None
    for entry in node.entries:
        match entry.key:
            case "retry":
                values["retries"] = _count(entry.value, context, f"{what}: retry") or 0
            case "then" | "default" if isinstance(entry.value, ScalarNode):
                policy = _policy(entry.value.text, entry.value, 0, context, what)
                values[entry.key] = policy.then if policy is not None else "stop"
            case "limit":
                values["limit"] = seconds(entry.value, context, f"{what}: limit")
            case "fallback" | "replace":
                fallback, values["then"] = entry.value, "fallback"
            case _:
                keys = ("retry", "then", "limit", "default", "fallback", "replace")
                hint = nearest(entry.key, keys)
                remedy = f"Did you mean {hint!r}?" if hint else f"Known keys: {', '.join(keys)}."
                context.findings.add("E201", entry.key_place, f"{what}: on_error: unknown key {entry.key!r}", remedy)
    if values["default"] not in ("stop", "skip", "pause"):
        context.findings.add("E214", node.place, f"{what}: a default may only be the safe side", "One of stop, pause, skip.")
        values["default"] = "stop"
    return OnError(**values), fallback
