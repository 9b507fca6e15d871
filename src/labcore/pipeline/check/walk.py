"""Follow a plan with the ledger the run will use, before anything moves: effects, volumes, places, times. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from labcore.model.effect import Effects, Placement, SetOutput, Transfer
from labcore.model.interval import Interval
from labcore.model.labware import CATALOGUE
from labcore.model.plan import Choice, Deferred, Node, Parallel, Plan, Repeat, Sequence, Step
from labcore.pipeline.draft import Findings
from labcore.pipeline.problem import Place
from labcore.pipeline.steps import at_corner
from labcore.plugin.bench import StepProblem
from labcore.plugin.step import Verb
from labcore.state import ledger as books
from labcore.state.bench import BenchView
from labcore.state.ledger import Ledger, VesselState
from labcore.state.run_state import Output

MAX_ROUNDS = 200  # rounds followed one by one; more of the same are taken as the last one


@dataclass(frozen=True, slots=True)
class Planned:
    """One step as it is expected to go: when (s after the start), how long, on which devices."""

    key: str
    node: Step
    start: float
    duration: Interval
    effects: Effects


@dataclass(slots=True)
class Walk:
    """The bench as it will be, step by step. `now` is the expected time, s."""

    plan: Plan
    verbs: Mapping[str, Verb]
    findings: Findings
    ledger: Ledger = field(default_factory=Ledger)
    outputs: dict[tuple[str, str], Output] = field(default_factory=dict)
    now: float = 0.0
    planned: list[Planned] = field(default_factory=list)
    reported: set[tuple[str, str]] = field(default_factory=set)

    def bench(self) -> BenchView:
        """Return the bench as it will be now."""
        plan = self.plan
        return BenchView(plan.lab, plan.machines, plan.aliases, plan.devices, self.ledger, self.outputs)

    def note(self, step: Step, code: str, message: str, remedy: str) -> None:
        """Note a problem of a step once, however often the step is repeated."""
        if (step.id, code) not in self.reported:
            self.reported.add((step.id, code))
            where = step.where
            self.findings.add(code, Place(where.file, where.line, where.column, None), f"{step.verb}: {message}", remedy, step=step.id)


def walk_plan(plan: Plan, verbs: Mapping[str, Verb], findings: Findings) -> Walk:
    """Follow the whole plan and note what cannot work."""
    walk = Walk(plan, verbs, findings)
    for v in plan.bench:
        walk.ledger = walk.ledger.stated(v.vessel, VesselState(v.labware, v.place, v.contents, v.closed))
    _sequence(walk, plan.root, "")
    return walk


def _node(walk: Walk, node: Node, key: str) -> None:
    match node:
        case Step():
            _step(walk, node, key)
        case Sequence():
            _sequence(walk, node, key)
        case Parallel():
            _parallel(walk, node, key)
        case Repeat():
            _repeat(walk, node, key)
        case Choice():
            _choice(walk, node, key)


def _sequence(walk: Walk, node: Sequence, key: str) -> None:
    prefix = f"{key}." if key else ""
    for index, child in enumerate(node.steps, 1):
        begun = walk.now
        _node(walk, child, f"{prefix}{index}")
        if child.modifiers.background:
            walk.now = begun
    for index, child in enumerate(node.finally_, 1):
        _node(walk, child, f"{prefix}finally.{index}")


def _parallel(walk: Walk, node: Parallel, key: str) -> None:
    begun, latest = walk.now, walk.now
    for index, branch in enumerate(node.branches, 1):
        walk.now = begun
        _node(walk, branch, f"{key}.{index}")
        latest = max(latest, walk.now)
    walk.now = latest
    for index, child in enumerate(node.finally_, 1):
        _node(walk, child, f"{key}.finally.{index}")


def _repeat(walk: Walk, node: Repeat, key: str) -> None:
    begun = walk.now
    for number in range(1, _rounds(node) + 1):
        due = begun + (number - 1) * node.every if node.every is not None else walk.now
        walk.now = max(walk.now, due)
        before = walk.ledger
        _node(walk, node.body, f"{key}#{number}")
        if number >= 2 and walk.ledger == before:
            break
    rounds = _rounds(node, limit=None)
    if node.lasts_for is not None:
        walk.now = begun + node.lasts_for
    elif node.every is not None and not node.modifiers.background:
        walk.now = max(walk.now, begun + (rounds - 1) * node.every)


def _rounds(node: Repeat, limit: int | None = MAX_ROUNDS) -> int:
    """Return how many rounds there will be; with `until` alone at least one."""
    rounds = node.times if node.times is not None else 1
    if node.lasts_for is not None and node.every:
        by_time = max(1, -int(-node.lasts_for // node.every))
        rounds = min(node.times, by_time) if node.times is not None else by_time
    return rounds if limit is None else min(rounds, limit)


def _choice(walk: Walk, node: Choice, key: str) -> None:
    """Follow both ways from the same bench; afterwards each vessel may hold what either leaves."""
    before, begun = walk.ledger, walk.now
    _node(walk, node.then, f"{key}.then")
    after, ended = walk.ledger, walk.now
    walk.ledger, walk.now = before, begun
    if node.otherwise is not None:
        _node(walk, node.otherwise, f"{key}.else")
    if node.use == "require":
        walk.ledger = after
    else:
        walk.ledger = _either(after, walk.ledger)
    walk.now = max(walk.now, ended)


def _either(one: Ledger, other: Ledger) -> Ledger:
    vessels = {}
    for name, vessel in one.vessels.items():
        twin = other.vessels[name]
        contents = {
            material: vessel.contents.get(material, books.EMPTY).hull(twin.contents.get(material, books.EMPTY))
            for material in dict.fromkeys((*vessel.contents, *twin.contents))
        }
        vessels[name] = replace(vessel, contents=contents)
    return Ledger(vessels)


# --------------------------------------------------------------------------------------------- one step
def _step(walk: Walk, step: Step, key: str) -> None:
    effects = _effects(walk, step)
    if effects is None:
        return
    walk.planned.append(Planned(key, step, walk.now, effects.duration, effects))
    for change in effects.changes:
        match change:
            case Transfer():
                _check_source(walk, step, change)
                walk.ledger = books.transfer(walk.ledger, change)
                _check_target(walk, step, change)
            case Placement():
                walk.ledger = books.place(walk.ledger, change)
            case SetOutput(device, output, value, unit):
                if value is None:
                    walk.outputs.pop((device, output), None)
                else:
                    walk.outputs[device, output] = Output(value, unit, key, walk.now)
    walk.now += effects.duration.mid


def _effects(walk: Walk, step: Step) -> Effects | None:
    """Return a step's effects; a deferred argument may be anything between its bounds."""
    verb = walk.verbs[step.verb]
    corners = ("low", "high") if any(isinstance(value, Deferred) for value in step.args.values()) else ("low",)
    found: Effects | None = None
    for corner in corners:
        try:
            args: Any = verb.Args.model_validate(at_corner(step.args, corner))
            effects = verb.effects(args, walk.bench())
        except StepProblem as problem:
            walk.note(step, problem.code, problem.message, problem.remedy)
            return None
        found = effects if found is None else _hull(found, effects)
    return found


