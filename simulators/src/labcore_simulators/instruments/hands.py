"""What a person's hands and eyes do on the bench, with their errors."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

from .chance import stream
from .contract import Bench, places_of_station

_QUANTITY = re.compile(r"\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(\S*)\s*")
_FACTORS = {"": 1.0, "mL": 1.0, "ml": 1.0, "L": 1e3, "l": 1e3, "uL": 1e-3, "ul": 1e-3, "µL": 1e-3, "μL": 1e-3}
_READ_OFF: Mapping[str, tuple[str, float, float]] = {
    # what: (key of the world's truth, sigma of reading it, graduation it is read to)
    "volume": ("volume_ml", 0.3, 0.5),
    "turbidity": ("turbidity", 0.15, 0.25),
}


class Spoilt(Exception):  # noqa: N818 - it is what a person says, not a failure of the simulator
    """The person could not do it; the message says why."""


class Hands:
    """Does acts on the world. Volumes mL; the person's own pipette is off by a share drawn from the seed."""

    def __init__(
        self,
        world: Bench,
        *,
        device: str,
        options: Mapping[str, Any],
        lab: Mapping[str, Any],
        chance: random.Random,
        seed: int,
    ) -> None:
        self.world, self.device, self.lab, self.chance = world, device, lab, chance
        self.error = float(options.get("error", 0.018))
        self.pipette = 1.0 + self._slip(stream(seed, device, "pipette"))
        station = options.get("station")
        self.stations = [str(station)] if station else places_of_station(lab, device) or ["stirrer"]

    def _slip(self, chance: random.Random) -> float:
        """Draw half of a dosing error: normal, never beyond half of the stated error."""
        return max(-self.error / 2, min(self.error / 2, chance.gauss(0.0, self.error / 3.6)))

    def act(
        self, method: str, arguments: Mapping[str, Any], now: float, *, wrong: bool
    ) -> tuple[Any, bytes | None]:
        """Do it; return the value read off (None: nothing to tell) and a file."""
        if method in ("picture", "image"):
            return None, self._picture(arguments, now)
        if method in ("weigh", "measure", "speed", "temperature"):
            return self._read(method, arguments, now, wrong), None
        if wrong and method not in ("dispense", "transfer"):
            return None, None  # forgotten, and the person believes that it was done
        if method in ("place", "move", "place_vial"):
            self._place(arguments, now)
        elif method in ("dispense", "transfer", "prime", "rinse"):
            self._dose(arguments, now, self.chance.choice((0.5, 1.5)) if wrong else 1.0)
        elif method in ("stir", "stop_stirring"):
            speed = quantity(arguments, "speed", "rpm") if method == "stir" else 0.0
            self.world.set_stirring(self._station(arguments), speed, now)
        elif method in ("heat", "stop_heating"):
            target = quantity(arguments, "temperature", "target", "to") if method == "heat" else None
            self.world.set_heating(self._station(arguments), target, now)
        elif method == "stop":
            self.world.set_stirring(self._station(arguments), 0.0, now)
            self.world.set_heating(self._station(arguments), None, now)
        elif method != "home":
            raise Spoilt(f"I do not know how to {method}")
        return None, None

    def volume(self, arguments: Mapping[str, Any]) -> float:
        """Return the volume an act asks for, mL; 5 if it names none."""
        named = any(key in arguments for key in ("volume", "volume_ml"))
        return quantity(arguments, "volume", "volume_ml") if named else 5.0

    # ---------------------------------------------------------------------------------------------- acts
    def _place(self, arguments: Mapping[str, Any], now: float) -> None:
        vessel = self._vessel(arguments, "vessel")
        target = str(arguments.get("target") or arguments.get("onto") or arguments.get("to"))
        if self.world.vessel_at(target) is not None:
            raise Spoilt(f"{target} is taken by {self.world.vessel_at(target)}")
        if self.world.place_of(vessel) is not None:
            self.world.lift(str(self.world.place_of(vessel)), now, by="person")
        # A vessel without a place lies about or hangs in a gripper: taken from there by hand.
        self.world.put(vessel, target, now, by="person")

    def _dose(self, arguments: Mapping[str, Any], now: float, slip: float) -> None:
        source, target = self._vessel(arguments, "source"), self._vessel(arguments, "target")
        volume = self.volume(arguments) * slip * self.pipette * (1 + self._slip(self.chance))
        liquid = self.world.draw(source, max(0.0, volume), now, by="person")
        self.world.pour(target, liquid, now, by="person")

    # ------------------------------------------------------------------------------------------ readings
    def _read(self, method: str, arguments: Mapping[str, Any], now: float, wrong: bool) -> float:
        what = str(arguments.get("what", "pH")) if method == "measure" else method
        value = self._reading(what, arguments, now)
        return value * 10 if wrong else value

    def _reading(self, what: str, arguments: Mapping[str, Any], now: float) -> float:
        if what == "speed":
            return self._off(self.world.speed(self._station(arguments), now), 2.0, 1.0)
        if what == "weigh" or what == "mass":
            return self._off(
                self.world.mass(self._vessel(arguments, "vessel", "spot", "in"), now), 0.002, 0.01
            )
        if what == "temperature" and not any(arguments.get(key) for key in ("vessel", "spot", "in")):
            return self._off(self.world.temperature(self._station(arguments), now), 0.2, 0.1)
        vessel = self._vessel(arguments, "vessel", "spot", "in")
        if what == "temperature":
            return self._off(self.world.liquid_temperature(vessel, now), 0.2, 0.1)
        if what.lower() == "ph":
            meter = getattr(self.world, "ph", None)
            if meter is None:
                raise Spoilt("there is no pH meter on this bench")
            return self._off(meter(vessel, now), 0.02, 0.01)
        if what not in _READ_OFF:
            raise Spoilt(f"I cannot measure {what}")
        key, sigma, step = _READ_OFF[what]
        return max(0.0, self._off(float(self.world.truth(vessel, now)[key]), sigma, step))

    def _off(self, value: float, sigma: float, step: float) -> float:
        return round(round((value + self.chance.gauss(0.0, sigma)) / step) * step, 6)

    def _picture(self, arguments: Mapping[str, Any], now: float) -> bytes:
        import cv2

        place = self._place_named(arguments)
        good, data = cv2.imencode(".jpg", self.world.expose(place, now, camera=self.device)())
        if not good:
            raise Spoilt("the picture could not be saved")
        return data.tobytes()

    # --------------------------------------------------------------------------------------------- names
    def _vessel(self, arguments: Mapping[str, Any], *keys: str) -> str:
        for key in keys:
            given = arguments.get(key)
            if isinstance(given, Mapping):
                given = given.get("vessel")
            if given is not None:
                return str(given)
        place = arguments.get("place")
        vessel = None if place is None else self.world.vessel_at(str(place))
        if vessel is None:
            raise Spoilt(f"I was not told which {keys[0]}")
        return vessel

    def _place_named(self, arguments: Mapping[str, Any]) -> str:
        place = arguments.get("place") or arguments.get("at")
        if place:
            return str(place)
        for key in ("spot", "vessel", "in"):
            given = arguments.get(key)
            if isinstance(given, Mapping) and given.get("place"):
                return str(given["place"])
            if isinstance(given, str) and self.world.place_of(given) is not None:
                return str(self.world.place_of(given))
        return self.stations[0]

    def _station(self, arguments: Mapping[str, Any]) -> str:
        return str(arguments.get("place") or self.stations[0])


def quantity(arguments: Mapping[str, Any], *keys: str) -> float:
    """Return the first of `keys` that is given as a number in mL, rpm or deg C; Spoilt if none is."""
    for key in keys:
        given = arguments.get(key)
        if isinstance(given, Mapping):
            given = f"{given.get('value', given.get('magnitude', ''))} {given.get('unit', '')}"
        match = None if given is None else _QUANTITY.fullmatch(str(given))
        if match is not None:
            return float(match[1]) * _FACTORS.get(match[2], 1.0)
    raise Spoilt(f"I was not told the {keys[0]}")
