"""Follow a plan with the ledger the run will use, before anything moves: effects, volumes, places, times. Pure.

A plan with conditions, open loops or values known only later is followed twice: with everything at its most (all rounds,
upper bounds, `then`) and at its least (one round, lower bounds, `otherwise`). Steps that stand in for one that failed are
followed aside: as if that one had done nothing, and as if it had done all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labcore.model.effect import Effects
from labcore.model.ids import stand_in
from labcore.model.interval import Interval
from labcore.model.plan import Choice, Deferred, Node, Parallel, Plan, Repeat, Sequence, Step, walk
from labcore.pipeline.check.followable import Followable
from labcore.pipeline.check.notes import Note, Notes, merged
from labcore.pipeline.check.rounds import FEW_ROUNDS, MANY_STEPS, MOST_ROUNDS, extrapolated, rounds_of
from labcore.pipeline.check.take import Taking
from labcore.state.ledger import Ledger
from labcore.state.reduce_acts import as_vessel


@dataclass(frozen=True, slots=True)
class Planned:
    """One step as it is expected to go: when (s after the start), how long, on which devices."""

    key: str
    node: Step
    start: float
    duration: Interval
    effects: Effects


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of following a plan; `planned` and `duration` (s) are of the longer way.

    `more_rounds` says how many further rounds of a repetition (by its key) do what those in `planned` do.
    """

    planned: tuple[Planned, ...]
    duration: float
    notes: list[Note]
    more_rounds: Mapping[str, int]


def follow(plan: Followable) -> Followed:
    """Follow the whole plan and note what cannot work."""
    most = _Walk(plan, most=True)
    most.run()
    if not _is_open(plan.plan):
        return Followed(tuple(most.planned), most.now, merged(most.ways), most.more)
    least = _Walk(plan, most=False)
    least.run()
    return Followed(tuple(most.planned), most.now, merged([*most.ways, *least.ways]), most.more)


def _is_open(plan: Plan) -> bool:
    """Say whether a plan can go in more than one way."""
    for node in walk(plan.root):
        match node:
            case Choice(use="when"):
                return True
            case Repeat(until=until) if until is not None:
                return True
            case Step(args=args) if any(isinstance(value, Deferred) for value in args.values()):
                return True
    return False


