"""The online checker: sees every committed event and every byte before it goes, over all lives of a run."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from campaign.bench import LastingBench
from campaign.facts import Broken, Facts, require
from campaign.rules_acts import Acts
from campaign.rules_order import Order
from campaign.rules_record import Record
from campaign.rules_stop import Stops
from campaign.rules_world import Truth
from campaign.scenario import Scenario
from labcore.engine.writer import Writer
from labcore.model.event import Event
from labcore.model.event_json import as_line, from_dict
from labcore.model.plan import Plan, node_at
from labcore.state.reduce import reduce
from labcore.state.run_state import RunState

LOOK_AFTER = ("intended", "settled", "run_ended", "recovery_decided", "stop_settled")


class Witness:
    """What was seen so far, and the first thing that must not be (`failure`)."""

    def __init__(self, scenario: Scenario, plan: Plan, bench: LastingBench) -> None:
        self.scenario, self.bench = scenario, bench
        self.facts = Facts()
        self.acts = Acts(self.facts, lambda key: node_at(plan.root, key))
        self.truth = Truth(self.facts, bench, plan.leave_on, lambda key: node_at(plan.root, key))
        order = Order(self.facts, lambda key: node_at(plan.root, key))
        stops = Stops(self.facts, lambda key: node_at(plan.root, key), self.truth.is_on)
        self.rules = (Record(self.facts), self.acts, stops, order, self.truth)
        self.lines: list[str] = []
        self.state = RunState()
        self.failure: Broken | None = None
        self.writer: Writer | None = None

    def fail(self, broken: Broken) -> None:
        """Keep the first failure."""
        if self.failure is None:
            self.failure = broken

    def committed(self, event: Event) -> None:
        """Look at one event that is durable now."""
        try:
            self._look(as_line(event))
        except Broken as broken:
            self.fail(broken)

    def _look(self, line: str) -> None:
        data = json.loads(line, parse_constant=_no_constant)
        for rule in self.rules:
            rule.see(data)  # type: ignore[attr-defined]
        self.truth.keeps_to_totals(self.state, data)
        self.facts.see(data, len(self.bench.world._log.acts))
        self.lines.append(line)
        self.state = reduce(self.state, from_dict(data))
        if data["kind"] in LOOK_AFTER:
            self.truth.compare(self.state)

    def sent(self, device: str, data: bytes) -> None:
        """Look at bytes that are about to go."""
        try:
            self.acts.sent(device, data)
        except Broken as broken:
            self.fail(broken)

    def live_is_fold(self) -> None:
        """Compare the state that the engine lives by with the fold of what is on disk."""
        if self.writer is None or self.failure is not None:
            return
        live = self.writer.state
        if live != self.state:
            parts = [name for name in vars(live) if getattr(live, name) != getattr(self.state, name)]
            self.fail(Broken("fold(journal) is the live state", f"at {live.position}: {', '.join(parts)}"))

    def found_on_disk(self, lines: list[str]) -> None:
        """Compare the journal on disk with what was acknowledged; what was not may be there as well."""
        try:
            known = len(self.lines)
            require(
                lines[:known] == self.lines, "nothing acknowledged is lost", f"{len(lines)} of {known} events"
            )
            for line in lines[known:]:
                self._look(line)
        except Broken as broken:
            self.fail(broken)


def _no_constant(word: str) -> NoReturn:
    raise Broken("the journal is strict JSON", f"it holds {word}")


def strict(text: str) -> Any:
    """Read JSON without NaN and infinities."""
    return json.loads(text, parse_constant=_no_constant)
