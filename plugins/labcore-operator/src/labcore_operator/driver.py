"""The driver `operator`: a person is a device, and every act is one question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from labcore.capabilities.act import Act, Outcome, Spot
from labcore.capabilities.dosing import Dosing
from labcore.capabilities.heating import Heating
from labcore.capabilities.homing import Homing
from labcore.capabilities.imaging import Imaging
from labcore.capabilities.measuring import Measuring
from labcore.capabilities.placing import Placing
from labcore.capabilities.stirring import Stirring
from labcore.capabilities.weighing import Reading, Weighing
from labcore.errors import DeviceError
from labcore.model.observation import Picture
from labcore.model.pace import Pace
from labcore.model.quantity import Quantity
from labcore.plugin.driver import DriverOptions, Identity, Limit, SafeAct, Site
from labcore_operator.answers import Expected
from labcore_operator.catalogue import Catalogue
from labcore_operator.deeds import Deed, Deeds
from labcore_operator.options import OperatorOptions
from labcore_operator.outcomes import Dosed, Moved, Set
from labcore_operator.readings import MEASURES, Readings

SPEED_SLACK = 10.0  # rpm; the scale of a knob
TEMPERATURE_SLACK = 2.0  # °C
PACES: Mapping[str, Pace] = {
    "dispense": Pace(20.0, each=2.0), "prime": Pace(20.0, each=2.0), "rinse": Pace(20.0, each=2.0),
    "place": Pace(15.0), "home": Pace(10.0), "stir": Pace(10.0), "heat": Pace(600.0),
    "capture": Pace(10.0), "weigh": Pace(25.0), "measure": Pace(15.0),
}  # fmt: skip
"""What a person takes who is at the bench and free, s; assumed."""
STOPPED_BY = {"speed": "stop_stirring", "temperature": "stop_heating"}


class Operator:
    """Dose, place, stir, heat, photograph, weigh and measure with a person's hands and eyes.

    Nothing goes over a wire: an act's `frames` are the question as it will be asked. Safe contract: `safe()`
    has one entry an output without frames; its `confirm` asks a person to switch the output off and is true
    only if they answer that they did, within `stop_patience`; an output that was switched off last is not
    asked about again. Lifetime: from `connect` to `disconnect`. Concurrency: one act or reading at a time.
    """

    capabilities: ClassVar[tuple[type, ...]] = (
        Dosing, Placing, Homing, Stirring, Heating, Imaging, Weighing, Measuring,
    )  # fmt: skip
    Options: ClassVar[type[DriverOptions]] = OperatorOptions
    transport: ClassVar[Literal["link", "frames", "person"]] = "person"
    simulator: ClassVar[str] = "person"
    limits: ClassVar[Mapping[str, Limit]] = {}
    watchdog: ClassVar[tuple[str, ...]] = ()
    measures: ClassVar[tuple[str, ...]] = tuple(MEASURES)

    def __init__(self, site: Site, options: OperatorOptions) -> None:
        if site.ask is None:
            raise DeviceError(
                f"{site.device}: an operator needs somebody to ask, and got nobody",
                remedy="This is a bug in whoever made the driver: `Site.ask` is missing.",
                device=site.device,
            )
        self._site = site
        self._options = options
        self._deeds = Deeds(site.device, site.ask, options)
        self._readings = Readings(site.device, site.ask, options)
        self._texts = Catalogue(options.language)
        self._known_off: set[str] = set()

    @staticmethod
    def paces_of(options: OperatorOptions) -> Mapping[str, Pace]:
        """Return how fast a person works, for plans."""
        return PACES

    def dose_uncertainty(self, millilitres: float) -> float:
        """Return the half-width (mL) of a dose."""
        return millilitres * self._options.uncertainty.in_("%") / 100

    async def connect(self) -> Identity:
        """Say who this is; nobody is disturbed."""
        return Identity("a person", detail={"language": self._options.language})

    async def disconnect(self) -> None:
        """Do nothing: people stay."""

    def safe(self) -> tuple[SafeAct, ...]:
        """Return one entry an output; no frames, and a `confirm` that asks a person (see the class)."""
        return tuple(SafeAct(output, (), "after_line", self._confirm(output)) for output in STOPPED_BY)

    # ------------------------------------------------------------------------------------------- dosing
    def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Ask for `volume` of `source` in `target`."""
        return self._dose("dispense", source, target, volume)

    def prime(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Ask to fill the tool from `source`, surplus into `target`."""
        return self._dose("prime", source, target, volume)

    def rinse(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Ask to rinse the tool with `source` into `target`."""
        return self._dose("rinse", source, target, volume)

    def _dose(self, method: str, source: Spot, target: Spot, volume: Quantity) -> Act:
        amount = volume.in_("mL")
        shown = f"{amount:.4g} mL"
        options = self._options
        judge = Dosed(amount, options.uncertainty.in_("%") / 100, options.tolerance.in_("%") / 100)
        words = {"volume": shown, "source": self._spot(source), "target": self._spot(target)}
        arguments = {
            "source": source.vessel,
            "source_place": source.place,
            "target": target.vessel,
            "target_place": target.place,
            "volume_ml": amount,
        }
        example = f"{amount * 0.975:.3g} mL"
        return self._deeds.act(Deed(method, words, arguments, "volume", Expected("mL", example), judge))

    # ------------------------------------------------------------------------------- placing and homing
    def place(self, vessel: str, origin: str, target: str) -> Act:
        """Ask to carry a vessel."""
        words = {"vessel": self._label(vessel), "origin": origin, "target": target}
        arguments = {"vessel": vessel, "origin": origin, "target": target}
        return self._deeds.act(
            Deed("place", words, arguments, "moved", Expected("", "", number=False), Moved())
        )

    def home(self) -> Act:
        """Ask to get ready."""
        return self._deeds.act(Deed("home", {}, {}, "plain", Expected("", "", number=False), Moved()))

    # ------------------------------------------------------------------------------------------ outputs
    def stir(self, speed: Quantity) -> Act:
        """Ask to set a speed."""
        return self._switch_on("stir", "speed", speed.in_("rpm"), "rpm", SPEED_SLACK)

    def heat(self, temperature: Quantity) -> Act:
        """Ask to set a temperature."""
        return self._switch_on("heat", "temperature", temperature.in_("°C"), "°C", TEMPERATURE_SLACK)

    def stop_stirring(self) -> Act:
        """Ask to stop the stirring."""
        return self._deeds.act(self._off("speed"), after=lambda outcome: self._remember("speed", outcome))

    def stop_heating(self) -> Act:
        """Ask to stop the heating."""
        return self._deeds.act(
            self._off("temperature"), after=lambda outcome: self._remember("temperature", outcome)
        )

    def _switch_on(self, method: str, output: str, value: float, unit: str, slack: float) -> Act:
        shown = f"{value:.4g} {unit}"
        words = {"station": self._station(), output: shown}
        arguments = {**self._where(), output: value, "unit": unit}
        expected = Expected(unit, shown, signed=True)
        deed = Deed(method, words, arguments, "setting", expected, Set(value, unit, slack))
        return self._deeds.act(deed, before=lambda: self._known_off.discard(output))

    def _off(self, output: str) -> Deed:
        words = {"station": self._station()}
        return Deed(
            STOPPED_BY[output], words, self._where(), "plain", Expected("", "", number=False), Moved()
        )

    def _remember(self, output: str, outcome: Outcome) -> None:
        if outcome.status == "done":
            self._known_off.add(output)

    def _confirm(self, output: str) -> Any:
        async def confirm() -> bool:
            """Ask to make the output safe; say whether a person confirmed it."""
            if output not in self._known_off:
                self._remember(output, await self._deeds.make_safe(self._off(output)))
            return output in self._known_off

        return confirm

    # ----------------------------------------------------------------------------------------- readings
    async def speed(self) -> Quantity:
        """Ask for the speed that is shown."""
        reading = await self._readings.number("speed", {"station": self._station()}, "speed", self._where())
        return reading.value

    async def temperature(self) -> Quantity:
        """Ask for the temperature that is shown."""
        reading = await self._readings.number(
            "temperature", {"station": self._station()}, "temperature", self._where()
        )
        return reading.value

    async def weigh(self, spot: Spot) -> Reading:
        """Ask for a mass, vessel included."""
        return await self._readings.number("weigh", {"spot": self._spot(spot)}, "mass", _at(spot))

    async def measure(self, what: str, spot: Spot) -> Reading:
        """Ask for any quantity that a person can read off."""
        return await self._readings.number(
            "measure", {"what": what, "spot": self._spot(spot)}, what, _at(spot)
        )

    async def capture(self, spot: Spot) -> Picture:
        """Ask for a photograph."""
        return await self._readings.photo(self._spot(spot), _at(spot))

    # -------------------------------------------------------------------------------------------- words
    def _spot(self, spot: Spot) -> str:
        here = self._label(spot.vessel)
        return (
            here if spot.place == spot.vessel else self._texts.say("word.spot", vessel=here, place=spot.place)
        )

    def _label(self, name: str) -> str:
        label = self._options.labels.get(name)
        return f"{name} ({label})" if label else name

    def _station(self) -> str:
        return ", ".join(self._site.stations) or self._site.device

    def _where(self) -> dict[str, Any]:
        place = {"place": self._site.stations[0]} if self._site.stations else {}
        return {"device": self._site.device, **place}


def _at(spot: Spot) -> dict[str, Any]:
    return {"vessel": spot.vessel, "place": spot.place}
