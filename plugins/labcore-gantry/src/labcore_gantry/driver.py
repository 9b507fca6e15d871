"""The driver `gantry-dispenser`: doses with a syringe, carries vessels with a gripper, homes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from labcore.capabilities import Act, Dosing, Homing, Outcome, Placing, Spot
from labcore.errors import DeviceError, DeviceRefused, DeviceTimeout, LimitError, LinkLost
from labcore.model.pace import Pace
from labcore.model.quantity import Quantity, UnitError
from labcore.plugin.driver import Identity, Limit, SafeAct, Site
from labcore.wire.codec import LineCodec
from labcore.wire.lines import LineChannel
from labcore_gantry import program
from labcore_gantry.amounts import Progress, Scale
from labcore_gantry.deck import Point, find, standard_deck
from labcore_gantry.machine import Machine
from labcore_gantry.options import GantryOptions
from labcore_gantry.pace import paces_of
from labcore_gantry.profile import load_profile
from labcore_gantry.program import Line
from labcore_gantry.settling import settle_dose, settle_home, settle_place
from labcore_gantry.trouble import Trouble

UNCERTAINTY = 0.01  # relative; what an uncalibrated syringe is trusted to
FLOOR_PER_STROKE = 0.0004  # of a full syringe; ISO 7886-1 grades tolerate more, a stepper resolves less
SMALLEST = 0.0005  # of a full syringe; below this a dose is mostly uncertainty

Settle = Callable[[Progress, "Trouble | None"], Outcome]


class GantryDispenser:
    """A gantry with a syringe and a gripper.

    Lifetime: connect, acts, disconnect. Concurrency: acts wait for one another; `cut` and the safe state
    break in.
    """

    capabilities: ClassVar[tuple[type, ...]] = (Dosing, Placing, Homing)
    Options: ClassVar[type[GantryOptions]] = GantryOptions
    transport: ClassVar[Literal["link", "frames", "person"]] = "link"
    simulator: ClassVar[str] = "gantry"
    limits: ClassVar[dict[str, Limit]] = {"volume": Limit(minimum=Quantity(0.001, "mL"))}
    watchdog: ClassVar[tuple[str, ...]] = ()
    resets_on_open: ClassVar[bool] = True

    def __init__(self, site: Site, options: GantryOptions) -> None:
        self._site = site
        self._profile = load_profile(options.profile)
        places = {name: (xy[0], xy[1]) for name, xy in site.places.items() if len(xy) >= 2}
        self._deck: dict[str, Point] = {**standard_deck(), **places, **options.deck}
        calibration = options.calibration
        self._syringe = options.syringe.in_("mL")
        factor = calibration.factor if calibration else 1.0
        self._scale = Scale(
            ml_per_mm=self._syringe * factor / self._profile.plunger.stroke_mm,
            uncertainty=calibration.uncertainty.in_("%") / 100 if calibration else UNCERTAINTY,
            floor=FLOOR_PER_STROKE * self._syringe,
        )
        self._feed = self._plunger_feed(options.feed)
        self._channel: LineChannel | None = None
        self._machine: Machine | None = None
        self._carrying = ""

    @staticmethod
    def paces_of(options: GantryOptions) -> dict[str, Pace]:
        """Return how fast this gantry works, for plans."""
        return paces_of(options)

    def dose_uncertainty(self, millilitres: float) -> float:
        """Return the half-width (mL) of a dose."""
        return self._scale.margin(millilitres)

    # ---------------------------------------------------------------------------------------- connection
    async def connect(self) -> Identity:
        """Open and identify; nothing moves. DeviceTimeout if nothing answers that looks like the profile.

        After a loss a vessel that may hang in the gripper is not forgotten, and a machine that still moves is waited for.
        """
        assert self._site.link is not None, "a gantry needs a link"
        profile = self._profile
        stream = await self._site.link.open(profile.line_settings)
        codec = LineCodec(
            profile.send_end.encode("latin-1"), receive_end=profile.receive_end.encode("latin-1"),
            strip=profile.strip.encode("latin-1"),
        )  # fmt: skip
        channel = LineChannel(stream, codec, gap=profile.min_gap_s)
        machine = Machine(channel, profile)
        try:
            name, status = await machine.start()
        except BaseException:
            await channel.aclose()
            raise
        self._channel, self._machine = channel, machine
        position = f"X {status.x:g} Y {status.y:g} Z {status.z:g} mm"
        detail = {"profile": profile.name, "state": status.state, "position": position}
        return Identity(name=name or profile.title, detail=detail)

    async def disconnect(self) -> None:
        """Close; the machine keeps its state."""
        channel, self._channel, self._machine = self._channel, None, None
        if channel is not None:
            await channel.aclose()

    def safe(self) -> tuple[SafeAct, ...]:
        """Return feed hold and reset.

        Only the hold while a vessel hangs in the gripper, which a reset would open.
        """
        stop = self._profile.stop
        frames = [stop.hold.encode("latin-1")]
        if not (self._carrying and stop.reset_releases_gripper):
            frames.append(stop.reset.encode("latin-1"))
        return (SafeAct("motion", tuple(frames), "realtime", self._stands_still),)

    async def _stands_still(self) -> bool:
        return await self._connected().stands_still()

    # ---------------------------------------------------------------------------------------- acts
    def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Draw `volume` from `source` and push it into `target`, in as many strokes as it takes."""
        millilitres = self._millilitres(volume)
        smallest = max(0.001, SMALLEST * self._syringe)
        if millilitres < smallest:
            raise self._limit(
                f"{volume} is no dose for a {self._syringe:g} mL syringe; its least dose is {smallest:g} mL",
                "Dose more, or use a smaller syringe.",
            )
        source_xy, target_xy = self._point(source.place), self._point(target.place)
        lines = program.dose(self._begin(), source_xy, target_xy, millilitres / self._scale.ml_per_mm)

        def settle(progress: Progress, trouble: Trouble | None) -> Outcome:
            return settle_dose(lines, millilitres, self._scale, progress, trouble)

        return self._act(lines, settle, cut=True)

    def prime(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Fill the needle from `source`; the surplus goes to `target`."""
        return self.dispense(source, target, volume)

    def rinse(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Rinse syringe and needle with `source` into `target`."""
        return self.dispense(source, target, volume)

    def place(self, vessel: str, origin: str, target: str) -> Act:
        """Carry `vessel`. It cannot be cut: a reset would open the gripper in mid-air."""
        if not self._profile.commands.grip:
            raise self._limit(
                f"the profile {self._profile.name} has no gripper", "Let another device place vessels."
            )
        lines = program.carry(self._begin(), self._point(origin), self._point(target))

        def settle(progress: Progress, trouble: Trouble | None) -> Outcome:
            return settle_place(lines, vessel, progress, trouble)

        return self._act(lines, settle, vessel=vessel)

    def home(self) -> Act:
        """Find the reference position.

        The syringe is emptied into the waste first if its content is known.
        """
        writer = self._begin()
        if not any(line.kind == "home" for line in writer.lines):
            writer.head(down=False)
            writer.home()

        lines = tuple(writer.lines)
        return self._act(lines, lambda progress, trouble: settle_home(lines, progress, trouble))

    # ---------------------------------------------------------------------------------------- one act
    def _act(self, lines: tuple[Line, ...], settle: Settle, *, cut: bool = False, vessel: str = "") -> Act:
        machine, progress = self._connected(), Progress()

        async def send() -> Outcome:
            self._carrying = vessel
            try:
                await machine.perform(lines, progress)
            except Trouble as trouble:
                raise self._error(trouble, settle(progress, trouble)) from trouble
            except LinkLost as lost:
                machine.lost()
                outcome = settle(progress, Trouble("silent", lost.message))
                raise LinkLost(
                    lost.message, remedy=lost.remedy, device=self._site.device, outcome=outcome
                ) from lost
            finally:
                if settle(progress, Trouble("held", "")).status != "unknown":
                    self._carrying = ""
            return settle(progress, None)

        async def stop() -> Outcome:
            try:
                at = await machine.halt()
            except LinkLost as lost:
                machine.lost()
                return settle(progress, Trouble("silent", lost.message))
            return settle(progress, Trouble("held", "it was stopped", at=at))

        frames = tuple(line.frame for line in lines)
        return Act(frames, send, program.deadline(lines, self._profile), stop if cut else None)

    def _error(self, trouble: Trouble, outcome: Outcome) -> DeviceError:
        kind: type[DeviceError] = DeviceRefused
        if trouble.why == "silent":
            kind = DeviceTimeout
        elif trouble.why == "restarted":
            kind = DeviceError
        name = self._site.device
        return kind(f"{name}: {trouble.message}.", remedy=trouble.remedy, device=name, outcome=outcome)

    # ---------------------------------------------------------------------------------------- preparing
    def _begin(self) -> program.Writer:
        if self._carrying:
            raise DeviceRefused(
                f"{self._site.device}: the gripper may still hold {self._carrying}.",
                device=self._site.device,
                remedy="Take it out by hand, say where it stands, and start a new run.",
                outcome=Outcome("not_started"),
            )  # fmt: skip
        try:
            return program.begin(
                self._profile, self._connected().known, self._feed, find(self._deck, "waste")
            )
        except ValueError as error:
            raise self._limit(str(error), "Add a place called waste.") from error

    def _millilitres(self, volume: Quantity) -> float:
        try:
            return volume.in_("mL")
        except UnitError as error:
            raise self._limit(f"{volume} is not a volume", "Write it like 20 mL.") from error

    def _point(self, place: str) -> Point:
        point = find(self._deck, place)
        if point is None:
            raise self._limit(
                f"{place!r} is no place on the deck",
                f"Give it coordinates: deck: {{{place}: [x, y]}} in the lab file.",
            )
        area = self._profile.area
        inside = area.x_mm[0] <= point[0] <= area.x_mm[1] and area.y_mm[0] <= point[1] <= area.y_mm[1]
        if not inside:
            raise self._limit(
                f"{place!r} at X {point[0]:g} Y {point[1]:g} mm is outside the machine",
                "X is {:g} to {:g} mm, Y is {:g} to {:g} mm.".format(*area.x_mm, *area.y_mm),
            )
        return point

    def _plunger_feed(self, flow: Quantity | None) -> float:
        plunger = self._profile.plunger
        feed = plunger.feed_mm_per_min
        if flow is not None:
            feed = flow.in_("mL/min") / self._scale.ml_per_mm
        if not 0 < feed <= plunger.feed_max_mm_per_min:
            most = plunger.feed_max_mm_per_min * self._scale.ml_per_mm
            raise self._limit(
                f"a feed of {flow} is not possible", f"This syringe manages up to {most:g} mL/min."
            )
        return feed

    def _limit(self, message: str, remedy: str) -> LimitError:
        return LimitError(f"{self._site.device}: {message}.", remedy=remedy, device=self._site.device)

    def _connected(self) -> Machine:
        if self._machine is None:
            raise LinkLost(f"{self._site.device} is not connected.", device=self._site.device)
        return self._machine
