"""wait: let time pass."""

from __future__ import annotations

from typing import Any

from labcore.model.effect import Effects
from labcore.model.interval import Interval
from labcore.plugin.arguments import Duration, StepArgs
from labcore.plugin.bench import Bench
from labcore.plugin.step import StepContext, Verb


class Wait(Verb):
    """`wait: 5 min`. It goes on while a run is paused: chemistry does, too."""

    class Args(StepArgs):
        duration: Duration

    cut = "anytime"
    harmless = True
    shorthand = "duration"

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Take the time stated."""
        return Effects(duration=Interval.exactly(args.duration.in_("s")))

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Sleep on the run's clock."""
        await ctx.sleep(args.duration.in_("s"))

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"wait {args.duration}"
