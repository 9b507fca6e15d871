"""What the rules look at: a plan, the texts behind it, and how it is expected to go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labcore.model.effect import Effects
from labcore.model.plan import Node, Plan, Step, walk
from labcore.pipeline.check.culprit import place_of_argument, place_of_modifier, place_of_node
from labcore.pipeline.check.walk import Planned
from labcore.pipeline.draft import Findings
from labcore.pipeline.form import Form
from labcore.pipeline.problem import Place
from labcore.pipeline.resolve import Resolved
from labcore.plugin.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything a rule may ask.

    `once` has each step that could be followed, as it is first taken; `effects` are those of its last round, by id.
    """

    resolved: Resolved
    once: tuple[Planned, ...]
    effects: Mapping[str, Effects]
    catalog: Catalog
    findings: Findings

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.resolved.plan

    def steps(self) -> Iterator[tuple[Step, Effects]]:
        """Yield every step that could be followed, in the order in which it is first taken."""
        return ((planned.node, self.effects[planned.node.id]) for planned in self.once)

    def form(self, step: Step) -> Form:
        """Return the form of a step's verb."""
        return self.resolved.shared.forms[step.verb]

    def note(self, code: str, node: Node, message: str, remedy: str = "", *, at: Place | None = None) -> None:
        """Note a problem of a node, at its verb unless said otherwise."""
        drafts = self.resolved.shared.drafts
        draft = drafts.get(node.id)
        verb = draft.verb if draft is not None else None
        self.findings.add(code, at or place_of_node(node, drafts), message, remedy, step=verb)

    def at_argument(self, step: Step, key: str) -> Place:
        """Return the place of an argument of a step."""
        return place_of_argument(step, key, self.form(step), self.resolved.shared.drafts)

    def at_modifier(self, node: Node, key: str) -> Place:
        """Return the place of a modifier of a node."""
        return place_of_modifier(node, key, self.resolved.shared.drafts)


def walk_steps(node: Node) -> Iterator[Step]:
    """Yield every step under a node, in the order of the text."""
    return (one for one in walk(node) if isinstance(one, Step))
