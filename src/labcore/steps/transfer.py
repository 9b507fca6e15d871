"""transfer: move liquid from one vessel into another."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from labcore.capabilities import Dosing
from labcore.model.effect import Effects, Transfer
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity
from labcore.plugin.arguments import DeviceName, StepArgs, VesselName, Volume
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb
from labcore.steps.dispense import TYPICAL, UNCERTAINTY, refuse_overfill, refuse_underflow


class TransferStep(Verb):
    """`transfer: {from: flask a, into: flask b, volume: 10 mL}`."""

    class Args(StepArgs):
        model_config = ConfigDict(populate_by_name=True)
        source: VesselName = Field(alias="from")
        into: VesselName
        volume: Volume
        using: DeviceName | None = None

    returns = "volume"

    def _need(self, args: Any, origin: str, target: str) -> Need:
        return Need(Dosing, reach=(origin, target), device=args.using)

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Move the volume, with the composition it has."""
        source, target = bench.vessel(args.source), bench.vessel(args.into)
        device = bench.device(self._need(args, bench.place_of(source), bench.place_of(target)))
        volume = args.volume.in_("mL")
        amount = Interval.around(volume, relative=UNCERTAINTY)
        return Effects(
            (Transfer(source, target, amount),),
            bench.expected(device, "dispense", TYPICAL, volume),
            devices=(device,),
        )

    async def run(self, ctx: StepContext, args: Any) -> Quantity:
        """Deliver it and return what was delivered."""
        source, target = ctx.spot(args.source), ctx.spot(args.into)
        refuse_underflow(ctx.bench, source.vessel, args.volume.in_("mL"))
        refuse_overfill(ctx.bench, target.vessel, args.volume.in_("mL"))
        dosing = ctx.device(Dosing, self._need(args, source.place, target.place))
        outcome = await dosing.dispense(source, target, args.volume)
        return Quantity(outcome.amount.mid if outcome.amount is not None else args.volume.in_("mL"), "mL")

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"transfer {args.volume} from {args.source} into {args.into}"
