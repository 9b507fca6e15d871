"""A scope with a few names and observations, for every test of expressions."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from labcore.model.expression import EvaluationError, NotYet, Observed, Value
from labcore.model.quantity import Quantity, parse_quantity


def _values() -> dict[str, Value]:
    quantities = {
        "monomer": "0.2 mmol",
        "diamine_solution.concentration": "10 mmol/L",
        "speed": "300 rpm",
        "min": "3 min",
        "oven": "37 °C",
        "クリア": "0.3 mL",
        "tare": "10 g",
    }
    values: dict[str, Value] = {name: parse_quantity(text) for name, text in quantities.items()}
    return values | {"n": 5.0, "mode": "fast", "ready": True}


@dataclass
class Bench:
    """A scope whose names and observations a test may change."""

    values: dict[str, Value] = field(default_factory=_values)
    seen: dict[str, Observed] = field(
        default_factory=lambda: {
            "turbidity(reactor)": Observed(Quantity(4.1, ""), 3.9, 4.3),
            "mass(reactor)": Observed(Quantity(40.0, "g"), 39.5, 40.5),
            "placement(reactor).offset": Observed(Quantity(1.0, "mm"), -0.5, 2.0),
            "count(reactor)": Observed(3.0, 3.0, 3.0),
        }
    )
    asked: list[str] = field(default_factory=list)

    def lookup(self, name: str, attribute: str | None = None) -> Value:
        full = f"{name}.{attribute}" if attribute else name
        self.asked.append(full)
        if full not in self.values:
            raise EvaluationError(f"there is no {full}")
        return self.values[full]

    def observe(self, observable: str, subject: str, attribute: str | None = None) -> Observed:
        full = f"{observable}({subject})" + (f".{attribute}" if attribute else "")
        self.asked.append(full)
        if full not in self.seen:
            raise NotYet(full)
        return self.seen[full]


@pytest.fixture
def bench() -> Bench:
    return Bench()
