"""Conditions that nothing can feed: an observation must come before the test and after the vessel was last touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from labcore.model.effect import Effects, Placement, Touched, Transfer
from labcore.model.names import normal_name
from labcore.model.plan import Choice, Condition, Node, Parallel, Repeat, Sequence, Step, walk
from labcore.pipeline.check.subject import Subject
from labcore.pipeline.expressions import observable_name

Seen = frozenset[tuple[str, str]]  # (observable, subject)
_NOTHING: Seen = frozenset()


def check_conditions(subject: Subject) -> None:
    """Note conditions whose observations cannot be there when they are tested."""
    _Feeding(subject).node(subject.plan.root, _NOTHING, _NOTHING)


@dataclass(frozen=True, slots=True)
class _Feeding:
    subject: Subject

    def node(self, node: Node, fresh: Seen, beside: Seen) -> Seen:
        """Return what is freshly observed after a node; `beside` is what goes on observing meanwhile."""
        match node:
            case Step():
                return self._step(node, fresh)
            case Sequence():
                return self._sequence(node, fresh, beside)
            case Parallel():
                return self._parallel(node, fresh, beside)
            case Repeat():
                return self._repeat(node, beside)
            case Choice():
                return self._choice(node, fresh, beside)

    def _step(self, step: Step, fresh: Seen) -> Seen:
        effects = self.subject.effects.get(step.id)
        if effects is None:
            return fresh
        touched = set(_touched(effects))
        return frozenset(one for one in fresh if one[1] not in touched) | frozenset(effects.observes)

    def _sequence(self, node: Sequence, fresh: Seen, beside: Seen) -> Seen:
        for child in node.steps:
            if child.modifiers.background:
                self.node(child, fresh, beside)
                beside |= self._observed(child)
            else:
                fresh = self.node(child, fresh, beside)
        for child in node.finally_:
            fresh = self.node(child, fresh, beside)
        return fresh

    def _parallel(self, node: Parallel, fresh: Seen, beside: Seen) -> Seen:
        seen = [self._observed(branch) for branch in node.branches]
        after = fresh
        for index, branch in enumerate(node.branches):
            others = _NOTHING.union(*(one for i, one in enumerate(seen) if i != index))
            after |= self.node(branch, fresh, beside | others)
        for child in node.finally_:
            after = self.node(child, after, beside)
        return after

    def _repeat(self, node: Repeat, beside: Seen) -> Seen:
        after = self.node(node.body, _NOTHING, beside)  # in a loop only this round's observations count
        if node.until is not None:
            for name, what in self._wanted(node.until):
                if not self._fed(name, what, after | beside):
                    stale = self._fed(name, what, self._observed(node.body))
                    self._refuse(node, "until", node.until, name, what, stale, "in this loop")
        return after

    def _choice(self, node: Choice, fresh: Seen, beside: Seen) -> Seen:
        for name, what in self._wanted(node.condition):
            if not self._fed(name, what, fresh | beside):
                stale = self._fed(name, what, self._observed(self.subject.plan.root))
                self._refuse(node, node.use, node.condition, name, what, stale, "before it")
        then = self.node(node.then, fresh, beside)
        if node.use == "require":
            return then
        return then & (self.node(node.otherwise, fresh, beside) if node.otherwise is not None else fresh)

    def _observed(self, node: Node) -> Seen:
        """Return everything that steps under a node observe."""
        found: set[tuple[str, str]] = set()
        for step in walk(node):
            effects = self.subject.effects.get(step.id) if isinstance(step, Step) else None
            if effects is not None:
                found.update(effects.observes)
        return frozenset(found)

    def _fed(self, name: str, what: str, seen: Seen) -> bool:
        if (name, what) in seen:
            return True
        return self.subject.resolved.observables[name].from_images and ("image", what) in seen

    def _wanted(self, condition: Condition) -> Iterator[tuple[str, str]]:
        for call in condition.expression.calls():
            yield observable_name(call), condition.subjects.get(normal_name(call.subject), call.subject)

    def _refuse(
        self, node: Node, key: str, condition: Condition, name: str, what: str, stale: bool, where: str
    ) -> None:
        at = self.subject.at_modifier(node, key)
        remedy = self._remedy(name, what, where)
        if stale:
            message = (
                f"{key} {condition.text}: {name}({what}) is only observed before {what} is touched again"
            )
            self.subject.note("W801", node, message, remedy, at=at)
        else:
            message = f"{key} {condition.text}: no step {where} observes {name}({what})"
            self.subject.note("E801", node, message, remedy, at=at)

    def _remedy(self, name: str, what: str, where: str) -> str:
        if self.subject.resolved.observables[name].from_images:
            step = f"image: {{vessel: {what}}}"
        elif name == "mass":
            step = f"weigh: {{vessel: {what}}}"
        else:
            step = f"measure: {{what: {name}, in: {what}}}"
        place = "as the last step of the loop" if where == "in this loop" else "right before it"
        return f"Add `{step}` {place}."


def _touched(effects: Effects) -> Iterator[str]:
    """Yield the vessels whose older observations count no more (as `state.reduce_acts` does)."""
    for change in effects.changes:
        match change:
            case Transfer(source, target):
                yield source
                yield target
            case Placement(vessel) | Touched(vessel):
                yield vessel
