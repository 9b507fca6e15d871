"""weigh: the mass of a vessel with what is in it."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Weighing
from labcore.model.effect import Effects
from labcore.model.observation import Observable, Quality
from labcore.model.pace import Pace
from labcore.model.quantity import Quantity
from labcore.plugin.arguments import DeviceName, StepArgs, VesselName
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb

TYPICAL = Pace(5.0)  # s; of a device that does not tell


class Weigh(Verb):
    """`weigh: {vessel: reactor}` with the vessel on the balance. Feeds `mass(reactor)`."""

    class Args(StepArgs):
        vessel: VesselName
        balance: DeviceName | None = None

    harmless = True
    shorthand = "vessel"
    returns = "mass"
    observables = (Observable("mass", "g", 0.0, 1e6, "mass of a vessel with its contents"),)

    def _need(self, args: Any, place: str) -> Need:
        return Need(Weighing, at=place, device=args.balance)

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Observe the mass."""
        vessel = bench.vessel(args.vessel)
        device = bench.device(self._need(args, bench.place_of(vessel)))
        return Effects(
            (), bench.expected(device, "weigh", TYPICAL), observes=(("mass", vessel),), devices=(device,)
        )

    async def run(self, ctx: StepContext, args: Any) -> Quantity:
        """Weigh and record."""
        spot = ctx.spot(args.vessel)
        need = self._need(args, spot.place)
        reading = await ctx.device(Weighing, need).weigh(spot)
        value = reading.value.to("g")
        scale = value.value / reading.value.value if reading.value.value else 1.0
        quality: Quality = "good" if reading.stable else "doubtful"
        await ctx.observe(
            "mass",
            spot.vessel,
            value,
            uncertainty=reading.uncertainty * scale,
            device=ctx.bench.device(need),
            quality=quality,
        )
        return value

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"weigh {args.vessel}"
