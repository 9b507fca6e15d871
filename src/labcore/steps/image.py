"""image: take a picture of a vessel."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Imaging
from labcore.model.effect import Effects
from labcore.model.pace import Pace
from labcore.plugin.arguments import DeviceName, StepArgs, VesselName
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb

TYPICAL = Pace(0.5)  # s; of a device that does not tell


class Image(Verb):
    """`image: {vessel: reactor}`. Observers look at what it takes."""

    class Args(StepArgs):
        vessel: VesselName
        camera: DeviceName | None = None

    harmless = True
    shorthand = "vessel"

    def _need(self, args: Any, place: str) -> Need:
        return Need(Imaging, at=place, device=args.camera)

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Let observers see the vessel."""
        vessel = bench.vessel(args.vessel)
        device = bench.device(self._need(args, bench.place_of(vessel)))
        return Effects(
            (), bench.expected(device, "capture", TYPICAL), observes=(("image", vessel),), devices=(device,)
        )

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Take it and keep it."""
        spot = ctx.spot(args.vessel)
        need = self._need(args, spot.place)
        picture = await ctx.device(Imaging, need).capture(spot)
        await ctx.keep_picture(spot.vessel, picture, ctx.bench.device(need))

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"take a picture of {args.vessel}"
