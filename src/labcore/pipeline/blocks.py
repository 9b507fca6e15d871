"""Blocks: verbs whose argument is a list of steps. `for_each` and `call` are unrolled here, so the engine never sees them."""

from __future__ import annotations

from typing import Any

from labcore.model.names import is_name, nearest, normal_name
from labcore.model.plan import Choice, Modifiers, Node, Parallel, Repeat, Sequence
from labcore.pipeline.context import Context
from labcore.pipeline.draft import DraftStep, Findings, ListNode, MapNode, ScalarNode
from labcore.pipeline.draft import Node as TextNode
from labcore.pipeline.modifiers import Loop, read_modifiers
from labcore.pipeline.parse import parse_protocol, parse_steps
from labcore.pipeline.scope import as_value
from labcore.pipeline.steps import Blocks, resolve_steps, where_of, wrap
from labcore.pipeline.values import argument_value

MAX_CALLS = 10


def _body(node: TextNode | None, context: Context, step: DraftStep, id_: str, label: str) -> Sequence | None:
    steps = parse_steps(node, context.findings, step.place)
    if not steps:
        context.findings.add("E108", step.verb_place, f"{step.verb} has no steps", "Give it a list of steps.")
        return None
    return Sequence(id_, where_of(step.place), label, Modifiers(), resolve_steps(steps, context, f"{id_}.", BLOCKS))


def _finally(step: DraftStep, context: Context, id_: str) -> tuple[Node, ...]:
    node = step.modifiers.get("finally")
    return resolve_steps(parse_steps(node, context.findings, step.place), context, f"{id_}.finally.", BLOCKS)


def _label(step: DraftStep, default: str) -> str:
    node = step.modifiers.get("name")
    return node.text if isinstance(node, ScalarNode) else default


def _sequence(step: DraftStep, context: Context, id_: str) -> Node | None:
    modifiers, loop, when, _ = read_modifiers(step, context)
    body = _body(step.argument, context, step, id_, _label(step, "sequence"))
    if body is None:
        return None
    node = Sequence(id_, body.where, body.label, _kept(modifiers), body.steps, _finally(step, context, id_))
    return wrap(node, step, modifiers, loop, when)


def _kept(modifiers: Modifiers) -> Modifiers:
    return Modifiers(background=modifiers.background, timeout=modifiers.timeout, on_error=modifiers.on_error)


def _repeat(step: DraftStep, context: Context, id_: str) -> Node | None:
    modifiers, loop, when, _ = read_modifiers(step, context)
    body = _body(step.argument, context, step, id_, "round")
    if body is None:
        return None
    if not loop.any and loop.lasts_for is None:
        context.findings.add("E804", step.verb_place, "this repeat never ends", "Add times, for, every with for, or until.")
    label = _label(step, "repeat")
    node: Node = Repeat(id_, body.where, label, _loop_modifiers(modifiers), body, loop.times, loop.every, loop.lasts_for, loop.until)
    finally_ = _finally(step, context, id_)
    if finally_:
        node = Sequence(id_, body.where, label, _kept(modifiers), (node,), finally_)
    return wrap(node, step, modifiers, Loop(None, None, None, None), when)


def _loop_modifiers(modifiers: Modifiers) -> Modifiers:
    return Modifiers(
        background=modifiers.background, timeout=modifiers.timeout, max_age=modifiers.max_age, on_error=modifiers.on_error
    )


def _parallel(step: DraftStep, context: Context, id_: str) -> Node | None:
    modifiers, loop, when, _ = read_modifiers(step, context)
    if not isinstance(step.argument, ListNode) or not step.argument.items:
        context.findings.add("E108", step.verb_place, "parallel has no branches", "Give it a list of lists of steps.")
        return None
    branches = []
    for index, item in enumerate(step.argument.items, 1):
        nodes = parse_steps(item, context.findings, step.place) if isinstance(item, ListNode) else parse_steps(
            ListNode(item.place, (item,)), context.findings, step.place
        )  # fmt: skip
        where = where_of(item.place)
        steps = resolve_steps(nodes, context, f"{id_}.{index}.", BLOCKS)
        branches.append(Sequence(f"{id_}.{index}", where, f"branch {index}", Modifiers(), steps))
    node = Parallel(
        id_, where_of(step.place), _label(step, "parallel"), _kept(modifiers), tuple(branches), _finally(step, context, id_)
    )
    return wrap(node, step, modifiers, loop, when)


def _when(step: DraftStep, context: Context, id_: str) -> Node | None:
    modifiers, _, when, _ = read_modifiers(step, context)
    then = _body(step.modifiers.get("then"), context, step, id_, "then")
    otherwise = None
    if "otherwise" in step.modifiers:
        otherwise = _body(step.modifiers["otherwise"], context, step, id_, "otherwise")
    if when is None or then is None:
        return None
    label = _label(step, f"when {when.text}")
    return Choice(id_, where_of(step.place), label, _loop_modifiers(modifiers), when, then, otherwise)


