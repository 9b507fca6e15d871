"""Turn draft steps into plan nodes: verbs with validated arguments, loops and conditions as nodes of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pydantic import BaseModel

from labcore.model.plan import Choice, Modifiers, Node, Repeat, Sequence, Step, Where
from labcore.pipeline.arguments import read_arguments
from labcore.pipeline.context import Context
from labcore.pipeline.draft import DraftStep, hint
from labcore.pipeline.fit import check_cases, check_fit
from labcore.pipeline.form import Form
from labcore.pipeline.modifiers import NOTHING, Beside, read_modifiers
from labcore.pipeline.nodes import Node as TextNode
from labcore.pipeline.parse import parse_steps
from labcore.pipeline.words import MODIFIERS
from labcore.plugin.step import Verb

MOST_STEPS = 100_000  # with for_each and call unrolled
OF_CONDITIONS = (
    "required",
    "undecided",
    "unreached",
)  # kinds of failure that are of the loop or condition itself

Block = Callable[[DraftStep, Context, str], Node | None]
Blocks = Mapping[str, Block]


class TooManySteps(Exception):  # noqa: N818 - it carries a finding, which is not an error of labcore
    """The protocol, unrolled, is too long to go on with; `step` is the first that is too many."""

    def __init__(self, step: DraftStep) -> None:
        super().__init__(step.verb)
        self.step = step


def resolve_steps(
    steps: tuple[DraftStep, ...], context: Context, prefix: str, blocks: Blocks
) -> tuple[Node, ...]:
    """Resolve a list of steps; those with errors are left out (their problems are noted)."""
    found = (resolve_step(step, context, f"{prefix}{index}", blocks) for index, step in enumerate(steps, 1))
    return tuple(node for node in found if node is not None)


def resolve_step(step: DraftStep, context: Context, id_: str, blocks: Blocks) -> Node | None:
    """Resolve one step with its modifiers."""
    if step.others:
        step = _one_verb(step, context)
    drafts = context.shared.drafts
    drafts[id_] = step
    if len(drafts) > MOST_STEPS:
        raise TooManySteps(step)
    if step.verb in blocks:
        return blocks[step.verb](step, context, id_)
    form = context.form(step.verb, step.verb_place)
    beside = read_modifiers(step, context, form.verb.returns or None if form is not None else None)
    if form is None:
        return None
    check_fit(step, form.verb, beside, context)
    node = _verb_step(step, form, context, id_, beside)
    if node is None or beside is NOTHING:
        return node
    node = with_instead(node, step, beside, context, blocks)
    if form.verb.output:  # its `for` is not that of a repetition
        beside = replace(beside, loop=replace(beside.loop, lasts_for=None))
    return wrap(node, step, beside)


def _one_verb(step: DraftStep, context: Context) -> DraftStep:
    """Decide which of several keys is the verb, and note the others."""
    assert step.others
    known = set(context.words())
    first = (step.verb, step.verb_spot, step.argument)
    keys = [first, *((one.key, one.key_spot, one.value) for one in step.others)]
    verb = next((one for one in keys if one[0] in known), first)
    chosen = DraftStep(*verb, step.modifiers, step.node)
    names = ", ".join(repr(one[0]) for one in keys)
    for other in keys:
        place = DraftStep(*other, {}, step.node).verb_place
        if other is verb:
            continue
        if other[0] in known:
            context.findings.add("E105", place, f"one step has one verb; here are {names}")
            continue
        remedy = hint(
            other[0],
            MODIFIERS,
            f"Modifiers: {', '.join(MODIFIERS)}. Or indent it as an argument of {verb[0]}.",
        )
        context.findings.add("E201", place, f"unknown key {other[0]!r} beside the verb", remedy, step=verb[0])
    return chosen


def wrap(node: Node, step: DraftStep, beside: Beside) -> Node:
    """Put loops and conditions around a node, from the inside: require, repeat, when."""
    modifiers, loop, when = beside.modifiers, beside.loop, beside.when
    if modifiers.require is None and when is None and not loop.repeats:
        return node
    where, label, outer, instead = where_of(step), node.label, _outer(modifiers), node.instead
    if modifiers.require is not None:
        test = modifiers.require
        node = Choice(node.id, where, label, outer, test, node, None, "require", instead=instead)
    if loop.repeats:
        rest = (loop.times, loop.every, loop.lasts_for, loop.until)
        node = Repeat(node.id, where, label, outer, node, *rest, instead=instead)
    if when is not None:
        node = Choice(node.id, where, label, outer, when, node, instead=instead)
    return node


def _outer(modifiers: Modifiers) -> Modifiers:
    """Return what holds for the loop around a step, too; only the step itself is tried again, and conditions where it is said."""
    policy = modifiers.on_error
    if policy is not None:
        cases = tuple(one if one.case in OF_CONDITIONS else replace(one, retries=0) for one in policy.cases)
        policy = replace(policy, retries=0, cases=cases)
    return Modifiers(
        background=modifiers.background, timeout=modifiers.timeout, max_age=modifiers.max_age, on_error=policy
    )


def with_instead(node: Node, step: DraftStep, beside: Beside, context: Context, blocks: Blocks) -> Node:
    """Return a node with the steps that its `on_error` takes."""
    check_cases(step, beside, context, repeatable=isinstance(node, Step) and node.repeat_allowed)
    found = {
        name: _instead(name, text, step, context, node.id, blocks) for name, text in beside.instead.items()
    }
    there = {name: steps for name, steps in found.items() if steps is not None}
    return replace(node, instead=there) if there else node


def where_of(step: DraftStep) -> Where:
    """Return a step's place as the plan keeps it."""
    return Where(*step.node.spot[:3])


# --------------------------------------------------------------------------------------------- one verb
def _verb_step(step: DraftStep, form: Form, context: Context, id_: str, beside: Beside) -> Node | None:
    verb, modifiers = form.verb, beside.modifiers
    read = read_arguments(step, form, context)
    if read is None:
        return None
    context.shared.ready[id_] = read.model
    if read.refused:
        context.shared.skipped.add(id_)
    label = beside.label or _label(verb, read.model, step)
    repeat_allowed = verb.harmless or modifiers.repeatable
    if not verb.output and modifiers.lasts is not None:
        modifiers = replace(modifiers, lasts=None)
    anywhere = verb.cut == "anytime"
    return Step(id_, where_of(step), label, modifiers, step.verb, read.values, anywhere, repeat_allowed)


def _label(verb: Verb, model: BaseModel, step: DraftStep) -> str:
    """Return how the verb describes the step; a plugin that cannot leaves it at its word."""
    try:
        return verb.label(model)
    except Exception:
        return step.verb


def _instead(
    name: str, node: TextNode, step: DraftStep, context: Context, id_: str, blocks: Blocks
) -> Node | None:
    drafts = parse_steps(node, context.findings)
    if not drafts:
        context.findings.add("E108", node.place, "there are no steps to take", step=step.verb)
    steps = resolve_steps(drafts, context, f"{id_}.{name}.", blocks)
    if not steps:
        return None
    label = "instead" if name.endswith("fallback") else "before it is done again"
    return Sequence(f"{id_}.{name}", where_of(step), label, Modifiers(), steps)
