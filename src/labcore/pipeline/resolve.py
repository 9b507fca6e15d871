"""Bring a protocol and a lab together: names bound, values worked out, steps as a plan. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labcore.errors import PluginError
from labcore.model.event import VesselStated
from labcore.model.interval import Interval
from labcore.model.lab import LabFile
from labcore.model.labware import CATALOGUE
from labcore.model.names import nearest, normal_name
from labcore.model.observation import Observable
from labcore.model.plan import Modifiers, Plan, Sequence, Where
from labcore.model.protocol import Header
from labcore.pipeline.blocks import BLOCKS
from labcore.pipeline.context import Context
from labcore.pipeline.devices import Bindings, bind_devices
from labcore.pipeline.draft import Draft, Findings, MapNode, node_at_path
from labcore.pipeline.parse import parse_lab, parse_protocol
from labcore.pipeline.scope import as_value, build_scope
from labcore.pipeline.steps import resolve_steps
from labcore.plugin.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Sources:
    """The texts a plan is made from, with the names to show for them, and the user's choices."""

    protocol: str
    protocol_file: str
    lab: str
    lab_file: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    simulate: bool = True
    read: Callable[[str], str] = lambda name: (_ for _ in ()).throw(FileNotFoundError(name))


def resolve(sources: Sources, catalog: Catalog, findings: Findings) -> Plan | None:
    """Return the plan; with errors among the findings it is only fit for further checks, None if there is nothing."""
    draft = parse_protocol(sources.protocol, sources.protocol_file, findings)
    lab, lab_node = parse_lab(sources.lab, sources.lab_file, findings)
    if draft is None or lab is None:
        return None
    scope = build_scope(draft.header, draft.node, sources.parameters, findings)
    bindings = bind_devices(draft.header, draft.node, lab, lab_node, catalog, findings, simulate=sources.simulate)
    bench = _bench(draft, lab, lab_node, findings)
    observers = tuple(dict.fromkeys((*lab.observers, *draft.header.observers)))
    observables = _observables(observers, lab_node, catalog, findings)
    subjects = {normal_name(v.vessel): v.vessel for v in bench}
    subjects |= {normal_name(name): name for name in (*bindings.aliases, *bindings.devices)}
    context = Context(catalog, findings, scope, subjects, observables, sources.read)
    root = _root(draft, context)
    return _plan(sources, draft.header, lab, bindings, bench, observers, root, context)


def _root(draft: Draft, context: Context) -> Sequence:
    steps = resolve_steps(draft.steps, context, "", BLOCKS)
    finally_ = resolve_steps(draft.finally_, context, "finally.", BLOCKS)
    return Sequence("", Where(draft.file, 1, 1), draft.header.name, Modifiers(), steps, finally_)


def _plan(
    sources: Sources, header: Header, lab: LabFile, bindings: Bindings, bench: tuple[VesselStated, ...],
    observers: tuple[str, ...], root: Sequence, context: Context,
) -> Plan:  # fmt: skip
    parameters = {name: str(context.scope.values[normal_name(name)]) for name in header.parameters}
    return Plan(
        header.name, header.description, root, lab, parameters,
        {name: entry.model_dump(exclude_none=True) for name, entry in header.materials.items()},
        {v.vessel: v.labware for v in bench}, bindings.devices, observers, header.leave_on, _digest(sources, parameters),
        bindings.machines, bindings.aliases, bench,
    )  # fmt: skip


