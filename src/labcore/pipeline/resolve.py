"""Bring a protocol and a lab together: names bound, values worked out, steps as a plan. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labcore.errors import PluginError
from labcore.model.event import VesselStated
from labcore.model.expression import shown
from labcore.model.lab import LabFile
from labcore.model.names import normal_name
from labcore.model.observation import Observable
from labcore.model.plan import Modifiers, Plan, Sequence, Where
from labcore.pipeline.benches import Stating, check_materials, check_vessels
from labcore.pipeline.blocks import BLOCKS
from labcore.pipeline.context import Context, Shared
from labcore.pipeline.devices import Bindings, bind_lab, bind_protocol
from labcore.pipeline.draft import Draft, Findings, hint, place_at_path
from labcore.pipeline.known import Known
from labcore.pipeline.nodes import MapNode
from labcore.pipeline.parse import parse_lab, parse_protocol
from labcore.pipeline.scope import StaticScope, build_scope, check_given
from labcore.pipeline.steps import TooManySteps, resolve_steps
from labcore.plugin.catalog import Catalog


def _no_files(name: str) -> str:
    raise FileNotFoundError(2, "files cannot be called from here", name)


@dataclass(frozen=True, slots=True)
class Sources:
    """The texts a plan is made from, with the names to show for them, and the user's choices."""

    protocol: str
    protocol_file: str
    lab: str
    lab_file: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    simulate: bool = True
    read: Callable[[str], str] = _no_files
    recall: Callable[[Plan], tuple[VesselStated, ...]] | None = (
        None  # what stands where now, instead of the lab file's
    )


@dataclass(frozen=True, slots=True)
class Resolved:
    """A plan with what checking it needs: the texts behind it."""

    plan: Plan
    draft: Draft
    lab_node: MapNode | None
    bindings: Bindings
    shared: Shared
    observables: Mapping[str, Observable]


def resolve(sources: Sources, catalog: Catalog, findings: Findings) -> Resolved | None:
    """Return the plan; with errors among the findings it is only fit for further checks, None if there is nothing."""
    draft = parse_protocol(sources.protocol, sources.protocol_file, findings)
    lab, lab_node = parse_lab(sources.lab, sources.lab_file, findings)
    if draft is None or lab is None:
        return None
    return _Resolving(sources, catalog, findings, draft, lab, lab_node).resolved()


