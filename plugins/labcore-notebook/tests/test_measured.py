"""What was measured, decided and lost stands in the materials section, with the events it rests on."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.model.evaporation import Loss
from labcore.model.event import Observed, RunEnded, VesselStated, VolumeNarrowed
from labcore.model.interval import Interval
from labcore_notebook.notebook import Table, statements
from labcore_notebook.render import build
from labcore_notebook.verify import verify


@pytest.fixture
def weighed(empty: Any) -> Any:
    """A vial is filled, weighed and left open for two hours; a person decides about another one."""
    empty.begin()
    losses = (Loss("acetone", 1.5, ("acetone",)),)
    empty.add(
        VesselStated(
            "bottle/9", "bottle-500ml", "bottle/9", {"acetone": Interval.exactly(300.0)}, "lab file", True
        )
    )
    empty.add(VesselStated("reactor", "vial-50ml", "stirrer", {}, "lab file", losses=losses))
    empty.dispense("1", "bottle/9", 20.0, amount=Interval(19.0, 20.0, 21.0))
    seen = empty.add(Observed("mass", "reactor", 47.81, "g", 47.8, 47.82, "good", "scale", ()))
    empty.add(
        VolumeNarrowed("reactor", Interval(19.0, 20.0, 21.0), Interval(19.8, 19.99, 20.2), "scale", (seen,))
    )
    empty.now += 7200.0
    total = Interval(290.0, 295.0, 300.0)
    empty.add(
        VesselStated(
            "bottle/9", "bottle-500ml", "bottle/9", {"acetone": total}, "the operator", True, total=total
        )
    )
    empty.add(RunEnded("done"))
    return empty


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_number_of_it_agrees_with_the_record(weighed: Any, language: str) -> None:
    assert verify(build(weighed, language), weighed).unsupported == ()


def test_what_was_measured_decided_and_lost_is_told(weighed: Any) -> None:
    told = [text for section, text, _ in statements(build(weighed, "en")) if section == "materials"]
    assert any("reactor" in one and "19.8" in one and "20.2" in one for one in told)
    assert any("bottle/9" in one and "the operator" in one and "295" in one for one in told)
    assert any("reactor" in one and "3" in one and "mL" in one for one in told)


def test_nothing_is_said_where_nothing_was_measured(robot: Any) -> None:
    sections = {one.key: one for one in build(robot, "en").sections}
    titles = [block.title for block in sections["materials"].blocks if isinstance(block, Table)]
    assert titles == ["What was used", "Transfers in the order of time"]
