"""Turn draft steps into plan nodes: verbs with validated arguments, loops and conditions as nodes of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from labcore.model.plan import Choice, Deferred, Modifiers, Node, Repeat, Sequence, Step, Where
from labcore.pipeline.context import Context
from labcore.pipeline.draft import DraftStep, MapNode, Place
from labcore.pipeline.draft import Node as TextNode
from labcore.pipeline.models import note_errors
from labcore.pipeline.modifiers import Loop, read_modifiers
from labcore.pipeline.values import argument_value, is_quantity_field
from labcore.plugin.step import Verb

Blocks = dict[str, Callable[[DraftStep, Context, str], Node | None]]


def resolve_steps(steps: tuple[DraftStep, ...], context: Context, prefix: str, blocks: Blocks) -> tuple[Node, ...]:
    """Resolve a list of steps; those with errors are left out (their problems are noted)."""
    nodes = []
    for index, step in enumerate(steps, 1):
        node = resolve_step(step, context, f"{prefix}{index}", blocks)
        if node is not None:
            nodes.append(node)
    return tuple(nodes)


def resolve_step(step: DraftStep, context: Context, id_: str, blocks: Blocks) -> Node | None:
    """Resolve one step with its modifiers."""
    modifiers, loop, when, fallback = read_modifiers(step, context)
    if step.verb in blocks:
        return blocks[step.verb](step, context, id_)
    verb = context.verb(step.verb, step.verb_place)
    if verb is None:
        return None
    _check_modifiers(step, verb, loop, context)
    node: Node | None = _verb_step(step, verb, context, id_, modifiers, blocks, fallback)
    if modifiers.save is not None:
        context.scope.later.add(modifiers.save)
    if node is None:
        return None
    return wrap(node, step, modifiers, loop if not verb.output else Loop(loop.times, loop.every, None, loop.until), when)


def wrap(node: Node, step: DraftStep, modifiers: Modifiers, loop: Loop, when: Any) -> Node:
    """Put loops and conditions around a node, from the inside: require, repeat, when."""
    outer = Modifiers(
        background=modifiers.background, timeout=modifiers.timeout, max_age=modifiers.max_age, on_error=_outer(modifiers)
    )
    where, label = where_of(step.place), node.label
    if modifiers.require is not None:
        node = Choice(node.id, where, label, outer, modifiers.require, node, None, "require")
    if loop.any:
        node = Repeat(node.id, where, label, outer, node, loop.times, loop.every, loop.lasts_for, loop.until)
    if when is not None:
        node = Choice(node.id, where, label, outer, when, node)
    return node


def _outer(modifiers: Modifiers) -> Any:
    """A policy holds for the loop around a step too, but only the step itself is tried again."""
    policy = modifiers.on_error
    if policy is None or policy.then == "fallback":
        return None
    return type(policy)(policy.then, 0, policy.limit, policy.default)


def where_of(place: Place) -> Where:
    """Return a place as the plan keeps it."""
    return Where(place.file, place.line, place.column)


def _check_modifiers(step: DraftStep, verb: Verb, loop: Loop, context: Context) -> None:
    for key in ("then", "otherwise", "do"):
        if key in step.modifiers:
            context.findings.add("E106", step.places[key], f"{step.verb}: `{key}` belongs to a block", "Use `when: ...` with `then:`.")
    if "for" in step.modifiers and not verb.output and not loop.any:
        context.findings.add(
            "E803", step.places["for"], f"{step.verb} ends by itself: `for` limits what `every` repeats", "Add `every: ...`, or remove `for`."
        )
    if verb.output and loop.any:
        context.findings.add("E803", step.verb_place, f"{step.verb} goes on by itself and cannot be repeated", "Use a `repeat:` block.")


# --------------------------------------------------------------------------------------------- one verb
def _verb_step(
    step: DraftStep, verb: Verb, context: Context, id_: str, modifiers: Modifiers, blocks: Blocks, fallback: TextNode | None
) -> Step | None:
    args = _arguments(step, verb, context)
    if args is None:
        return None
    validated = validate(verb, args, step, context, "low")
    if validated is None or (_has_bounds(args) and validate(verb, args, step, context, "high") is None):
        return None
    label = step.modifiers["name"].text if _named(step) else verb.label(validated)  # type: ignore[union-attr]
    ready = args if _has_deferred(args) else dict(_values_of(validated))
    instead = _fallback(fallback, context, id_, blocks)
    repeat_allowed = verb.harmless or modifiers.repeatable
    return Step(
        id_, where_of(step.place), label, modifiers, step.verb, ready, verb.cut == "anytime", repeat_allowed, instead
    )


def _named(step: DraftStep) -> bool:
    return "name" in step.modifiers and hasattr(step.modifiers["name"], "text")


def _fallback(node: TextNode | None, context: Context, id_: str, blocks: Blocks) -> Node | None:
    if node is None:
        return None
    from labcore.pipeline.parse import parse_steps

    steps = resolve_steps(parse_steps(node, context.findings, node.place), context, f"{id_}.fallback.", blocks)
    return Sequence(f"{id_}.fallback", where_of(node.place), "instead", Modifiers(), steps)


def _arguments(step: DraftStep, verb: Verb, context: Context) -> dict[str, Any] | None:
    """Return the arguments by name; None after noting problems in any of them."""
    node, before = step.argument, len(context.findings.problems)
    if node is None:
        return {}
    if isinstance(node, MapNode):
        args = {
            entry.key: argument_value(entry.value, context, f"{step.verb}: {entry.key}", is_quantity_field(verb.Args, entry.key))
            for entry in node.entries
        }
    elif verb.shorthand:
        quantity = is_quantity_field(verb.Args, verb.shorthand)
        value = argument_value(node, context, step.verb, quantity)
        args = {} if value is None and len(context.findings.problems) == before else {verb.shorthand: value}
    else:
        context.findings.add("E107", node.place, f"{step.verb} takes a mapping", f"Write {step.verb}: {{...}} with {_keys(verb)}.")
        return None
    return args if len(context.findings.problems) == before else None


def _keys(verb: Verb) -> str:
    return ", ".join(field.alias or name for name, field in verb.Args.model_fields.items())


def validate(verb: Verb, args: dict[str, Any], step: DraftStep, context: Context, corner: str) -> BaseModel | None:
    """Validate arguments with every deferred one at its lower or upper bound; None after noting what is wrong."""
    ready = at_corner(args, corner)
    try:
        return verb.Args.model_validate(ready)
    except ValidationError as error:
        if corner == "low":
            node = step.argument if isinstance(step.argument, MapNode) else step.argument
            note_errors(error, verb.Args, node, context.findings, what=step.verb, step=None)
        return None


def at_corner(args: Any, corner: str) -> dict[str, Any]:
    """Return arguments with every deferred quantity at its `low` or `high` bound, deferred text as the author wrote it."""
    return {name: _corner(value, corner) for name, value in args.items()}


def _corner(value: Any, corner: str) -> Any:
    if not isinstance(value, Deferred):
        return value
    bound = value.low if corner == "low" else value.high
    return bound if bound is not None else value.written


def _has_deferred(args: dict[str, Any]) -> bool:
    return any(isinstance(value, Deferred) for value in args.values())


def _has_bounds(args: dict[str, Any]) -> bool:
    return any(isinstance(value, Deferred) and value.low is not None for value in args.values())


def _values_of(model: BaseModel) -> list[tuple[str, Any]]:
    return [(field.alias or name, getattr(model, name)) for name, field in type(model).model_fields.items()]
