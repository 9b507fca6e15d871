"""Switching a station works nothing out; what a vessel will be does not depend on who looked when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore_simulators.world import World, evolve

React = Callable[..., World]


def _switched(bench: World, *, looking: bool) -> dict[str, Any]:
    for n, (rpm, at) in enumerate(((0.0, 300.0), (500.0, 700.0), (500.0, 700.0), (0.0, 1500.0))):
        bench.set_stirring("stirrer", rpm, at)
        bench.set_heating("stirrer", 40.0 if n % 2 else None, at)
        if looking:
            bench.truth("reactor", at)
    return bench.truth("reactor", 4000.0)


def test_looking_or_not_gives_the_same(react: React) -> None:
    assert _switched(react(5.0), looking=False) == _switched(react(5.0), looking=True)


def test_switching_works_nothing_out(react: React, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = react(5.0)
    begun: list[float] = []
    stepped = evolve.stepped
    monkeypatch.setattr(evolve, "stepped", lambda *way: (begun.append(way[2]), stepped(*way))[1])
    bench.set_stirring("stirrer", 0.0, 86_400.0)
    bench.set_heating("stirrer", 50.0, 86_500.0)
    assert not begun
    bench.mass("reactor", 86_500.0)
    assert sum(begun) > 80_000


def test_a_state_taken_between_two_switches_goes_on_alike(react: React) -> None:
    bench, other = react(5.0), react(5.0)
    for one in (bench, other):
        one.set_stirring("stirrer", 0.0, 300.0)
    state = bench.snapshot()
    expected = other.truth("reactor", 900.0)
    other.restore(state)
    assert other.truth("reactor", 900.0) == expected


def test_thousands_of_switches_without_a_look(react: React) -> None:
    bench = react(0.0)
    for second in range(10, 3010):
        bench.set_stirring("stirrer", float(second % 2) * 100, float(second))
    assert bench.truth("reactor", 3010.0)["volume_ml"] == pytest.approx(40.0)
