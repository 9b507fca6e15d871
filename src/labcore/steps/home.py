"""home: let a machine find its reference position."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Homing
from labcore.model.effect import Effects
from labcore.model.pace import Pace
from labcore.plugin.arguments import DeviceName, StepArgs
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb

TYPICAL = Pace(20.0)  # s; of a device that does not tell


class Home(Verb):
    """`home: dispenser`, or `home: {device: dispenser}`."""

    class Args(StepArgs):
        device: DeviceName | None = None

    cut = "never"
    harmless = True
    shorthand = "device"

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Move the machine, nothing else."""
        device = bench.device(Need(Homing, device=args.device))
        return Effects((), bench.expected(device, "home", TYPICAL), devices=(device,))

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Home it."""
        await ctx.device(Homing, Need(Homing, device=args.device)).home()

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"home {args.device or 'the dispenser'}"
