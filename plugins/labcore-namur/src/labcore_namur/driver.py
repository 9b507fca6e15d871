"""The driver `ika-namur`: stirs, heats and measures with an IKA stirrer-hotplate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Literal

import anyio

from labcore.capabilities import Act, Heating, Measuring, Outcome, Reading, Spot, Stirring
from labcore.errors import DeviceError, DeviceTimeout, LimitError, LinkLost
from labcore.model.pace import Pace
from labcore.model.quantity import Quantity, UnitError
from labcore.plugin.driver import Identity, Limit, SafeAct, Site
from labcore.wire.codec import LineCodec
from labcore.wire.lines import LineChannel
from labcore_namur import namur, switch
from labcore_namur.namur import HEATER, MOTOR, PLATE_SENSOR, Output
from labcore_namur.options import NamurOptions
from labcore_namur.plate import ANSWER_WITHIN, Plate
from labcore_namur.switch import UNITS, WORDS

TOLD = {True: "on", False: "off", None: "not told"}
IDLE_RENEWAL = 3600.0  # s; without a watchdog `renew` does nothing, now and then
ACT_WITHIN = 30.0  # s; every question of one act, none answered, and a motor running down
# Half-widths of 90 % intervals, from the data sheet's control deviations: plate sensor ±1 K, speed ±2 %.
TEMPERATURE_UNCERTAINTY = 1.0
SPEED_UNCERTAINTY = 0.02


class IkaNamur:
    """One IKA stirrer-hotplate.

    Lifetime: connect, acts and reads, disconnect. While an output is on and the watchdog is armed,
    `renew` must be called every `renew_every` s, or heater and motor go off.
    """

    capabilities: ClassVar[tuple[type, ...]] = (Stirring, Heating, Measuring)
    Options: ClassVar[type[NamurOptions]] = NamurOptions
    transport: ClassVar[Literal["link", "frames", "person"]] = "link"
    simulator: ClassVar[str] = "ika-rct"
    limits: ClassVar[dict[str, Limit]] = {
        "speed": Limit(Quantity(0.0, "rpm"), Quantity(1500.0, "rpm")),
        "temperature": Limit(Quantity(0.0, "°C"), Quantity(310.0, "°C")),
    }
    watchdog: ClassVar[tuple[str, ...]] = ("speed", "temperature")
    measures: ClassVar[dict[str, str]] = {"speed": "rpm", "temperature": "°C"}
    resets_on_open: ClassVar[bool] = False

    def __init__(self, site: Site, options: NamurOptions) -> None:
        self._site = site
        self._seconds = options.watchdog
        self._sensor = PLATE_SENSOR if options.sensor == "plate" else HEATER
        self._channel: LineChannel | None = None
        self._plate: Plate | None = None
        self._on: set[Output] = set()
        self._armed = False

    @property
    def renew_every(self) -> float:
        """How often to call `renew`, s.

        Often enough that one lost renewal does not trip the watchdog. Without a watchdog there is nothing to do.
        """
        return IDLE_RENEWAL if self._seconds is None else 0.45 * self._seconds

    @staticmethod
    def watchdog_of(options: NamurOptions) -> tuple[str, ...]:
        """Return the outputs that stop by themselves if labcore dies, as these options have it."""
        return IkaNamur.watchdog if options.watchdog is not None else ()

    @staticmethod
    def paces_of(options: NamurOptions) -> dict[str, Pace]:
        """Return how fast a plate works, for plans: it heats at about 1 K in 4 s and closes in on its target."""
        return {"heat": Pace(60.0, each=4.0)}

    async def renew(self) -> None:
        """Tell the watchdog that the host is alive.

        Does nothing while it is not armed. LinkLost if the line is gone.
        """
        if self._armed and self._seconds is not None:
            await self._connected().tell(namur.watchdog(self._seconds))

    # ---------------------------------------------------------------------------------------- connection
    async def connect(self) -> Identity:
        """Open and identify; the device goes on with what it does."""
        assert self._site.link is not None, "a stirrer needs a link"
        stream = await self._site.link.open(namur.LINE)
        channel = LineChannel(stream, LineCodec(namur.LINE_END, strip=b" \r"))
        plate = Plate(channel)
        try:
            name = await plate.name()
            outputs: tuple[Output, ...] = (MOTOR, HEATER)
            told = {output: await plate.is_on(output) for output in outputs}
        except BaseException:
            await channel.aclose()
            raise
        self._channel, self._plate = channel, plate
        self._found(told)
        detail = {"watchdog": f"{self._seconds} s" if self._seconds else "off"}
        detail |= {WORDS[output]: TOLD[on] for output, on in told.items()}
        return Identity(name=f"IKA {name}" if "IKA" not in name.upper() else name, detail=detail)

    def _found(self, told: dict[Output, bool | None]) -> None:
        """Take over how the device stands, perhaps after a loss.

        A plate that restarted, or whose watchdog fired, is off and forgot the watchdog: the next act arms it again. One
        that is still on goes on being fed by `renew`.
        """
        self._on = {output for output, on in told.items() if on or (on is None and output in self._on)}
        self._armed = self._armed and bool(self._on)

    async def disconnect(self) -> None:
        """Close; the device keeps its state. The watchdog is ended if nothing is on, else it stays armed."""
        channel, plate = self._channel, self._plate
        self._channel = self._plate = None
        if channel is None:
            return
        with anyio.move_on_after(ANSWER_WITHIN, shield=True):
            try:
                if self._armed and not self._on and plate is not None:
                    await plate.tell(namur.end_watchdog())
            except LinkLost:
                pass  # nobody is there to be told
        self._armed = self._armed and bool(self._on)
        await channel.aclose()

    def safe(self) -> tuple[SafeAct, ...]:
        """Return heater off and motor off, each between lines, each confirmed by asking."""
        return (
            SafeAct("temperature", (namur.encode(namur.stop(HEATER)),), "after_line", self._heater_is_off),
            SafeAct("speed", (namur.encode(namur.stop(MOTOR)),), "after_line", self._motor_is_off),
        )

    async def _heater_is_off(self) -> bool:
        return await switch.is_off(self._connected(), HEATER)

    async def _motor_is_off(self) -> bool:
        return await switch.is_off(self._connected(), MOTOR)

    # ---------------------------------------------------------------------------------------- acts and reads
    def stir(self, speed: Quantity) -> Act:
        """Stir at `speed` (0 to 1500 rpm)."""
        return self._switch_on(MOTOR, self._checked("speed", speed, "rpm"))

    def stop_stirring(self) -> Act:
        """Stop the motor; done when it says that it is off or stands still."""
        return self._switch_off(MOTOR)

    def heat(self, temperature: Quantity) -> Act:
        """Heat to `temperature` (0 to 310 °C)."""
        return self._switch_on(HEATER, self._checked("temperature", temperature, "°C"))

    def stop_heating(self) -> Act:
        """Switch the heater off; done when it says that it is off, or its set-point is 0 °C."""
        return self._switch_off(HEATER)

    async def speed(self) -> Quantity:
        """Return the measured speed."""
        return Quantity(await self._ask(namur.read_value(MOTOR), MOTOR), "rpm")

    async def temperature(self) -> Quantity:
        """Return the temperature of the sensor chosen in the lab file."""
        return Quantity(await self._ask(namur.read_value(self._sensor), self._sensor), "°C")

    async def measure(self, what: str, spot: Spot) -> Reading:
        """Return speed or temperature."""
        if what == "speed":
            speed = await self.speed()
            return Reading(speed, max(1.0, SPEED_UNCERTAINTY * speed.value))
        if what == "temperature":
            return Reading(await self.temperature(), TEMPERATURE_UNCERTAINTY)
        raise LimitError(
            f"{self._site.device} cannot measure {what!r}.", remedy="It measures speed and temperature.",
            device=self._site.device,
        )  # fmt: skip

    # ---------------------------------------------------------------------------------------- how
    def _switch_on(self, output: Output, value: float) -> Act:
        plate = self._connected()
        arm = self._seconds if not self._armed else None
        frames = [
            namur.setpoint(output, value),
            namur.read_setpoint(output),
            namur.start(output),
            namur.read_status(output),
        ]
        if arm is not None:
            frames.insert(0, namur.watchdog(arm))

        async def send() -> Outcome:
            evidence: dict[str, Any] = {}
            if arm is not None:
                echoed = await plate.echo(namur.watchdog(arm), float(arm))
                self._armed = True
                evidence["watchdog"] = f"{arm} s, {'confirmed' if echoed else 'not confirmed'}"
            evidence["set_point"] = await switch.set_point(plate, output, value)
            self._on.add(output)
            evidence |= await switch.switch_on(plate, output, value)
            return Outcome("done", evidence=evidence, value=Quantity(evidence["set_point"], UNITS[output]))

        return Act(tuple(frames), lambda: self._settled(send), ACT_WITHIN)

    def _switch_off(self, output: Output) -> Act:
        plate = self._connected()

        async def send() -> Outcome:
            evidence = await switch.switch_off(plate, output)
            self._on.discard(output)
            return Outcome("done", evidence=evidence)

        return Act((namur.stop(output), namur.read_status(output)), lambda: self._settled(send), ACT_WITHIN)

    async def _settled(self, send: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Give every error the device's name and its outcome: a setting without its proof is unknown."""
        try:
            return await send()
        except DeviceError as error:
            outcome = error.outcome or Outcome("unknown", message=error.message)
            raise type(error)(
                f"{self._site.device}: {error.message}.",
                remedy=error.remedy,
                device=self._site.device,
                outcome=outcome,
            ) from error

    async def _ask(self, command: str, channel: int) -> float:
        try:
            return await self._connected().ask(command, channel)
        except DeviceTimeout as error:
            raise DeviceTimeout(
                f"{self._site.device}: {error.message}", remedy=error.remedy, device=self._site.device
            ) from error

    def _checked(self, what: str, asked: Quantity, unit: str) -> float:
        try:
            value = asked.in_(unit)
        except UnitError as error:
            raise LimitError(
                f"{self._site.device}: {asked} is not a {what}.",
                remedy=f"Write it in {unit}.",
                device=self._site.device,
            ) from error
        limit = self.limits[what]
        assert limit.minimum is not None
        assert limit.maximum is not None
        if not limit.minimum.value <= value <= limit.maximum.value:
            raise LimitError(
                f"{self._site.device}: {asked} is outside {limit.minimum} to {limit.maximum}.",
                remedy=f"Ask for a {what} in that range.", device=self._site.device,
            )  # fmt: skip
        return value

    def _connected(self) -> Plate:
        if self._plate is None:
            raise LinkLost(f"{self._site.device} is not connected.", device=self._site.device)
        return self._plate
