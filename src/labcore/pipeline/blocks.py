"""Blocks: verbs whose argument is a list of steps. `for_each` and `call` are unrolled, so the engine never sees them."""

from __future__ import annotations

from labcore.model.plan import Choice, Modifiers, Node, Parallel, Repeat, Sequence, Where
from labcore.pipeline.call import resolve_call
from labcore.pipeline.context import Context, Slot
from labcore.pipeline.draft import DraftStep
from labcore.pipeline.fit import check_block, check_loop
from labcore.pipeline.modifiers import Beside, Loop, read_modifiers
from labcore.pipeline.nodes import ListNode, MapNode
from labcore.pipeline.nodes import Node as TextNode
from labcore.pipeline.parse import parse_steps, steps_of
from labcore.pipeline.scalars import is_null
from labcore.pipeline.scope import written_value
from labcore.pipeline.steps import Blocks, resolve_steps, where_of, with_instead, wrap
from labcore.pipeline.unrolled import loop_variable
from labcore.pipeline.values import INVALID, known_value
from labcore.pipeline.words import LOOP_WORDS

__all__ = ["BLOCKS"]


def _body(node: TextNode | None, context: Context, step: DraftStep, id_: str, label: str) -> Sequence | None:
    """Return the steps of a block as a sequence; None after noting that there are none."""
    if node is None or is_null(node) or (isinstance(node, ListNode) and not node.items):
        context.findings.add("E108", step.verb_place, "this block has no steps", step=step.verb)
        return None
    steps = resolve_steps(parse_steps(node, context.findings), context, f"{id_}.", BLOCKS)
    return Sequence(id_, where_of(step), label, Modifiers(), steps)


def _finally(step: DraftStep, context: Context, id_: str) -> tuple[Node, ...]:
    node = step.beside("finally")
    return resolve_steps(parse_steps(node, context.findings), context, f"{id_}.finally.", BLOCKS)


def _kept(beside: Beside) -> Modifiers:
    """Return the modifiers that a block itself carries."""
    given = beside.modifiers
    return Modifiers(
        background=given.background, timeout=given.timeout, max_age=given.max_age, on_error=given.on_error
    )


def _with_finally(node: Node, step: DraftStep, beside: Beside, context: Context) -> Node:
    """Put a block that has no clean-up of its own into a sequence that has."""
    finally_ = _finally(step, context, node.id)
    if not finally_:
        return node
    return Sequence(node.id, node.where, node.label, _kept(beside), (node,), finally_, instead=node.instead)


def _sequence(step: DraftStep, context: Context, id_: str) -> Node | None:
    body = _body(step.argument, context, step, id_, "sequence")
    beside = read_modifiers(step, context)  # after the body, whose results `until` may use
    check_block(step, context, own=("finally",))
    check_loop(step, beside, context, always=False)
    if body is None:
        return None
    label, finally_ = beside.label or "sequence", _finally(step, context, id_)
    node = Sequence(id_, body.where, label, _kept(beside), body.steps, finally_)
    return wrap(with_instead(node, step, beside, context, BLOCKS), step, beside)


def _repeat(step: DraftStep, context: Context, id_: str) -> Node | None:
    body = _body(step.argument, context, step, id_, "round")
    beside = read_modifiers(step, context)
    check_block(step, context, own=("finally",))
    check_loop(step, beside, context, always=True)
    if body is None:
        return None
    loop, label = beside.loop, beside.label or "repeat"
    node: Node = Repeat(
        id_, body.where, label, _kept(beside), body, loop.times, loop.every, loop.lasts_for, loop.until
    )
    node = _with_finally(with_instead(node, step, beside, context, BLOCKS), step, beside, context)
    return wrap(node, step, Beside(beside.modifiers, Loop(), beside.when))


