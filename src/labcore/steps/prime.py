"""prime: bring lines and syringe into a known state; what comes out goes to the declared waste."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Dosing, Spot
from labcore.model.effect import Effects, Transfer
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity
from labcore.plugin.arguments import DeviceName, MaterialName, StepArgs, Volume
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb
from labcore.steps.dispense import TYPICAL, UNCERTAINTY


class Prime(Verb):
    """`prime: {material: acetone, volume: 2 mL}`."""

    class Args(StepArgs):
        material: MaterialName
        volume: Volume = Quantity(2.0, "mL")
        using: DeviceName | None = None

    returns = "volume"

    def _need(self, args: Any, source: str, waste: str) -> Need:
        return Need(Dosing, reach=(source, waste), device=args.using)

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Move the volume from the stock's bottle to the waste."""
        source, waste = bench.stock(args.material), bench.waste()
        device = bench.device(self._need(args, source, bench.place_of(waste)))
        volume = args.volume.in_("mL")
        amount = Interval.around(volume, relative=UNCERTAINTY)
        expected = bench.expected(device, "prime", TYPICAL, volume)
        return Effects((Transfer(source, waste, amount),), expected, devices=(device,))

    async def run(self, ctx: StepContext, args: Any) -> Quantity:
        """Do it and return the volume used."""
        source, waste = ctx.bench.stock(args.material), ctx.spot(ctx.bench.waste())
        dosing = ctx.device(Dosing, self._need(args, source, waste.place))
        outcome = await dosing.prime(Spot(source, source), waste, args.volume)
        return Quantity(outcome.amount.mid if outcome.amount is not None else args.volume.in_("mL"), "mL")

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"prime with {args.volume} {args.material}"
