"""heat: an output; it goes on until stopped, its block ends, or its `for` is over."""

from __future__ import annotations

from typing import Any

from labcore.capabilities import Heating
from labcore.model.effect import Effects, SetOutput
from labcore.model.interval import Interval
from labcore.model.pace import Pace
from labcore.plugin.arguments import DeviceName, StepArgs, Temperature, TemperatureStep, VesselName
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb
from labcore.steps.reach import reach

TYPICAL = Pace(600.0)  # s; of a device that does not tell
ROOM = 20.0  # °C


class Heat(Verb):
    """`heat: {vessel: flask, temperature: 60 °C, reach: true}`; `tolerance` (default 1 K) says what reached means."""

    class Args(StepArgs):
        vessel: VesselName | None = None
        temperature: Temperature
        device: DeviceName | None = None
        reach: bool = False
        tolerance: TemperatureStep | None = None

    output = True
    harmless = True

    def _need(self, args: Any, bench: Bench) -> Need:
        place = bench.place_of(args.vessel) if args.vessel is not None else None
        return Need(Heating, at=place, device=args.device)

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Leave the heater on."""
        device = bench.device(self._need(args, bench))
        change = SetOutput(device, "temperature", args.temperature.in_("°C"), "°C")
        if not args.reach:
            return Effects((change,), Interval(0.1, 1.0, 10.0), devices=(device,))
        now = bench.output(device, "temperature")
        rise = abs(args.temperature.in_("°C") - (ROOM if now is None else now))
        return Effects((change,), bench.expected(device, "heat", TYPICAL, rise), devices=(device,))

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Set the temperature and, if asked, wait until it is reached."""
        heating = ctx.device(Heating, self._need(args, ctx.bench))
        await heating.heat(args.temperature)
        if args.reach:
            tolerance = args.tolerance.in_("K") if args.tolerance is not None else 1.0
            await reach(ctx, heating.temperature, args.temperature, "°C", tolerance)

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"heat {args.vessel or args.device} to {args.temperature}"
