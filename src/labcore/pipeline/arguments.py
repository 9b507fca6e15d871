"""Read and validate a verb's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from labcore.model.names import normal_name
from labcore.model.plan import Deferred
from labcore.pipeline.context import Context, Slot
from labcore.pipeline.draft import DraftStep
from labcore.pipeline.form import ANYTHING, Field, Form
from labcore.pipeline.known import CODES
from labcore.pipeline.models import note_errors
from labcore.pipeline.nodes import MapNode, Node
from labcore.pipeline.scalars import is_null, missing_blank
from labcore.pipeline.values import INVALID, argument_value, as_written, check_bounds


@dataclass(frozen=True, slots=True)
class Arguments:
    """Validated arguments: `values` by key, some of them `Deferred`; `model` has those at their lower bound.

    `refused` says that a name among them is unknown, so that the step cannot be followed.
    """

    values: Mapping[str, Any]
    model: BaseModel
    refused: bool


def read_arguments(step: DraftStep, form: Form, context: Context) -> Arguments | None:
    """Return the arguments; None after noting problems in any of them."""
    written = _written(step, form, context)
    if written is None:
        return None
    given: dict[str, Any] = {}
    good, refused = True, False
    for key, node in written.items():
        field, slot = form.fields.get(key, ANYTHING), Slot(context, step.verb, key)
        value = argument_value(node, slot, field)
        if not check_bounds(value, node, slot, field):
            value = INVALID
        good = value is not INVALID and good
        if field.names and value is not INVALID and value is not None:
            refused = not _known_name(value, node, slot, field) or refused
        given[key] = value
    if not good:
        _unknown_keys(step, form, context, given)
        return None
    model = _validated(step, form, context, given)
    return None if model is None else Arguments(_values(form, model, given), model, refused)


def _written(step: DraftStep, form: Form, context: Context) -> dict[str, Node] | None:
    """Return the arguments as nodes by key; a bare value is the verb's shorthand."""
    node, verb = step.argument, form.verb
    if node is None or is_null(node):
        return {}
    if isinstance(node, MapNode):
        return {entry.key: entry.value for entry in node.entries}
    tight = missing_blank(node) if verb.shorthand != "text" else None
    if tight is not None and tight[0] in form.fields:
        message, remedy = (
            f"there is no blank after the colon of {tight[0]!r}",
            f"Write {tight[0]}: {tight[1]}",
        )
        context.findings.add("E133", node.place, message, remedy, step=step.verb)
        return None
    if verb.shorthand:
        return {verb.shorthand: node}
    message, remedy = "this verb takes a mapping", f"Write {step.verb}: {{...}} with {form.keys}."
    context.findings.add("E107", node.place, message, remedy, step=step.verb)
    return None


def _unknown_keys(step: DraftStep, form: Form, context: Context, given: Mapping[str, Any]) -> None:
    """Validate what is right, so that unknown and missing keys are named although a value is wrong."""
    right = {key: value for key, value in given.items() if value is not INVALID}
    try:
        form.verb.Args.model_validate(at_corner(right, "low"))
    except ValidationError as error:
        wrong = given.keys() - right.keys()
        note_errors(error, form.verb.Args, step.argument, context.findings, step=step.verb, ignore=wrong)


def _known_name(value: Any, node: Node, slot: Slot, field: Field) -> bool:
    """Say whether a name among the arguments stands for something; note it if not."""
    known, kind = slot.context.known, field.names
    if isinstance(value, str) and (kind, value) in slot.context.shared.cleared:
        return True
    if isinstance(value, Deferred):
        slot.note("E307", node.place, f"the name of a {kind} must be known before the run")
        return False
    if not isinstance(value, str):
        return True  # its type is refused by the model
    slot.context.shared.named.add((kind, normal_name(value)))
    if known.is_missing(value):
        return False
    if not known.has(kind, value):
        slot.note(CODES[kind], node.place, f"there is no {kind} {value!r}", known.remedy(kind, value))
        return False
    if kind != "place" and (kind, normal_name(value)) not in known.own:
        remedy = f"Declare {value!r} under `{kind}s:` in the protocol."
        slot.note(
            "N217", node.place, f"the {kind} {value!r} is the lab's; the protocol does not declare it", remedy
        )
    else:
        slot.context.shared.cleared.add((kind, value))
    return True


def _validated(step: DraftStep, form: Form, context: Context, given: dict[str, Any]) -> BaseModel | None:
    """Validate with every deferred argument at its lower, then its upper bound; None after noting what is wrong."""
    args = form.verb.Args
    try:
        if not _deferred(given):
            return args.model_validate(given)
        args.model_validate(at_corner(given, "high"))
        return args.model_validate(at_corner(given, "low"))
    except ValidationError as error:
        note_errors(error, args, step.argument or step.node, context.findings, step=step.verb)
        return None


def _deferred(given: Mapping[str, Any]) -> dict[str, Deferred]:
    return {key: value for key, value in given.items() if isinstance(value, Deferred)}


def _values(form: Form, model: BaseModel, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the validated values by key, what is worked out later as it is."""
    read = model.__dict__
    values = {key: read[field.name] for key, field in form.fields.items()}
    values.update(_deferred(given))
    return values


def at_corner(args: Mapping[str, Any], corner: str) -> dict[str, Any]:
    """Return arguments with every deferred quantity at its `low` or `high` bound, deferred text as it is written."""
    return {
        name: _corner(value, corner) if isinstance(value, Deferred) else value for name, value in args.items()
    }


def _corner(value: Deferred, corner: str) -> Any:
    bound = value.low if corner == "low" else value.high
    return bound if bound is not None else as_written(value.expression)
