"""measure: any quantity a device or a person can read off."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from labcore.capabilities import Measuring, Spot
from labcore.model.effect import Effects
from labcore.model.observation import Observable, Quality
from labcore.model.pace import Pace
from labcore.model.quantity import Quantity
from labcore.plugin.arguments import DeviceName, StepArgs, VesselName
from labcore.plugin.bench import Bench, Need
from labcore.plugin.step import StepContext, Verb

TYPICAL = Pace(1.0)  # s; of a device that does not tell


class Measure(Verb):
    """`measure: {what: pH, in: beaker}`, `measure: {what: speed, of: stirrer}`. Feeds `pH(beaker)`, `speed(stirrer)`."""

    class Args(StepArgs):
        what: str
        model_config = ConfigDict(populate_by_name=True)
        vessel: VesselName | None = Field(default=None, alias="in")
        of: DeviceName | None = None

    harmless = True
    observables = (
        Observable("pH", "", -2.0, 16.0, "acidity of what is in a vessel"),
        Observable("speed", "rpm", 0.0, 5000.0, "speed of a stirrer"),
        Observable("volume", "mL", 0.0, 1e6, "volume of what is in a vessel, read off its scale"),
        Observable("temperature", "°C", -100.0, 500.0, "temperature a device or a person reads"),
    )

    def _need(self, args: Any, place: str | None) -> Need:
        return Need(Measuring, at=place, device=args.of, measures=args.what)

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Observe the quantity."""
        subject, place = _subject(args, bench)
        device = bench.device(self._need(args, place))
        return Effects(
            (),
            bench.expected(device, "measure", TYPICAL),
            observes=((args.what, subject),),
            devices=(device,),
        )

    async def run(self, ctx: StepContext, args: Any) -> Quantity:
        """Read and record."""
        subject, place = _subject(args, ctx.bench)
        need = self._need(args, place)
        reading = await ctx.device(Measuring, need).measure(args.what, Spot(subject, place or ""))
        device = ctx.bench.device(need)
        quality: Quality = "good" if reading.stable else "doubtful"
        await ctx.observe(
            args.what, subject, reading.value, uncertainty=reading.uncertainty, device=device, quality=quality
        )
        return reading.value

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"measure {args.what} of {args.vessel or args.of}"


def _subject(args: Any, bench: Bench) -> tuple[str, str | None]:
    """Return what is measured and where: a vessel at its place, or a device."""
    if args.vessel is not None:
        vessel = bench.vessel(args.vessel)
        return vessel, bench.place_of(vessel)
    return args.of or "bench", None
