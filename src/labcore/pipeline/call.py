"""`call`: another protocol's steps in place of one, with names and parameters of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from labcore.model.plan import Node
from labcore.pipeline.context import Context, Slot
from labcore.pipeline.draft import Draft, DraftStep
from labcore.pipeline.nodes import Entry, MapNode, ScalarNode
from labcore.pipeline.nodes import Node as TextNode
from labcore.pipeline.parse import parse_protocol
from labcore.pipeline.problem import Place
from labcore.pipeline.scalars import is_null
from labcore.pipeline.scope import build_scope, check_given, written_value
from labcore.pipeline.steps import Blocks, resolve_steps
from labcore.pipeline.values import INVALID, known_value

MOST_CALLS = 10  # one inside the other
_FORM = "Write call: rinse.yaml, or {protocol: rinse.yaml, with: {...}}."


@dataclass(frozen=True, slots=True)
class Called:
    """What a called protocol consists of."""

    label: str
    steps: tuple[Node, ...]
    finally_: tuple[Node, ...]


def resolve_call(step: DraftStep, context: Context, id_: str, blocks: Blocks) -> Called | None:
    """Return the called protocol's steps; None after noting why there are none."""
    found = _reference(step, context)
    if found is None:
        return None
    file, place_node, given = found
    places = {entry.key: entry.value.place for entry in _with(step)}
    if file in context.calls or len(context.calls) >= MOST_CALLS:
        message = (
            f"{file} calls itself"
            if file in context.calls
            else f"more than {MOST_CALLS} calls one inside the other"
        )
        context.findings.add("E110", place_node.place, message, step=step.verb)
        return None
    text = _text(file, place_node, step, context)
    draft = parse_protocol(text, file, context.findings) if text is not None else None
    if draft is None:
        return None
    check_given(given, draft, place_node.place, context.findings, places)
    inner = _inside(draft, given, places, context)
    steps = resolve_steps(draft.steps, inner, f"{id_}.", blocks)
    finally_ = resolve_steps(draft.finally_, inner, f"{id_}.finally.", blocks)
    context.scope.later.update(inner.scope.later)
    context.shared.cleared.clear()
    return Called(draft.header.name, steps, finally_)


def _inside(draft: Draft, given: Mapping[str, Any], places: Mapping[str, Place], context: Context) -> Context:
    """Return the context of a called protocol: its own names only, over the same lab."""
    scope = build_scope(draft, given, context.findings, places)
    context.admit(draft)
    context.shared.cleared.clear()  # what is declared differs from file to file
    return replace(context, scope=scope, calls=(*context.calls, draft.file), node=draft.node)


def _text(file: str, node: TextNode, step: DraftStep, context: Context) -> str | None:
    texts = context.shared.texts
    if file not in texts:
        try:
            texts[file] = context.read(file)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error) or "it is not there"
            context.findings.add("E111", node.place, f"cannot read {file}: {why}", step=step.verb)
            return None
    return texts[file]


def _reference(step: DraftStep, context: Context) -> tuple[str, TextNode, dict[str, Any]] | None:
    """Return file name, where it is written, and parameters."""
    node = step.argument
    if isinstance(node, MapNode):
        for entry in node.entries:
            if entry.key not in ("protocol", "with"):
                message = f"unknown key {entry.key!r}"
                context.findings.add(
                    "E201", entry.key_place, message, "Known keys: protocol, with.", step=step.verb
                )
        protocol = node.get("protocol")
        if isinstance(protocol, ScalarNode) and not is_null(protocol):
            return protocol.text, protocol, _given(node.get("with"), step, context)
    elif isinstance(node, ScalarNode) and not is_null(node):
        return node.text, node, {}
    context.findings.add("E107", step.verb_place, "this names a protocol file", _FORM, step=step.verb)
    return None


def _with(step: DraftStep) -> tuple[Entry, ...]:
    """Return the parameters as they are written."""
    node = step.argument.get("with") if isinstance(step.argument, MapNode) else None
    return node.entries if isinstance(node, MapNode) else ()


def _given(node: TextNode | None, step: DraftStep, context: Context) -> dict[str, Any]:
    if node is None or is_null(node):
        return {}
    if not isinstance(node, MapNode):
        context.findings.add(
            "E303", node.place, "with: this is a mapping of parameters", _FORM, step=step.verb
        )
        return {}
    given = {}
    for entry in node.entries:
        value = known_value(entry.value, Slot(context, step.verb, entry.key))
        if value is INVALID or value is None or isinstance(value, list | dict):
            continue
        given[entry.key] = written_value(value, entry.value)
    return given
