"""Verbs that break their contract: their step fails with their name, and no device hears what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore.capabilities import Dosing, Stirring
from labcore.model.effect import Effects
from labcore.model.quantity import Quantity
from labcore.plugin.arguments import StepArgs
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb

Play = Callable[..., Any]
HEAD = "devices:\n  robot: [dosing, stirring]"


class Args(StepArgs):
    pass


def verb(deed: Callable[[StepContext], Any]) -> type[Verb]:
    class Hostile(Verb):
        Args = Args

        def effects(self, args: Any, bench: Bench) -> Effects:
            return Effects()

        async def run(self, ctx: StepContext, args: Any) -> Any:
            return await deed(ctx)

    return Hostile


def test_what_a_verb_raises_fails_its_step_and_nothing_else(
    play: Play, escape: BaseException, later: Any, ended: Any
) -> None:
    done = play(
        "steps:\n - hostile:\n   on_error: skip\n - note: after", verbs={"hostile": verb(later(escape))}
    )
    assert (ended(done).outcome, ended(done).code) == ("failed", "E911")
    assert len(done.of("noted")) == 1
    assert done.state.outcome == "done"


@pytest.mark.parametrize("result", [float("nan"), float("inf")])
def test_a_result_that_is_no_number_is_refused(play: Play, result: float, ended: Any) -> None:
    async def deed(ctx: StepContext) -> float:
        return result

    done = play("steps:\n - hostile:\n   save: x", verbs={"hostile": verb(deed)})
    assert ended(done).code == "E925"
    assert done.of("saved") == []


@pytest.mark.parametrize(
    "volume", [Quantity(-1, "mL"), Quantity(1e308, "mL"), Quantity(3, "rpm"), 3.0, float("nan"), None]
)
def test_no_device_is_asked_for_an_amount_that_cannot_be(play: Play, volume: Any, ended: Any) -> None:
    async def deed(ctx: StepContext) -> None:
        await ctx.device(Dosing, Need(Dosing)).dispense(ctx.spot("vial"), ctx.spot("other"), volume)

    done = play("steps:\n - hostile:", head=HEAD, verbs={"hostile": verb(deed)})
    assert ended(done).code == "E923"
    assert "nothing was sent" in ended(done).error
    assert done.of("intended") == []


def test_no_device_is_asked_for_a_speed_that_is_none(play: Play, ended: Any) -> None:
    async def deed(ctx: StepContext) -> None:
        await ctx.device(Stirring, Need(Stirring)).stir(Quantity(1e308, "rpm"))

    done = play("steps:\n - hostile:", head=HEAD, verbs={"hostile": verb(deed)})
    assert ended(done).code == "E923"


@pytest.mark.parametrize("uncertainty", [float("nan"), float("inf"), 1.7e308])
def test_an_observation_needs_finite_bounds(play: Play, uncertainty: float, ended: Any) -> None:
    async def deed(ctx: StepContext) -> None:
        await ctx.observe("pH", "vial", Quantity(1.7e308, ""), uncertainty=uncertainty, device="robot")

    done = play("steps:\n - hostile:", verbs={"hostile": verb(deed)})
    assert ended(done).code == "E925"
    assert done.of("observed") == []
