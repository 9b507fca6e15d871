"""dispense: deliver a volume of a material into a vessel."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from labcore.capabilities import Dosing, Spot
from labcore.model.effect import Effects, Transfer
from labcore.model.interval import Interval
from labcore.model.pace import Pace
from labcore.model.quantity import Quantity
from labcore.plugin.arguments import DeviceName, MaterialName, Ratio, StepArgs, VesselName, Volume
from labcore.plugin.bench import Bench, Need, StepProblem
from labcore.plugin.step import StepContext, Verb

TYPICAL = Pace(15.0, each=4.0)  # s, and s/mL; of a device that does not tell
UNCERTAINTY = 0.01
SLACK = 0.05  # of a dose that may be missing before it is refused
NOTABLE = 0.05  # mL of evaporation that is worth a word


class _FullAlready(Exception):  # noqa: N818 - nothing is wrong, nothing is to be done
    """The vessel holds its total."""


class Dispense(Verb):
    """`dispense: {material: acetone, into: reactor, volume: 20 mL}`, or `to_total: 40 mL`.

    `to_total` is worked out when the dose begins, from the middle of what the vessel holds, and refused if that is
    uncertain by more than `tolerance` (default 5 %). `save` keeps the delivered volume.
    """

    class Args(StepArgs):
        material: MaterialName
        into: VesselName
        volume: Volume | None = None
        to_total: Volume | None = None
        tolerance: Ratio = Quantity(5.0, "%")
        using: DeviceName | None = None

        @model_validator(mode="after")
        def _one_amount(self) -> Dispense.Args:
            if (self.volume is None) == (self.to_total is None):
                message = "give exactly one of volume and to_total"
                raise PydanticCustomError(
                    "one_of", message, {"remedy": "Add volume: 20 mL or to_total: 40 mL."}
                )
            return self

    returns = "volume"

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Move the volume from the stock's bottle into the vessel."""
        target = bench.vessel(args.into)
        source = bench.stock(args.material)
        volume = _volume(args, bench, target)
        device = bench.device(self._need(args, source, bench.place_of(target)))
        amount = Interval.around(volume, relative=UNCERTAINTY)
        return Effects(
            (Transfer(source, target, amount),),
            bench.expected(device, "dispense", TYPICAL, volume),
            devices=(device,),
        )

    def _need(self, args: Any, source: str, place: str) -> Need:
        return Need(Dosing, reach=(source, place), device=args.using)

    async def run(self, ctx: StepContext, args: Any) -> Quantity:
        """Deliver it and return what was delivered."""
        target = ctx.spot(args.into)
        source = ctx.bench.stock(args.material)
        wanted: list[Quantity] = []

        def amount() -> Quantity:
            volume = _volume(args, ctx.bench, target.vessel)
            if volume <= 0:
                raise _FullAlready
            refuse_underflow(ctx.bench, source, volume)
            refuse_overfill(ctx.bench, target.vessel, volume)
            wanted.append(Quantity(volume, "mL"))
            return wanted[-1]

        try:
            volume = amount()  # what is wrong already is not waited for
            if args.to_total is not None:
                volume = ctx.when_it_begins(amount, target.vessel)
            dosing = ctx.device(Dosing, self._need(args, source, target.place))
            outcome = await dosing.dispense(Spot(source, source), target, volume)
        except _FullAlready:
            return Quantity(0.0, "mL")
        return Quantity(outcome.amount.mid, "mL") if outcome.amount is not None else wanted[-1]

    def label(self, args: Any) -> str:
        """Describe the step."""
        amount = args.volume if args.volume is not None else f"up to {args.to_total}"
        return f"dispense {amount} {args.material} into {args.into}"


def _volume(args: Any, bench: Bench, target: str) -> float:
    """Return the mL to deliver."""
    if args.volume is not None:
        return float(args.volume.in_("mL"))
    there, wanted = bench.volume(target), float(args.to_total.in_("mL"))
    tolerance = args.tolerance.in_("%") / 100
    if there.width / 2 > tolerance * wanted:
        raise StepProblem(
            "E605",
            f"{target} holds between {there.low:.3g} and {there.high:.3g} mL{_of_which_gone(bench, target)}: "
            f"too uncertain to fill up to {args.to_total}",
            f"Weigh it first, {_keep_it(bench, target)}give a volume, or allow more `tolerance` (now {args.tolerance}).",
            field="to_total",
        )
    if there.mid > wanted * (1 + tolerance):
        raise StepProblem(
            "E606",
            f"{target} holds {there.mid:.4g} mL already, more than {args.to_total}",
            "Ask for a larger total.",
            field="to_total",
        )
    return max(0.0, wanted - there.mid)


def _of_which_gone(bench: Bench, vessel: str) -> str:
    gone = bench.evaporated(vessel)
    return f" (up to {gone:.3g} mL may have evaporated)" if gone > NOTABLE else ""


def _keep_it(bench: Bench, vessel: str) -> str:
    if bench.evaporated(vessel) <= NOTABLE:
        return ""
    return f"state `closed: true` or its `evaporation` if {vessel} loses less, "


def refuse_overfill(bench: Bench, vessel: str, volume: float) -> None:
    """StepProblem if `volume` mL more might not fit, judged by the most that the vessel can hold now."""
    there, ware = bench.volume(vessel), bench.labware(vessel)
    if not ware.takes(there.high + volume):
        raise StepProblem(
            "E601",
            f"{vessel} holds up to {there.high:.4g} mL and would hold {there.high + volume:.4g} mL; {ware.name} holds {ware.capacity:g} mL",
            "Use a larger vessel, weigh this one if less is in it, or empty it first.",
        )


def refuse_underflow(bench: Bench, vessel: str, volume: float) -> None:
    """StepProblem if `volume` mL might not be there, judged by the least that the vessel can hold now."""
    there = bench.volume(vessel)
    if there.low < volume * (1 - SLACK):
        raise StepProblem(
            "E602",
            f"{vessel} may hold as little as {there.low:.4g} mL, {volume:.4g} mL are needed",
            "Provide more, weigh it if more is in it, or say what it holds with `labcore lab set`.",
        )
