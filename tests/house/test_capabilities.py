"""What a step may call and what a driver gives are one set of methods with one set of parameters (decision 0004)."""

from __future__ import annotations

import inspect

import pytest

from labcore import capabilities
from labcore.capabilities.act import Act, Acts, marked

PAIRS = [
    (name, getattr(capabilities, name), getattr(capabilities, f"{name}Driver"))
    for name in capabilities.__all__
    if f"{name}Driver" in capabilities.__all__
]


@pytest.mark.parametrize(("name", "asked", "given"), PAIRS, ids=[name for name, _, _ in PAIRS])
def test_a_driver_gives_what_a_step_may_ask(name: str, asked: type, given: type) -> None:
    assert asked.capability == name.lower()  # type: ignore[attr-defined]
    for method, mark in marked(asked).items():
        own, drivers = getattr(asked, method), getattr(given, method)
        assert list(inspect.signature(own).parameters) == list(inspect.signature(drivers).parameters), method
        acts = isinstance(mark, Acts)
        assert inspect.iscoroutinefunction(drivers) != acts, f"{method}: an act is encoded, a read is awaited"
        returns = inspect.get_annotations(drivers).get("return")
        assert (returns in ("Act", Act)) == acts, method


def test_there_are_pairs() -> None:
    assert len(PAIRS) >= 8
