"""Single steps with their modifiers."""

from __future__ import annotations

import random
from typing import Any

from campaign.chance import chosen

Node = dict[str, Any]
VESSELS = "abcd"
PLACES = ["rack/A1", "rack/A2", "rack/A3", "stirrer", "hotplate"]
KINDS = {
    "dispense": 6.0, "transfer": 2.0, "to_total": 0.6, "stir": 2.0, "heat": 1.2, "wait": 2.0, "note": 0.8, "prompt": 1.2,
    "measure": 1.2, "weigh": 0.8, "place": 1.4, "stop": 0.6,
}  # fmt: skip
HARMLESS = ("stir", "heat", "measure", "weigh", "stop", "note")
SPANS = ["1 s", "4 s", "15 s", "40 s", "2 min", "10 min"]


class Leaves:
    """Draws steps. `saved` are results that a later step may use: name and a value that a condition compares with."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.saved: dict[str, str] = {}
        self.placing = True
        self.beside = False
        self.own = random.Random(f"beside:{rng.getstate()[1][0]}")  # what it decides re-deals nothing else
        self.places = {"a": "rack/A1", "b": "stirrer", "c": "hotplate", "d": "rack/A3"}
        self._count = 0

    def draw(self, *, placing: bool) -> Node:
        """Draw any step with modifiers."""
        kind = chosen(self.rng, KINDS)
        if kind == "place" and not (placing and self.placing):
            kind = "dispense"
        node: Node = (
            getattr(self, kind)() if kind != "transfer" or not self.beside else self._transfer_beside()
        )
        return {**node, **self._modifiers(kind)}

    # ------------------------------------------------------------------------------------------- words
    def material(self) -> str:
        return self.rng.choice(["water", "acid", "spirit"])

    def volume(self) -> str:
        return f"{self.rng.choice([0.5, 1.0, 1.5, 2.25, 3.0])} mL"

    def doser(self) -> str:
        return "hand" if self.rng.random() < 0.15 else "dispenser"

    # ------------------------------------------------------------------------------------------- steps
    def dispense(self) -> Node:
        into = {"material": self.material(), "into": self.rng.choice(VESSELS), "volume": self.volume()}
        return {"dispense": {**into, "using": self.doser()}}

    def to_total(self) -> Node:
        into = {"material": self.material(), "into": self.rng.choice(VESSELS), "to_total": "40 mL"}
        return {"dispense": {**into, "tolerance": "20 %", "using": "dispenser"}}

    def _transfer_beside(self) -> Node:
        """Draw a transfer in a parallel branch by a stream of its own: there was a dose here once, whose draws are still made."""
        self.dispense()
        drawn, self.rng = self.rng, self.own
        made = self.transfer()
        self.rng = drawn
        return made

    def transfer(self) -> Node:
        source, target = self.rng.choice([("a", "b"), ("d", "b"), ("d", "c"), ("a", "c"), ("d", "a")])
        return {"transfer": {"from": source, "into": target, "volume": self.volume(), "using": self.doser()}}

    def stir(self) -> Node:
        device = self.rng.choice(["stirrer", "plate"])
        reach = {"reach": True} if self.rng.random() < 0.3 else {}
        # another branch may set another speed meanwhile: this one is not waited for without a limit (W815)
        limit = {"timeout": "5 min"} if reach and self.beside else {}
        speed = f"{self.rng.randrange(100, 800, 50)} rpm"
        return {"stir": {"device": device, "speed": speed, **reach}, **limit}

    def heat(self) -> Node:
        device = self.rng.choice(["stirrer", "plate"])
        return {"heat": {"device": device, "temperature": f"{self.rng.randrange(30, 90, 5)} °C"}}

    def wait(self) -> Node:
        return {"wait": self.rng.choice(SPANS)}

    def note(self) -> Node:
        self._count += 1
        return {"note": f"remark {self._count}"}

    def prompt(self) -> Node:
        rng = self.rng
        limit = {"limit": rng.choice(["20 s", "5 min"]), "default": "clear"} if rng.random() < 0.6 else {}
        return {"prompt": {"text": "How does it look?", "options": ["clear", "cloudy"], **limit}}

    def measure(self) -> Node:
        what = self.rng.choice(["temperature", "speed"])
        return {"measure": {"what": what, "of": self.rng.choice(["stirrer", "plate"])}}

    def weigh(self) -> Node:
        return {"weigh": {"vessel": self._in_the_rack(), "balance": "hand"}}

    def place(self) -> Node:
        vessel = self.rng.choice(VESSELS)
        free = [place for place in PLACES if place not in self.places.values()]
        self.places[vessel] = self.rng.choice(free)
        return {"move": {"vessel": vessel, "onto": self.places[vessel], "using": "mover"}}

    def _in_the_rack(self) -> str:
        """Return a vessel that the person can weigh; there are four places elsewhere and two of them are stations."""
        return next(vessel for vessel in "adbc" if self.places[vessel].startswith("rack"))

    def stop(self) -> Node:
        return {"stop": {"device": self.rng.choice(["stirrer", "plate"])}}

    # -------------------------------------------------------------------------------------- conditions
    def look(self) -> tuple[Node, str]:
        """Return a step that looks, and a condition on what it sees."""
        device = self.rng.choice(["stirrer", "plate"])
        if self.rng.random() < 0.6:
            limit = self.rng.choice([10, 200, 2000])
            return {"measure": {"what": "speed", "of": device}}, f"speed({device}) >= {limit} rpm"
        vessel = self._in_the_rack()
        limit = self.rng.choice([20, 40, 60])
        return {"weigh": {"vessel": vessel, "balance": "hand"}}, f"mass({vessel}) >= {limit} g"

    def condition(self) -> str:
        """Return a condition that can be decided: on a result if there is one."""
        if self.saved:
            name = self.rng.choice(list(self.saved))
            return f"{name} {self.saved[name]}"
        return self.rng.choice(["1 < 2", "2 < 1"])

    # --------------------------------------------------------------------------------------- modifiers
    def _modifiers(self, kind: str) -> Node:
        rng, more = self.rng, Node()
        if kind in ("stir", "heat"):
            more |= {"for": rng.choice(["10 s", "1 min", "8 min"])} if rng.random() < 0.4 else {}
            more |= {"hold": True} if kind == "stir" and rng.random() < 0.2 else {}
        elif kind in ("dispense", "measure", "weigh", "note", "transfer") and rng.random() < 0.2:
            more |= {"every": rng.choice(["4 s", "25 s"])} if rng.random() < 0.6 else {}
            more |= {"times": rng.randint(2, 3)}
        if kind in ("dispense", "transfer", "place") and rng.random() < 0.15:
            more["repeatable"] = True
        if kind in HARMLESS or more.get("repeatable"):
            more |= {"retry": rng.randint(1, 2)} if rng.random() < 0.25 else {}
        if kind in ("wait", "prompt") and rng.random() < 0.15:
            more["timeout"] = rng.choice(["3 s", "30 s"])
        if self.saved and rng.random() < 0.15:
            more[rng.choice(["when", "require"])] = self.condition()
        if "retry" not in more and rng.random() < 0.45:
            more["on_error"] = self._policy(kind)
        return {**more, **self._save(kind, more)}

    def _policy(self, kind: str) -> Any:
        rng = self.rng
        weights = {
            "skip": 3.0,
            "stop": 1.0,
            "pause": 2.0,
            "ask": 2.0,
            "limited": 2.0,
            "fallback": 1.5,
            "replace": 1.0,
            "kinds": 1.5,
        }
        word = chosen(rng, weights)
        if word == "limited":
            default = rng.choice(["stop", "skip", "pause"])
            return {"then": "ask", "limit": rng.choice(["30 s", "10 min"]), "default": default}
        if word == "fallback":
            return {"fallback": [rng.choice([self.note, self.dispense, self.wait])()]}
        if word == "replace":
            return {"replace": [rng.choice([self.note, self.wait])()], "then": rng.choice(["skip", "stop"])}
        if word == "kinds":
            return {
                "unknown": rng.choice(["ask", "skip", "pause"]),
                "refused": "retry",
                "lost": rng.choice(["pause", "skip"]),
            }
        return word

    def _save(self, kind: str, more: Node) -> Node:
        if kind not in ("dispense", "measure", "weigh", "prompt", "transfer") or self.rng.random() > 0.3:
            return {}
        self._count += 1
        name = f"s{self._count}"
        if kind != "measure" and not {"when", "on_error"} & more.keys():
            bounds = {"weigh": ">= 20 g", "prompt": '== "clear"'}
            self.saved[name] = bounds.get(kind, ">= 1 mL")
        return {"save": name}