def _parallel(step: DraftStep, context: Context, id_: str) -> Node | None:
    if not isinstance(step.argument, ListNode) or not step.argument.items:
        context.findings.add(
            "E108",
            step.verb_place,
            "parallel has no branches",
            "Give it a list of lists of steps.",
            step=step.verb,
        )
        return None
    branches = tuple(_branch(item, context, f"{id_}.{i}", i) for i, item in enumerate(step.argument.items, 1))
    beside = read_modifiers(step, context)
    check_block(step, context, own=("finally",))
    check_loop(step, beside, context, always=False)
    label = beside.label or "parallel"
    node = Parallel(id_, where_of(step), label, _kept(beside), branches, _finally(step, context, id_))
    return wrap(with_instead(node, step, beside, context, BLOCKS), step, beside)


def _branch(item: TextNode, context: Context, id_: str, number: int) -> Sequence:
    """Return one branch: a list of steps, or a single step."""
    items = item.items if isinstance(item, ListNode) else (item,)
    steps = resolve_steps(steps_of(items, context.findings), context, f"{id_}.", BLOCKS)
    return Sequence(id_, Where(*item.spot[:3]), f"branch {number}", Modifiers(), steps)


def _when(step: DraftStep, context: Context, id_: str) -> Node | None:
    beside = read_modifiers(step, context)
    check_block(step, context, own=("then", "otherwise", "finally"), refused=(*LOOP_WORDS, "require"))
    then = _body(step.beside("then"), context, step, f"{id_}.then", "then")
    otherwise = None
    if "otherwise" in step.modifiers:
        otherwise = _body(step.beside("otherwise"), context, step, f"{id_}.else", "otherwise")
    if beside.when is None or then is None:
        return None
    label = beside.label or f"when {beside.when.text}"
    node: Node = Choice(id_, then.where, label, _kept(beside), beside.when, then, otherwise)
    return _with_finally(with_instead(node, step, beside, context, BLOCKS), step, beside, context)


def _for_each(step: DraftStep, context: Context, id_: str) -> Node | None:
    """Unroll: one sequence a value, in which the loop variable is known."""
    found = loop_variable(step, context)
    if found is None:
        return None
    name, items, do = found
    rounds = []
    for index, item in enumerate(items, 1):
        value = _item(item, context, step, name)
        body = _body(do, context.inside({name: value}), step, f"{id_}.{index}", f"{name} = {value}")
        if body is not None:
            rounds.append(body)
    beside = read_modifiers(step, context)
    check_block(step, context, own=("finally",))
    check_loop(step, beside, context, always=False)
    label = beside.label or f"for each {name}"
    finally_ = _finally(step, context, id_)
    node = Sequence(id_, where_of(step), label, _kept(beside), tuple(rounds), finally_, samples=True)
    return wrap(with_instead(node, step, beside, context, BLOCKS), step, beside)


def _item(item: TextNode, context: Context, step: DraftStep, name: str) -> object:
    """Return one value of the loop variable; None (noted) if it is none."""
    slot = Slot(context, step.verb, name)
    if isinstance(item, MapNode | ListNode):
        slot.note(
            "E109", item.place, "each value is one word or quantity", "Write {vial: [a, b], do: [...]}."
        )
        return None
    value = known_value(item, slot)
    if value is INVALID:
        return None
    return written_value(value, item)


def _call(step: DraftStep, context: Context, id_: str) -> Node | None:
    """Put another protocol's steps here, with parameters of its own."""
    called = resolve_call(step, context, id_, BLOCKS)
    beside = read_modifiers(step, context)
    check_block(step, context, own=("finally",))
    check_loop(step, beside, context, always=False)
    if called is None:
        return None
    label = beside.label or called.label
    node: Node = Sequence(id_, where_of(step), label, _kept(beside), called.steps, called.finally_)
    node = _with_finally(with_instead(node, step, beside, context, BLOCKS), step, beside, context)
    return wrap(node, step, beside)


BLOCKS: Blocks = {
    "sequence": _sequence, "repeat": _repeat, "parallel": _parallel, "when": _when, "for_each": _for_each, "call": _call,
}  # fmt: skip