def _hull(one: Effects, other: Effects) -> Effects:
    changes = tuple(
        replace(a, volume=a.volume.hull(b.volume)) if isinstance(a, Transfer) and isinstance(b, Transfer) else a
        for a, b in zip(one.changes or other.changes, other.changes or one.changes, strict=False)
    )
    return replace(one, changes=changes, duration=one.duration.hull(other.duration))


def _check_source(walk: Walk, step: Step, move: Transfer) -> None:
    source = walk.ledger.vessels.get(move.source)
    if source is None:
        return
    there = source.volume
    if move.volume.mid > there.mid + 1e-9:
        what = ", ".join(source.contents) or "nothing"
        walk.note(
            step, "E602", f"{move.source} holds {there.mid:.4g} mL ({what}) by then, {move.volume.mid:.4g} mL are needed",
            f"Provide at least {move.volume.mid - there.mid:.3g} mL more, or use less.",
        )  # fmt: skip


def _check_target(walk: Walk, step: Step, move: Transfer) -> None:
    target = walk.ledger.vessels.get(move.target)
    ware = CATALOGUE.get(target.labware) if target is not None else None
    if target is None or ware is None:
        return
    if target.volume.mid > ware.capacity + 1e-9:
        room = max(0.0, ware.capacity - (target.volume.mid - move.volume.mid))
        walk.note(
            step, "E601", f"{move.target} would hold {target.volume.mid:.4g} mL; {ware.name} holds {ware.capacity:g} mL",
            f"Use a larger vessel or at most {room:.3g} mL here.",
        )  # fmt: skip
    elif target.volume.high > ware.capacity + 1e-9:
        walk.note(
            step, "W611", f"{move.target} may hold up to {target.volume.high:.4g} mL; {ware.name} holds {ware.capacity:g} mL",
            "Leave some room for the uncertainty of the doses.",
        )  # fmt: skip