class _Resolving:
    """One protocol on its way to a plan."""

    def __init__(
        self, sources: Sources, catalog: Catalog, findings: Findings, draft: Draft, lab: LabFile, lab_node: MapNode | None
    ) -> None:  # fmt: skip
        self._sources, self._catalog, self._findings = sources, catalog, findings
        self._draft, self._lab, self._lab_node = draft, lab, lab_node
        self._bindings = bind_lab(lab, lab_node, catalog, findings, simulate=sources.simulate)
        self._bench = Stating(lab, lab_node, findings).all(draft.header)
        self._known = Known.of_lab(lab, [one.vessel for one in self._bench], self._bindings.aliases)
        self._shared = Shared()

    def resolved(self) -> Resolved | None:
        """Resolve head and steps."""
        check_given(self._sources.parameters, self._draft, None, self._findings)
        scope = build_scope(self._draft, self._sources.parameters, self._findings)
        self._admit(self._draft)
        observers = self._observers()
        observables = known_observables(observers, self._catalog)
        context = Context(
            self._catalog, self._findings, scope, self._known, observables, self._sources.read, self._admit,
            self._shared, (self._sources.protocol_file.replace("\\", "/").rpartition("/")[2],), self._draft.node,
        )  # fmt: skip
        try:
            root = self._root(context)
        except TooManySteps as error:
            message = "unrolled, the protocol has more steps than can be followed"
            self._findings.add(
                "E122", error.step.place, message, "Use repeat, or fewer values.", step=error.step.verb
            )
            return None
        plan = self._plan(root, scope, observers)
        return Resolved(plan, self._draft, self._lab_node, self._bindings, self._shared, observables)

    def _admit(self, draft: Draft) -> None:
        """Check the head of a protocol, the first or a called one, against the lab, and make its names known."""
        bind_protocol(draft.header, draft.node, self._bindings, self._findings)
        check_vessels(draft, self._lab, self._findings)
        check_materials(draft, self._lab, self._findings)
        self._known.declare(draft.header, self._bindings.devices, draft.broken)
        data = {name: entry.model_dump(exclude_none=True) for name, entry in draft.header.materials.items()}
        self._shared.materials.update(
            {name: one for name, one in data.items() if name not in self._shared.materials}
        )

    def _root(self, context: Context) -> Sequence:
        draft = self._draft
        steps = resolve_steps(draft.steps, context, "", BLOCKS)
        finally_ = resolve_steps(draft.finally_, context, "finally.", BLOCKS)
        return Sequence("", Where(draft.file, 1, 1), draft.header.name, Modifiers(), steps, finally_)

    def _observers(self) -> tuple[str, ...]:
        """Return the observers of lab and protocol; note those that cannot be used."""
        named = [(word, self._lab_node, i) for i, word in enumerate(self._lab.observers)]
        named += [(word, self._draft.node, i) for i, word in enumerate(self._draft.header.observers)]
        for word, node, index in named:
            place = place_at_path(node, ("observers", index))
            try:
                self._catalog.load("observers", word)
            except KeyError:
                known = self._catalog.names("observers")
                remedy = hint(word, known, f"Installed: {', '.join(known) or 'none'}.")
                self._findings.add("E408", place, f"there is no observer {word!r}", remedy)
            except PluginError as error:
                self._findings.add("E901", place, error.message, error.remedy)
        return tuple(dict.fromkeys(word for word, _, _ in named))

    def _plan(self, root: Sequence, scope: StaticScope, observers: tuple[str, ...]) -> Plan:
        header, bindings = self._draft.header, self._bindings
        values = {name: scope.values.get(normal_name(name)) for name in header.parameters}
        parameters = {
            name: value if isinstance(value, str) else shown(value)
            for name, value in values.items()
            if value is not None
        }
        return Plan(
            header.name, header.description, root, self._lab, parameters, dict(self._shared.materials),
            {one.vessel: one.labware for one in self._bench}, dict(bindings.devices), observers, self._left_on(),
            self._digest(parameters), bindings.machines, bindings.aliases, self._bench,
        )  # fmt: skip

    def _left_on(self) -> tuple[str, ...]:
        """Return the machines whose outputs stay on at the end."""
        found = []
        for index, name in enumerate(self._draft.header.leave_on):
            target = self._bindings.devices.get(name, name)
            if target in self._bindings.aliases:
                self._shared.named.add(("device", normal_name(name)))
                found.append(self._bindings.aliases[target])
            elif not self._known.is_missing(name):
                place = place_at_path(self._draft.node, ("leave_on", index))
                remedy = self._known.remedy("device", name)
                self._findings.add("E401", place, f"leave_on: there is no device {name!r}", remedy)
        return tuple(found)

    def _digest(self, parameters: Mapping[str, str]) -> str:
        sources = self._sources
        content = [sources.protocol, sources.lab, dict(parameters), sorted(self._shared.texts.items())]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def known_observables(observers: tuple[str, ...], catalog: Catalog) -> dict[str, Observable]:
    """Return what verbs and the given observers can tell, by name; what cannot be loaded tells nothing."""
    found: dict[str, Observable] = {}
    plugins = [("verbs", word) for word in catalog.names("verbs")] + [
        ("observers", word) for word in observers
    ]
    for kind, word in plugins:
        try:
            found |= {one.name: one for one in catalog.load(kind, word).observables}  # type: ignore[arg-type]
        except (KeyError, PluginError):
            continue  # named where it is used
    return found
