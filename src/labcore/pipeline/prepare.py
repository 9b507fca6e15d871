"""Text to plan in one call: parse, resolve, check. Everything that is wrong is said at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labcore.model.plan import Plan, Step
from labcore.model.plan import walk as nodes_of
from labcore.pipeline.check.rules import check_rules
from labcore.pipeline.check.walk import Planned, walk_plan
from labcore.pipeline.draft import Findings
from labcore.pipeline.problem import Problem
from labcore.pipeline.resolve import Sources, known_observables, resolve
from labcore.plugin.catalog import Catalog
from labcore.plugin.step import Verb


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what was found and how it is expected to go. `duration` in s; `plan` is None if nothing could be read."""

    plan: Plan | None
    problems: tuple[Problem, ...]
    timeline: tuple[Planned, ...] = ()
    duration: float = 0.0
    verbs: Mapping[str, Verb] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid a run."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def prepare(sources: Sources, catalog: Catalog) -> Prepared:
    """Return the plan and every problem, sorted by place."""
    findings = Findings()
    plan = resolve(sources, catalog, findings)
    if plan is None:
        return Prepared(None, _sorted(findings))
    verbs: dict[str, Verb] = {
        word: catalog.load("verbs", word)() for word in {n.verb for n in nodes_of(plan.root) if isinstance(n, Step)}
    }
    if any(problem.severity == "error" and problem.code.startswith("E4") for problem in findings.problems):
        return Prepared(plan, _sorted(findings), (), 0.0, verbs)  # without devices every step would complain again
    followed = walk_plan(plan, verbs, findings)
    check_rules(plan, followed, known_observables(plan.observers, catalog), catalog, findings)
    return Prepared(plan, _sorted(findings), tuple(followed.planned), followed.now, verbs)


def _sorted(findings: Findings) -> tuple[Problem, ...]:
    """Sort by place; what has none (a wrong --set) comes first. The same thing is said once."""
    unique = dict.fromkeys(findings.problems)
    return tuple(sorted(unique, key=lambda p: (p.place.file, p.place.line, p.place.column, p.code) if p.place else ("", 0, 0, p.code)))