class _Walk:
    """One way through a plan. `now` is the expected time, s."""

    def __init__(self, plan: Followable, *, most: bool) -> None:
        self.most = most
        self.notes = Notes()
        self.planned: list[Planned] = []
        self.more: dict[str, int] = {}
        self.now = 0.0
        self._unbegun, self._done = Notes(), Notes()  # of what stands in for a step that did nothing, or all
        self._plan = plan
        self._taking = Taking(plan, self.notes, "high" if most else "low", _start(plan.plan))

    def run(self) -> None:
        self._node(self._plan.plan.root, "")

    @property
    def ways(self) -> tuple[Notes, ...]:
        """Return what was found on this way and aside of it."""
        return self.notes, self._unbegun, self._done

    @property
    def _ledger(self) -> Ledger:
        return self._taking.ledger

    def _node(self, node: Node, key: str) -> None:
        self._stand_ins(node, key, self._unbegun)
        self._itself(node, key)
        self._stand_ins(node, key, self._done)

    def _stand_ins(self, node: Node, key: str, notes: Notes) -> None:
        for name, steps in node.instead.items():
            aside = _Walk(self._plan, most=self.most)
            aside.now, aside._taking = self.now, self._taking.aside(notes)
            aside._unbegun, aside._done = self._unbegun, self._done
            aside._node(steps, stand_in(key, name))

    def _itself(self, node: Node, key: str) -> None:
        match node:
            case Step():
                self._step(node, key)
            case Sequence(steps=steps):
                prefix = f"{key}." if key else ""
                for index, child in enumerate(steps, 1):
                    self._child(child, f"{prefix}{index}")
                self._finally(node, key)
            case Parallel():
                self._parallel(node, key)
            case Repeat():
                self._repeat(node, key)
            case Choice():
                self._choice(node, key)

    def _child(self, node: Node, key: str) -> None:
        begun = self.now
        self._node(node, key)
        if node.modifiers.background:
            self.now = begun

    def _finally(self, node: Sequence | Parallel, key: str) -> None:
        prefix = f"{key}." if key else ""
        for index, child in enumerate(node.finally_, 1):
            self._node(child, f"{prefix}finally.{index}")

    def _parallel(self, node: Parallel, key: str) -> None:
        begun, latest = self.now, self.now
        for index, branch in enumerate(node.branches, 1):
            self.now = begun
            self._node(branch, f"{key}.{index}")
            latest = max(latest, self.now)
        self.now = latest
        self._finally(node, key)

    def _choice(self, node: Choice, key: str) -> None:
        if node.use == "require" or self.most:
            self._node(node.then, f"{key}.then")
        elif node.otherwise is not None:
            self._node(node.otherwise, f"{key}.else")

    def _repeat(self, node: Repeat, key: str) -> None:
        """Follow round by round; many rounds that do the same are taken together."""
        begun = self.now
        rounds: float = rounds_of(node, most=self.most)
        number, length, first = 0, 0.0, 0
        while number < rounds:
            number += 1
            before, started = self._ledger, self._due(node, begun, number)
            self._node(node.body, f"{key}#{number}")
            length = self.now - started
            first = len(self.planned) if number == 1 else first
            rounds = self._by_time(node, rounds, length)
            if number >= 2 and (self._ledger is before or self._ledger == before):
                self._skip(key, rounds - number)
                break
            if number >= self._limit and rounds > number + 1:
                self._taking.ledger = extrapolated(before, self._ledger, int(rounds) - number - 1)
                self._skip(key, rounds - number - 1)
                number = int(rounds) - 1
        self.now = self._end(node, begun, rounds, number, length)
        while node.lasts_for is not None and len(self.planned) > first and self.planned[-1].start > self.now:
            self.planned.pop()  # the last round is cut before it comes to this

    def _skip(self, key: str, rounds: float) -> None:
        if rounds >= 1:
            self.more[key] = int(rounds)

    @property
    def _limit(self) -> int:
        """Return how many rounds are followed one by one; fewer, once very many steps were taken."""
        return MOST_ROUNDS if len(self.planned) < MANY_STEPS else FEW_ROUNDS

    def _due(self, node: Repeat, begun: float, number: int) -> float:
        if node.every is not None:
            self.now = max(self.now, begun + (number - 1) * node.every)
        return self.now

    def _by_time(self, node: Repeat, rounds: float, length: float) -> float:
        """Return how many rounds go into `for` when each begins right after the other."""
        if node.lasts_for is None or node.every is not None or not length or (node.until and not self.most):
            return rounds
        by_time = max(1.0, -(-node.lasts_for // length))
        return min(by_time, node.times) if node.times is not None else by_time

    def _end(self, node: Repeat, begun: float, rounds: float, number: int, length: float) -> float:
        if node.lasts_for is not None and (node.until is None or self.most):
            by_times = (
                node.times is not None and node.every is not None and node.times * node.every < node.lasts_for
            )
            if not by_times:
                return begun + node.lasts_for
        if node.every is not None:
            return max(self.now, begun + (rounds - 1) * node.every)
        return self.now + max(0.0, rounds - number) * length

    def _step(self, step: Step, key: str) -> None:
        effects = self._taking.take(step, key, self.now)
        if effects is None:
            return
        self.planned.append(Planned(key, step, self.now, effects.duration, effects))
        self.now += effects.duration.mid


def _start(plan: Plan) -> Ledger:
    ledger = Ledger()
    for one in plan.bench:
        ledger = ledger.stated(one.vessel, as_vessel(one))
    return ledger
