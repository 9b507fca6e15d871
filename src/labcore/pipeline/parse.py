"""Read protocol and lab texts into drafts: structure only, every mistake with its place. Pure."""

from __future__ import annotations

from labcore.model.lab import LabFile
from labcore.pipeline.compose import compose
from labcore.pipeline.draft import Draft, DraftStep, Findings, hint
from labcore.pipeline.head import read_head
from labcore.pipeline.models import read_model
from labcore.pipeline.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from labcore.pipeline.problem import Place
from labcore.pipeline.scalars import is_null, missing_blank
from labcore.pipeline.words import BESIDE_A_STEP, HEADER_KEYS, LATER


def parse_protocol(text: str, file: str, findings: Findings) -> Draft | None:
    """Return the draft of a protocol, None if there is nothing to go on with."""
    node = _mapping(text, file, findings, "a protocol is a mapping with labcore, name and steps")
    if node is None:
        return None
    if "labcore" not in node.keys() and "lab" in node.keys():  # noqa: SIM118 - a node is no dict
        findings.add("E113", node.place, "this is a lab file; a protocol is expected")
        return None
    for entry in node.entries:
        if entry.key not in HEADER_KEYS:
            _unknown_head_key(entry, findings)
    header, broken = read_head(node, findings)
    steps = _listed(node, "steps", findings)
    if node.get("steps") is None:
        findings.add("E203", node.place, "a protocol needs steps")
    return Draft(file, header, steps, _listed(node, "finally", findings), node, broken)


def parse_lab(text: str, file: str, findings: Findings) -> tuple[LabFile | None, MapNode | None]:
    """Return a lab file as data with its located node."""
    node = _mapping(text, file, findings, "a lab file is a mapping with lab, devices and positions")
    if node is None:
        return None, None
    if "lab" not in node.keys() and "labcore" in node.keys():  # noqa: SIM118 - a node is no dict
        findings.add("E113", node.place, "this is a protocol; a lab file is expected")
        return None, node
    return read_model(LabFile, node, findings, what="lab"), node


def _mapping(text: str, file: str, findings: Findings, expected: str) -> MapNode | None:
    node, problems = compose(text, file)
    findings.extend(problems)
    remedy = expected[0].upper() + expected[1:] + "."
    if node is None:
        if not problems:
            findings.add("E101", Place(file, 1, 1), "the file is empty", remedy)
        return None
    if not isinstance(node, MapNode):
        findings.add("E102", node.place, "this is not a mapping", remedy)
        return None
    return node


def _unknown_head_key(entry: Entry, findings: Findings) -> None:
    if entry.key == "samples":
        findings.add("E206", entry.key_place, "`samples` is not supported yet", "Use `for_each` for now.")
        return
    remedy = hint(entry.key, HEADER_KEYS, f"Known keys: {', '.join(HEADER_KEYS)}.")
    findings.add("E201", entry.key_place, f"protocol: unknown key {entry.key!r}", remedy)


# --------------------------------------------------------------------------------------------- steps
def _listed(node: MapNode, key: str, findings: Findings) -> tuple[DraftStep, ...]:
    """Return the steps under a key of the file; nothing under the key is no list."""
    entry = node.entry(key)
    if entry is None:
        return ()
    if is_null(entry.value):
        findings.add(
            "E203",
            entry.key_place,
            f"there is nothing under `{key}:`",
            "Add a list of steps, or remove the key.",
        )
        return ()
    return parse_steps(entry.value, findings)


def parse_steps(node: Node | None, findings: Findings) -> tuple[DraftStep, ...]:
    """Return the steps of a list; what is no step is a problem and left out."""
    if node is None or is_null(node):
        return ()
    if not isinstance(node, ListNode):
        findings.add("E103", node.place, "steps are a list")
        return ()
    return steps_of(node.items, findings)


def steps_of(items: tuple[Node, ...], findings: Findings) -> tuple[DraftStep, ...]:
    """Return the steps among nodes."""
    steps = (parse_step(item, findings) for item in items)
    return tuple(step for step in steps if step is not None)


def parse_step(node: Node, findings: Findings) -> DraftStep | None:
    """Return one step: its verb (not yet looked up), and modifiers beside it."""
    if isinstance(node, ScalarNode):
        return _bare_step(node, findings)
    if not isinstance(node, MapNode):
        findings.add(
            "E103", node.place, "a step is a verb with its arguments", "Write it like `- wait: 5 min`."
        )
        return None
    modifiers: dict[str, Entry] = {}
    verbs: list[Entry] = []
    for entry in node.entries:
        if entry.key in BESIDE_A_STEP:
            modifiers[entry.key] = entry
        elif entry.key in LATER:
            message = f"time windows (`{entry.key}`) are not supported yet"
            findings.add("E206", entry.key_place, message, "Use `wait` for now.")
        else:
            verbs.append(entry)
    if verbs:
        first = verbs[0]
        return DraftStep(first.key, first.key_spot, first.value, modifiers, node, tuple(verbs[1:]))
    if "when" in modifiers and "then" in modifiers:
        return DraftStep("when", modifiers["when"].key_spot, None, modifiers, node)
    findings.add("E104", node.place, "this step has no verb")
    return None


def _bare_step(node: ScalarNode, findings: Findings) -> DraftStep | None:
    """Return the step of a verb that stands alone, like `- home`."""
    if is_null(node):
        findings.add("E104", node.place, "this step has no verb")
        return None
    tight = missing_blank(node)
    if tight is not None:
        key, value = tight
        findings.add(
            "E133", node.place, f"there is no blank after the colon of {key!r}", f"Write {key}: {value}"
        )
        return None
    return DraftStep(node.text, node.spot, None, {}, node)
