"""place_vial and move: carry a vessel to a place."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Placing
from labcore.model.effect import Effects, Placement
from labcore.model.pace import Pace
from labcore.plugin.arguments import DeviceName, PlaceName, StepArgs, VesselName
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb

TYPICAL = Pace(20.0)  # s; of a device that does not tell


class PlaceVial(Verb):
    """`place_vial: {vessel: reactor, onto: stirrer}`. A vessel that stands there already is left alone."""

    class Args(StepArgs):
        vessel: VesselName
        onto: PlaceName
        using: DeviceName | None = None

    def _need(self, args: Any, origin: str, target: str) -> Need:
        return Need(Placing, reach=(origin, target), device=args.using)

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Set the vessel down at the first free place that fits and can be reached."""
        vessel = bench.vessel(args.vessel)
        origin, target = bench.place_of(vessel), bench.free_place(args.onto, vessel)
        if origin == target:
            return Effects()
        device = bench.device(self._need(args, origin, target))
        expected = bench.expected(device, "place", TYPICAL)
        return Effects((Placement(vessel, target),), expected, devices=(device,))

    async def run(self, ctx: StepContext, args: Any) -> str:
        """Carry it, unless it is there."""
        vessel = ctx.bench.vessel(args.vessel)
        origin, target = ctx.bench.place_of(vessel), ctx.bench.free_place(args.onto, vessel)
        if origin != target:
            await ctx.device(Placing, self._need(args, origin, target)).place(vessel, origin, target)
        return target

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"place {args.vessel} onto {args.onto}"


class Move(PlaceVial):
    """`move: {vessel: reactor, onto: rack/A1}`: the same as `place_vial`, for any vessel."""

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"move {args.vessel} to {args.onto}"
