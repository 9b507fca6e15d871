"""Writes protocols: every block, modifier and policy of the language, small, on the bench of `lab`."""

from __future__ import annotations

import random
from typing import Any

import yaml

from campaign.chance import chosen
from campaign.leaves import Leaves

Node = dict[str, Any]
HEAD: Node = {
    "labcore": 1,
    "name": "campaign",
    "materials": {"water": {}, "acid": {}, "spirit": {}},
    "vessels": {name: {"labware": "vial-50ml"} for name in "abcd"},
    "devices": {
        "dispenser": ["dosing"], "mover": ["placing"], "hand": ["weighing", "measuring", "dosing"],
        "stirrer": ["stirring", "heating", "measuring"], "plate": ["stirring", "heating", "measuring"],
    },
}  # fmt: skip
SHAPES = {
    "leaf": 6.0,
    "repeat": 1.4,
    "sequence": 0.8,
    "parallel": 1.2,
    "for_each": 0.5,
    "when": 0.8,
    "background": 0.8,
}


def protocol_text(rng: random.Random) -> str:
    """Write a protocol of 3 to 12 steps. It may still be refused: `check` has the last word."""
    author = _Author(rng, left=rng.randint(3, 12))
    steps = author.block(depth=0)
    protocol = {**HEAD, "steps": steps}
    if rng.random() < 0.08:
        protocol["leave_on"] = [rng.choice(["stirrer", "plate"])]
    if rng.random() < 0.75:
        protocol["finally"] = author.clean_up()
    return yaml.safe_dump(protocol, sort_keys=False, allow_unicode=True)


class _Author:
    def __init__(self, rng: random.Random, left: int) -> None:
        self.rng = rng
        self.left = left
        self.leaves = Leaves(rng)

    def block(self, depth: int) -> list[Node]:
        """Write steps that follow one another; never none."""
        steps: list[Node] = []
        most = self.left if depth == 0 else self.rng.randint(1, max(1, min(4, self.left)))
        while len(steps) < most and self.left > 0:
            steps.append(self.node(depth))
        return steps or [self.leaves.note()]

    def node(self, depth: int) -> Node:
        shape = chosen(self.rng, SHAPES) if depth < 3 and self.left > 1 else "leaf"
        if shape == "leaf":
            self.left -= 1
            return self.leaves.draw(placing=True)
        before = self.leaves.saved
        self.leaves.saved = dict(before)  # what is saved inside may never come to pass
        made: Node = getattr(self, f"_{shape}")(depth + 1)
        if shape != "sequence":
            self.leaves.saved = before
        return made

    def clean_up(self) -> list[Node]:
        rng, leaves = self.rng, self.leaves
        menu = [
            {"stop": {"device": "stirrer"}}, {"stop": {"device": "plate"}}, leaves.note(), {"wait": "5 s"},
            {"prompt": "Cap the vials."}, leaves.dispense(), leaves.place(),
        ]  # fmt: skip
        return [menu[index] for index in sorted(rng.sample(range(len(menu)), rng.randint(1, 3)))]

    def _maybe_finally(self, node: Node) -> Node:
        return {**node, "finally": self.clean_up()} if self.rng.random() < 0.35 else node

    def _repeat(self, depth: int) -> Node:
        body, rng = self._inside(depth), self.rng
        kind = chosen(rng, {"times": 3.0, "every": 2.0, "for": 1.0, "until": 2.0})
        if kind == "times":
            return {"repeat": body, "times": rng.randint(1, 4)}
        if kind == "every":
            tick = rng.choice(["5 s", "20 s", "1 min"])
            return {"repeat": body, "every": tick, "times": rng.randint(2, 4)}
        if kind == "for":
            return {"repeat": body, "every": rng.choice(["7 s", "30 s"]), "for": rng.choice(["40 s", "90 s"])}
        looked, condition = self.leaves.look()
        policy = {"on_error": rng.choice(["skip", "stop", "pause"])} if rng.random() < 0.5 else {}
        return {"repeat": [*body, looked], "until": condition, "times": rng.randint(1, 4), **policy}

    def _inside(self, depth: int) -> list[Node]:
        """Write the body of a loop: vessels stay where they are, or the second round would find them gone."""
        self.leaves.placing = False
        body = self.block(depth)
        self.leaves.placing = True
        return body

    def _sequence(self, depth: int) -> Node:
        return self._maybe_finally({"sequence": self.block(depth)})

    def _parallel(self, depth: int) -> Node:
        leaves = self.leaves
        before, leaves.beside = leaves.beside, True
        branches = [self._inside(depth) for _ in range(self.rng.randint(2, 3))]
        leaves.beside = before
        return self._maybe_finally({"parallel": branches})

    def _for_each(self, depth: int) -> Node:
        into = {"material": self.leaves.material(), "into": "${vial}", "volume": self.leaves.volume()}
        self.left -= 1
        do = [{"dispense": {**into, "using": self.leaves.doser()}}, {"wait": "2 s"}]
        return {"for_each": {"vial": self.rng.sample("abcd", 2), "do": do}}

    def _when(self, depth: int) -> Node:
        node: Node = {"when": self.leaves.condition(), "then": self._inside(depth)}
        return {**node, "otherwise": self._inside(depth)} if self.rng.random() < 0.5 else node

    def _background(self, depth: int) -> Node:
        self.left -= 1
        looked, _ = self.leaves.look()
        every = {"every": self.rng.choice(["3 s", "11 s", "45 s"]), "times": self.rng.randint(2, 6)}
        return {**looked, **every, "background": True}
