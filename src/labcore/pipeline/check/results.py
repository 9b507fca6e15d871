"""Results that may be used before they are saved."""

from __future__ import annotations

from labcore.model.expression import Expression
from labcore.model.plan import Choice, Condition, Deferred, Node, Parallel, Repeat, Sequence, Step
from labcore.pipeline.check.subject import Subject

Saved = frozenset[str]


def check_results(subject: Subject) -> None:
    """Note uses of a result that is not saved on every way that leads to them."""
    if any(name for name in _saved_under(subject.plan.root)):
        _Saving(subject).node(subject.plan.root, frozenset())


class _Saving:
    """Carries what is surely saved through the plan."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def node(self, node: Node, saved: Saved) -> Saved:
        """Return what is surely saved after a node."""
        for instead in node.instead.values():
            self.node(instead, saved)
        match node:
            case Step():
                return self._step(node, saved)
            case Sequence(steps=steps):
                return self._finally(node, self._sequence(steps, saved), saved)
            case Parallel(branches=branches):
                after = saved.union(*(self.node(branch, saved) for branch in branches))
                return self._finally(node, after, saved)
            case Repeat():
                after = self.node(node.body, saved)
                if node.until is not None:
                    self._condition(node, "until", node.until, after)
                return after
            case Choice():
                return self._choice(node, saved)

    def _sequence(self, steps: tuple[Node, ...], saved: Saved) -> Saved:
        for child in steps:
            after = self.node(child, saved)
            policy = child.modifiers.on_error
            ways = () if policy is None else (policy, *policy.cases)
            skipped = any(way.then in ("skip", "fallback", "ask") for way in ways)
            if not child.modifiers.background and not skipped:
                saved = after
        return saved

    def _finally(self, node: Sequence | Parallel, after: Saved, before: Saved) -> Saved:
        """A clean-up step may come before anything was saved."""
        for child in node.finally_:
            before = self.node(child, before)
        return after | before

    def _choice(self, node: Choice, saved: Saved) -> Saved:
        self._condition(node, node.use, node.condition, saved)
        then = self.node(node.then, saved)
        if node.use == "require":
            return then
        return then & (self.node(node.otherwise, saved) if node.otherwise is not None else saved)

    def _step(self, step: Step, saved: Saved) -> Saved:
        for key, value in step.args.items():
            if isinstance(value, Deferred):
                read = value.expression
                parts = (read,) if isinstance(read, Expression) else read.expressions()
                names = frozenset[str]().union(*(part.names() for part in parts))
                for name in sorted(names - value.scope.keys() - saved):
                    self._refuse(step, name, key, self._subject.at_argument(step, key))
        return saved | {step.modifiers.save} if step.modifiers.save is not None else saved

    def _condition(self, node: Node, key: str, condition: Condition, saved: Saved) -> None:
        for name in sorted(condition.expression.names() - condition.scope.keys() - saved):
            self._refuse(node, name, key, self._subject.at_modifier(node, key))

    def _refuse(self, node: Node, name: str, key: str, at: object) -> None:
        message = f"{key}: it may be that nothing was saved as {name!r} by then"
        self._subject.note("W814", node, message, at=at)  # type: ignore[arg-type]


def _saved_under(root: Node) -> list[str]:
    from labcore.pipeline.check.subject import walk_steps

    return [step.modifiers.save for step in walk_steps(root) if step.modifiers.save is not None]
