"""Who answers: a simulated person for work at the bench, somebody with nerves for decisions."""

from __future__ import annotations

from typing import Any

import anyio

from campaign.chance import chosen, stream
from campaign.truth_of_acts import what_became_of
from campaign.witness import Witness
from labcore.adapters.prompts_simulated import SimulatedPrompts
from labcore.model.event import Asked
from labcore.ports import Answer
from labcore.testing.faults import Life


class Operator:
    """`ports.Prompts`. Slow, sometimes away, sometimes not to the point; but somebody comes in the end."""

    def __init__(self, witness: Witness, life: Life, number: int) -> None:
        self._witness, self._life = witness, life
        bench = witness.bench
        person = bench.load("simulators", "person")(bench.world, device="person", options=_nature(bench.lab))
        self._person = SimulatedPrompts(person)
        self._rng = stream(witness.scenario.seed, "operator", number)

    async def ask(self, question: Asked) -> Answer:
        """Answer in time or late."""
        self._life.check()
        rng = self._rng
        away = rng.uniform(300.0, 2000.0) if rng.random() < 0.08 else 0.0
        open_act = self._witness.facts.acts and next(iter(self._witness.facts.acts.values()))
        await anyio.sleep(away + rng.uniform(1.0, 30.0))
        self._life.check()
        if question.ask == "act" or not question.options:
            return await self._at_the_bench(question)
        if "Look at the bench" in question.text and open_act:
            value: Any = what_became_of(open_act, self._witness.bench) if rng.random() < 0.8 else "unknown"
            return Answer(value if rng.random() < 0.95 else "no idea, ask Ann", "somebody")
        if "How shall the run go on" in question.text:
            return Answer(chosen(rng, {"resume": 6.0, "finish": 2.5, "close": 1.5}), "somebody")
        if "until it stops" in question.text or rng.random() < 0.05:
            return Answer("banana", "somebody")
        if "What shall be done" in question.text or question.ask == "choose":
            return Answer(rng.choice(question.options), "somebody")
        return await self._at_the_bench(question)

    async def _at_the_bench(self, question: Asked) -> Answer:
        booked = self._witness.bench.booked
        before = len(booked)
        try:
            return await self._person.ask(question)
        finally:
            if not self._life.over:  # who is called off does not do it; whom nobody calls off may go on
                del booked[before:]

    def withdraw(self, question: str, why: str) -> None:
        """Take it back."""
        if not self._life.over:
            self._person.withdraw(question, why)


def _nature(lab: Any) -> dict[str, Any]:
    return dict((lab.get("world") or {}).get("person") or {})
