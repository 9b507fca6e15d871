"""stir: an output; it goes on until stopped, its block ends, or its `for` is over."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Stirring
from labcore.model.effect import Effects, SetOutput
from labcore.model.pace import Pace
from labcore.plugin.arguments import DeviceName, Speed, StepArgs, VesselName
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb
from labcore.steps.reach import reach

TYPICAL = Pace(1.0)  # s; of a device that does not tell


class Stir(Verb):
    """`stir: {vessel: reactor, speed: 300 rpm}`; `reach: true` waits for the speed, within `tolerance` (default 20 rpm)."""

    class Args(StepArgs):
        vessel: VesselName | None = None
        speed: Speed
        device: DeviceName | None = None
        reach: bool = False
        tolerance: Speed | None = None

    output = True
    harmless = True

    def _need(self, args: Any, bench: Bench) -> Need:
        place = bench.place_of(args.vessel) if args.vessel is not None else None
        return Need(Stirring, at=place, device=args.device)

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Leave the stirrer on."""
        device = bench.device(self._need(args, bench))
        change = SetOutput(device, "speed", args.speed.in_("rpm"), "rpm")
        return Effects((change,), bench.expected(device, "stir", TYPICAL), devices=(device,))

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Set the speed and, if asked, wait until it is reached."""
        stirring = ctx.device(Stirring, self._need(args, ctx.bench))
        await stirring.stir(args.speed)
        if args.reach:
            tolerance = args.tolerance.in_("rpm") if args.tolerance is not None else 20.0
            await reach(ctx, stirring.speed, args.speed, "rpm", tolerance)

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"stir {args.vessel or args.device} at {args.speed}"
