"""Read protocol and lab texts into drafts: structure only, every mistake with its place. Pure."""

from __future__ import annotations

from labcore.model.lab import LabFile
from labcore.model.names import nearest
from labcore.model.protocol import Header
from labcore.pipeline.compose import ListNode, MapNode, Node, ScalarNode, compose, plain
from labcore.pipeline.draft import Draft, DraftStep, Findings
from labcore.pipeline.models import read_model
from labcore.pipeline.problem import Place
from labcore.pipeline.words import BLOCK_KEYS, BLOCKS, HEADER_KEYS, LATER, MODIFIERS


def parse_protocol(text: str, file: str, findings: Findings) -> Draft | None:
    """Return the draft of a protocol, None if there is nothing to go on with."""
    node = _mapping(text, file, findings, "a protocol is a mapping with labcore, name and steps")
    if node is None:
        return None
    header_data = {entry.key: plain(entry.value) for entry in node.entries if entry.key not in ("steps", "finally")}
    known = {key: value for key, value in header_data.items() if key in HEADER_KEYS}
    for entry in node.entries:
        if entry.key not in HEADER_KEYS:
            _unknown_header(entry.key, entry.key_place, findings)
    header = read_model(Header, node, findings, what="protocol", data=known)
    steps = parse_steps(node.get("steps"), findings, node.place)
    if node.get("steps") is None:
        findings.add("E203", node.place, "a protocol needs steps", "Add `steps:` with a list of steps.")
    finally_ = parse_steps(node.get("finally"), findings, node.place) if node.get("finally") is not None else ()
    return Draft(file, header or _fallback(known), steps, finally_, node)


def parse_lab(text: str, file: str, findings: Findings) -> tuple[LabFile | None, MapNode | None]:
    """Return a lab file as data with its located node."""
    node = _mapping(text, file, findings, "a lab file is a mapping with lab, devices and positions")
    if node is None:
        return None, None
    return read_model(LabFile, node, findings, what="lab"), node


def _mapping(text: str, file: str, findings: Findings, expected: str) -> MapNode | None:
    node, problems = compose(text, file)
    findings.extend(problems)
    if node is None:
        if not problems:
            findings.add("E101", Place(file, 1, 1, None), "the file is empty", expected[0].upper() + expected[1:] + ".")
        return None
    if not isinstance(node, MapNode):
        findings.add("E102", node.place, "this is not a mapping", expected[0].upper() + expected[1:] + ".")
        return None
    return node


def _fallback(known: dict[str, object]) -> Header:
    """Return what can be used of a broken head, so that its steps are still checked."""
    header = Header(labcore=1, name=str(known.get("name", "?")))
    for key, value in known.items():
        if key in ("labcore", "name"):
            continue
        try:
            header = Header.model_validate({"labcore": 1, "name": header.name, **header.model_dump(exclude_unset=True), key: value})
        except ValueError:
            continue
    return header


def _unknown_header(key: str, place: Place, findings: Findings) -> None:
    if key == "samples":
        findings.add("E206", place, "`samples` is not supported yet", "Use `for_each` for now.")
        return
    hint = nearest(key, HEADER_KEYS)
    remedy = f"Did you mean {hint!r}?" if hint else f"Known keys: {', '.join(HEADER_KEYS)}."
    findings.add("E201", place, f"protocol: unknown key {key!r}", remedy)


# --------------------------------------------------------------------------------------------- steps
def parse_steps(node: Node | None, findings: Findings, place: Place) -> tuple[DraftStep, ...]:
    """Return the steps of a list; what is no step is a problem and left out."""
    if node is None:
        return ()
    if not isinstance(node, ListNode):
        findings.add("E103", node.place, "steps are a list", "Begin each step with `- `.")
        return ()
    steps = (parse_step(item, findings) for item in node.items)
    return tuple(step for step in steps if step is not None)


def parse_step(node: Node, findings: Findings) -> DraftStep | None:
    """Return one step: exactly one verb, and modifiers beside it."""
    if isinstance(node, ScalarNode):
        return DraftStep(node.text, node.place, None, {}, {}, node.place)
    if not isinstance(node, MapNode):
        findings.add("E103", node.place, "a step is a verb with its arguments", "Write it like `- wait: 5 min`.")
        return None
    modifiers, places = {}, {}
    verbs = []
    for entry in node.entries:
        if entry.key in MODIFIERS or entry.key in BLOCK_KEYS:
            modifiers[entry.key] = entry.value
            places[entry.key] = entry.key_place
        elif entry.key in LATER:
            findings.add("E206", entry.key_place, f"time windows (`{entry.key}`) are not supported yet", "Use `wait` for now.")
        else:
            verbs.append(entry)
    return _one_verb(node, verbs, modifiers, places, findings)


def _one_verb(node: MapNode, verbs: list, modifiers: dict, places: dict, findings: Findings) -> DraftStep | None:  # type: ignore[type-arg]
    if not verbs:
        if "when" in modifiers and "then" in modifiers:
            return DraftStep("when", places["when"], None, modifiers, places, node.place)
        findings.add("E104", node.place, "this step has no verb", "Add one, for example `wait: 5 min`.")
        return None
    if len(verbs) > 1:
        names = ", ".join(repr(entry.key) for entry in verbs)
        hints = [f"{e.key!r}: did you mean {h!r}?" for e in verbs if (h := nearest(e.key, MODIFIERS))]
        remedy = " ".join(hints) or "Begin a new step with `- ` for each verb."
        findings.add("E105", verbs[1].key_place, f"one step has one verb; here are {names}", remedy)
    verb = verbs[0]
    return DraftStep(verb.key, verb.key_place, verb.value, modifiers, places, node.place)


__all__ = ["BLOCKS", "parse_lab", "parse_protocol", "parse_step", "parse_steps"]
