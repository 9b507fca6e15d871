"""Find the key or value in the text that a problem of a step is about."""

from __future__ import annotations

from collections.abc import Mapping

from labcore.model.plan import Node
from labcore.model.plan import Step as PlanStep
from labcore.pipeline.draft import DraftStep
from labcore.pipeline.form import Form
from labcore.pipeline.nodes import MapNode
from labcore.pipeline.problem import Place

_ABOUT = {
    "E204": "vessel", "E205": "vessel", "E505": "vessel", "E401": "device", "E402": "device", "E501": "place",
    "E502": "place", "E503": "place", "E603": "material",
}  # fmt: skip
_AMOUNTS = ("volume", "to_total")


def place_of_node(node: Node, drafts: Mapping[str, DraftStep]) -> Place:
    """Return the place of a node's verb."""
    draft = drafts.get(node.id)
    return (
        draft.verb_place if draft is not None else Place(node.where.file, node.where.line, node.where.column)
    )


def place_of_modifier(node: Node, key: str, drafts: Mapping[str, DraftStep]) -> Place:
    """Return the place of a modifier's value beside a node's verb."""
    draft = drafts.get(node.id)
    value = draft.beside(key) if draft is not None else None
    return value.place if value is not None else place_of_node(node, drafts)


def place_of_argument(step: PlanStep, key: str, form: Form, drafts: Mapping[str, DraftStep]) -> Place:
    """Return the place of an argument's value, else of the verb."""
    draft = drafts.get(step.id)
    if draft is None or draft.argument is None:
        return place_of_node(step, drafts)
    if isinstance(draft.argument, MapNode):
        value = draft.argument.get(key)
        return value.place if value is not None else place_of_node(step, drafts)
    return draft.argument.place if key == form.verb.shorthand else place_of_node(step, drafts)


def culprit(step: PlanStep, code: str, message: str, field: str | None, form: Form) -> str:
    """Return the argument that a problem is about, "" if it is about the step as a whole."""
    if field is not None:
        return next((key for key, one in form.fields.items() if field in (key, one.name)), field)
    given = {key: value for key, value in step.args.items() if value is not None}
    kind = _ABOUT.get(code)
    named = [key for key, one in form.fields.items() if one.names and key in given]
    quoted = [key for key in named if repr(given[key]) in message or str(given[key]) in message.split()]
    if kind is not None:
        exact = [key for key in quoted if form.fields[key].names == kind]
        same = [key for key in named if form.fields[key].names == kind]
        return (exact or quoted or same or [""])[0]
    if code[1:2] == "6":
        return next((key for key in _AMOUNTS if key in given), "")
    return quoted[0] if quoted else ""
