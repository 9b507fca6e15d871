"""home: let a machine find its reference position."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Homing
from labcore.model.effect import Effects
from labcore.model.interval import Interval
from labcore.plugin.arguments import DeviceName, StepArgs
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb


class Home(Verb):
    """`home: dispenser`, or `home: {device: dispenser}`."""

    class Args(StepArgs):
        device: DeviceName | None = None

    cut = "never"
    harmless = True
    shorthand = "device"

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Move the machine, nothing else."""
        return Effects(
            (), Interval(5.0, 20.0, 60.0), devices=(bench.device(Need(Homing, device=args.device)),)
        )

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Home it."""
        await ctx.device(Homing, Need(Homing, device=args.device)).home()

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"home {args.device or 'the dispenser'}"
