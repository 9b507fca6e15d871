"""note: put a remark on record."""

from __future__ import annotations

from typing import Any

from labcore.model.effect import Effects
from labcore.plugin.arguments import StepArgs
from labcore.plugin.bench import Bench
from labcore.plugin.step import StepContext, Verb


class Note(Verb):
    """`note: The solution is still clear.`"""

    class Args(StepArgs):
        text: str

    cut = "never"
    harmless = True
    shorthand = "text"

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Change nothing."""
        return Effects()

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Record it."""
        await ctx.note(args.text)

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"note: {args.text}"
