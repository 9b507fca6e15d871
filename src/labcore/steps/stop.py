"""stop: switch a device's outputs off."""

from __future__ import annotations

from typing import Any

from labcore.model.effect import Effects, SetOutput
from labcore.model.interval import Interval
from labcore.plugin.arguments import DeviceName, StepArgs
from labcore.plugin.bench import Bench, StepProblem
from labcore.plugin.step import StepContext, Verb


class Stop(Verb):
    """`stop: {device: stirrer}`, or only one `output: speed` of it.

    Everything the device has is switched off, also what nobody in this run switched on.
    """

    class Args(StepArgs):
        device: DeviceName
        output: str | None = None

    cut = "never"
    harmless = True
    shorthand = "device"

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Switch off what the device has."""
        outputs = _outputs(args, bench)
        changes = tuple(SetOutput(device, output, None) for device, output in outputs)
        return Effects(changes, Interval(0.1, 1.0, 10.0), devices=(outputs[0][0],))

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Switch off, heat first."""
        for device, output in _outputs(args, ctx.bench):
            await ctx.switch_off(device, output)

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"stop {args.device}"


def _outputs(args: Any, bench: Bench) -> list[tuple[str, str]]:
    """Return the outputs of the device that the author means, as (device, output); never none."""
    outputs = bench.outputs_of(args.device)
    found = [(device, output) for device, output in outputs if args.output in (None, output)]
    if not found:
        message = f"{args.device} has no output" + (f" {args.output!r}" if args.output else "")
        known = ", ".join(output for _, output in outputs)
        raise StepProblem("E404", message, f"Outputs: {known}." if known else "Name another device.")
    return found