def _for_each(step: DraftStep, context: Context, id_: str) -> Node | None:
    """Unroll: one sequence a value, in which the loop variable is known."""
    modifiers, loop, when, _ = read_modifiers(step, context)
    if not isinstance(step.argument, MapNode):
        context.findings.add("E107", step.verb_place, "for_each takes a mapping", "Write for_each: {vial: [a, b], do: [...]}.")
        return None
    do = step.argument.get("do")
    variables = [entry for entry in step.argument.entries if entry.key != "do"]
    if do is None or len(variables) != 1 or not isinstance(variables[0].value, ListNode) or not is_name(variables[0].key):
        context.findings.add("E109", step.verb_place, "for_each needs one name with a list, and `do`", "Write {vial: [a, b], do: [...]}.")
        return None
    name = normal_name(variables[0].key)
    rounds = []
    for index, item in enumerate(variables[0].value.items, 1):
        value = as_value(argument_value(item, context, f"for_each: {name}", False))
        inner = context.inside({name: value})
        findings = context.findings if index == 1 else Findings()
        body = _body(do, _quiet(inner, findings), step, f"{id_}.{index}", f"{name} = {value}")
        if body is not None:
            rounds.append(body)
        if findings is not context.findings:
            context.findings.extend(p for p in findings.problems if not _known(p, context.findings))
    node = Sequence(id_, where_of(step.place), _label(step, f"for each {name}"), _kept(modifiers), tuple(rounds), _finally(step, context, id_))
    return wrap(node, step, modifiers, loop, when)


def _quiet(context: Context, findings: Findings) -> Context:
    from dataclasses import replace

    return replace(context, findings=findings)


def _known(problem: Any, findings: Findings) -> bool:
    """Say whether the same problem was noted for an earlier value of the loop."""
    return any((one.code, one.place, one.message) == (problem.code, problem.place, problem.message) for one in findings.problems)


def _call(step: DraftStep, context: Context, id_: str) -> Node | None:
    """Put another protocol's steps here, with parameters of its own."""
    modifiers, loop, when, _ = read_modifiers(step, context)
    file, given = _call_arguments(step, context)
    if file is None:
        return None
    if file in context.calls or len(context.calls) >= MAX_CALLS:
        context.findings.add("E110", step.verb_place, f"{file} calls itself", "A protocol cannot contain itself.")
        return None
    try:
        text = context.read(file)
    except (OSError, ValueError) as error:
        context.findings.add("E111", step.verb_place, f"cannot read {file}: {error}", "Name a protocol file beside this one.")
        return None
    return _inline(step, context, id_, file, text, given, modifiers, loop, when)


def _inline(
    step: DraftStep, context: Context, id_: str, file: str, text: str, given: dict[str, Any], modifiers: Modifiers, loop: Loop, when: Any
) -> Node | None:
    draft = parse_protocol(text, file, context.findings)
    if draft is None:
        return None
    values: dict[str, Any] = {}
    for name, entry in draft.header.parameters.items():
        values[normal_name(name)] = given.pop(normal_name(name), as_value(entry.default))
    for name in given:
        hint = nearest(name, values)
        remedy = f"Did you mean {hint!r}?" if hint else f"Parameters of {file}: {', '.join(values) or 'none'}."
        context.findings.add("E209", step.verb_place, f"{file} has no parameter {name!r}", remedy)
    from dataclasses import replace

    inner = replace(context.inside(values), calls=(*context.calls, file))
    steps = resolve_steps(draft.steps, inner, f"{id_}.", BLOCKS)
    finally_ = resolve_steps(draft.finally_, inner, f"{id_}.finally.", BLOCKS)
    node = Sequence(id_, where_of(step.place), _label(step, draft.header.name), _kept(modifiers), steps, finally_)
    return wrap(node, step, modifiers, loop, when)


def _call_arguments(step: DraftStep, context: Context) -> tuple[str | None, dict[str, Any]]:
    node = step.argument
    if isinstance(node, ScalarNode):
        return node.text, {}
    if isinstance(node, MapNode) and isinstance(protocol := node.get("protocol"), ScalarNode):
        with_ = node.get("with")
        entries = with_.entries if isinstance(with_, MapNode) else ()
        given = {normal_name(e.key): as_value(argument_value(e.value, context, f"call: {e.key}", False)) for e in entries}
        return protocol.text, given
    context.findings.add("E107", step.verb_place, "call names a protocol file", "Write call: rinse.yaml, or {protocol: rinse.yaml, with: {...}}.")
    return None, {}


BLOCKS: Blocks = {
    "sequence": _sequence, "repeat": _repeat, "parallel": _parallel, "when": _when, "for_each": _for_each, "call": _call,
}  # fmt: skip
