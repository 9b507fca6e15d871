"""stop: switch a device's outputs off."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Heating, Stirring
from labcore.model.effect import Effects, SetOutput
from labcore.model.interval import Interval
from labcore.plugin.arguments import DeviceName, StepArgs
from labcore.plugin.bench import Bench, Need, StepProblem
from labcore.plugin.step import StepContext, Verb

OUTPUTS: tuple[tuple[type, str, str], ...] = (
    (Heating, "temperature", "stop_heating"),
    (Stirring, "speed", "stop_stirring"),
)


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
        """Switch off what is on."""
        found = _outputs(args, bench)
        changes = tuple(SetOutput(device, output, None) for _, output, _, device in found)
        return Effects(changes, Interval(0.1, 1.0, 10.0), devices=tuple({device for *_, device in found}))

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Switch off, heat first."""
        for capability, _, method, device in _outputs(args, ctx.bench):
            await getattr(ctx.device(capability, Need(capability, device=device)), method)()

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"stop {args.device}"


def _outputs(args: Any, bench: Bench) -> list[tuple[type, str, str, str]]:
    """Return (capability, output, method, device) for what the device has and the author means."""
    found, problem = [], None
    for capability, output, method in OUTPUTS:
        if args.output not in (None, output):
            continue
        try:
            found.append((capability, output, method, bench.device(Need(capability, device=args.device))))
        except StepProblem as error:
            problem = error
    if not found:
        raise problem or StepProblem(
            "E404", f"{args.device} has no output {args.output!r}", "Outputs: speed, temperature."
        )
    return found