def _digest(sources: Sources, parameters: Mapping[str, str]) -> str:
    content = json.dumps([sources.protocol, sources.lab, dict(parameters)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _observables(observers: tuple[str, ...], lab_node: MapNode | None, catalog: Catalog, findings: Findings) -> dict[str, Observable]:
    """Return what verbs and the chosen observers can tell, by name; note observers that cannot be used."""
    for word in observers:
        _, place = node_at_path(lab_node, ("observers",))
        try:
            catalog.load("observers", word)
        except KeyError:
            hint = nearest(word, catalog.names("observers"))
            remedy = f"Did you mean {hint!r}?" if hint else f"Installed: {', '.join(catalog.names('observers')) or 'none'}."
            findings.add("E408", place, f"there is no observer {word!r}", remedy)
        except PluginError as error:
            findings.add("E901", place, error.message, error.remedy)
    return known_observables(observers, catalog)


def known_observables(observers: tuple[str, ...], catalog: Catalog) -> dict[str, Observable]:
    """Return what verbs and the given observers can tell, by name; what cannot be loaded tells nothing."""
    found: dict[str, Observable] = {}
    plugins = [("verbs", word) for word in catalog.names("verbs")] + [("observers", word) for word in observers]
    for kind, word in plugins:
        try:
            found |= {one.name: one for one in catalog.load(kind, word).observables}  # type: ignore[arg-type]
        except (KeyError, PluginError):
            continue  # named where it is used
    return found


# --------------------------------------------------------------------------------------------- what stands where
def _bench(draft: Draft, lab: LabFile, lab_node: MapNode | None, findings: Findings) -> tuple[VesselStated, ...]:
    """Return what the lab file says stands where and holds what."""
    stated = [_bottle(name, entry) for name, entry in lab.stock.items()]
    for name, entry in lab.vessels.items():
        need = draft.header.vessels.get(name) or next(
            (v for n, v in draft.header.vessels.items() if normal_name(n) == normal_name(name)), None
        )
        labware = entry.labware or (need.labware if need is not None else None) or "vial-50ml"
        _, place = node_at_path(lab_node, ("vessels", name))
        if labware not in CATALOGUE:
            findings.add("E205", place, f"vessel {name}: unknown labware {labware!r}", f"Known labware: {', '.join(CATALOGUE)}.")
            labware = "vial-50ml"
        if entry.at not in lab.positions:
            hint = nearest(entry.at, lab.positions)
            remedy = f"Did you mean {hint!r}?" if hint else "Add it under `positions:`."
            findings.add("E501", place, f"vessel {name} stands at {entry.at!r}, which is no position", remedy)
        stated.append(VesselStated(name, labware, entry.at, _contents(entry.contents), "lab file", entry.closed))
    _check_vessels(draft, lab, findings)
    return tuple(stated)


def _bottle(name: str, entry: object) -> VesselStated:
    relative = as_value(entry.uncertainty)  # type: ignore[attr-defined]
    share = relative.in_("%") / 100 if hasattr(relative, "in_") else 0.01
    volume = Interval.around(entry.volume.in_("mL"), relative=share)  # type: ignore[attr-defined]
    return VesselStated(entry.place, entry.labware, entry.place, {name: volume}, "lab file", True)  # type: ignore[attr-defined]


def _contents(contents: Mapping[str, object]) -> dict[str, Interval]:
    found = {}
    for name, value in contents.items():
        quantity = as_value(value if not isinstance(value, dict) else value.get("volume"))
        if hasattr(quantity, "in_") and quantity.dimension == "volume":
            found[name] = Interval.around(quantity.in_("mL"), relative=0.02)
    return found


def _check_vessels(draft: Draft, lab: LabFile, findings: Findings) -> None:
    there = {normal_name(name) for name in lab.vessels}
    for name, need in draft.header.vessels.items():
        _, place = node_at_path(draft.node, ("vessels", name))
        if normal_name(name) not in there:
            hint = nearest(name, lab.vessels)
            remedy = f"Did you mean {hint!r}?" if hint else f"Add `{name}: {{at: ..., labware: ...}}` under `vessels:` in the lab file."
            findings.add("E204", place, f"the lab has no vessel {name!r}", remedy)
            continue
        if need.labware is not None and need.labware not in CATALOGUE:
            near = nearest(need.labware, CATALOGUE)
            remedy = f"Did you mean {near!r}?" if near else f"Known labware: {', '.join(CATALOGUE)}."
            findings.add("E205", place, f"vessel {name}: unknown labware {need.labware!r}", remedy)
        entry = next(v for n, v in lab.vessels.items() if normal_name(n) == normal_name(name))
        if entry.labware is not None and need.labware is not None and entry.labware != need.labware:
            findings.add(
                "E507", place, f"vessel {name} must be a {need.labware}, the lab has a {entry.labware}", "Use one of the two in both files."
            )
