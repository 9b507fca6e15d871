"""The operator and a simulated person on a simulated bench: what is said is what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.prompts_simulated import SimulatedPrompts
from labcore.capabilities.act import Spot
from labcore.errors import DeviceRefused
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Site
from labcore_operator.driver import Operator
from labcore_operator.options import OperatorOptions
from labcore_simulators.instruments.person import Person
from labcore_simulators.world import World

LAB: dict[str, Any] = {
    "lab": "By hand",
    "devices": {"hands": {"driver": "operator"}},
    "positions": {"rack/A1": {}, "stirrer": {"station": "hands"}},
    "stock": {"acetone": {"in": "bottle/1", "volume": "250 mL"}},
    "vessels": {"reactor": {"at": "rack/A1", "labware": "vial-50ml", "empty": True}},
}
BOTTLE, REACTOR = Spot("bottle/1", "bottle/1"), Spot("reactor", "stirrer")
Bench = Callable[..., tuple[Operator, World]]


@pytest.fixture
def bench() -> Bench:
    """Return the maker of an operator on a new bench; `person` are options of the person."""

    def make(language: str = "en", **person: Any) -> tuple[Operator, World]:
        world = World.from_lab(LAB, seed=7)
        somebody = Person(world, device="hands", options={"absence": 0.0, **person}, lab=LAB, seed=7)
        prompts = SimulatedPrompts(somebody)
        site = Site("hands", simulated=True, ask=prompts.ask, stations=("stirrer",))
        return Operator(site, OperatorOptions.model_validate({"language": language})), world

    return make


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_vial_is_carried_filled_stirred_and_watched_by_hand(bench: Bench, language: str) -> None:
    hands, world = bench(language)

    async def main() -> None:
        outcomes = [
            await hands.place("reactor", "rack/A1", "stirrer").send(),
            await hands.dispense(BOTTLE, REACTOR, Quantity(20, "mL")).send(),
        ]
        truth = world.truth("reactor", anyio.current_time())
        outcomes.append(await hands.stir(Quantity(300, "rpm")).send())
        assert [outcome.status for outcome in outcomes] == ["done"] * 3
        assert (await hands.speed()).in_("rpm") == pytest.approx(300, abs=30)
        assert (await hands.weigh(REACTOR)).value.in_("g") > 15
        assert (await hands.temperature()).in_("°C") == pytest.approx(25, abs=8)
        assert (await hands.capture(REACTOR)).shape == (480, 640)
        assert (await hands.stop_stirring().send()).status == "done"
        assert await hands.safe()[0].confirm()
        assert outcomes[1].amount is not None
        assert outcomes[1].amount.contains(truth["volume_ml"])
        assert truth["place"] == "stirrer"

    run_virtual(main)
    assert {act["by"] for act in world.acts() if act["act"] in ("lift", "put", "draw", "pour")} == {"person"}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_could_not_be_done_was_not_started(bench: Bench, language: str) -> None:
    hands, world = bench(language)

    async def main() -> str:
        await hands.place("reactor", "rack/A1", "stirrer").send()
        return (await hands.place("reactor", "rack/A1", "stirrer").send()).status

    assert run_virtual(main) == "not_started"
    assert world.place_of("reactor") == "stirrer"


def test_a_cut_act_was_not_done(bench: Bench) -> None:
    hands, world = bench()
    act = hands.dispense(BOTTLE, REACTOR, Quantity(20, "mL"))
    assert act.cut is not None
    assert run_virtual(act.cut).status == "not_started"
    assert world.truth("reactor", now=0.0)["volume_ml"] == 0.0


def test_a_person_who_cannot_measure_says_so(bench: Bench) -> None:
    hands, _ = bench()
    with pytest.raises(DeviceRefused, match="I cannot measure length"):
        run_virtual(hands.measure, "length", Spot("reactor", "rack/A1"))
