"""A stirrer-hotplate that speaks IKA's NAMUR commands (`sim://ika-rct`).

Source: IKA RCT digital manual, page 28 (commands, ranges, watchdog); STATUS_n after alexrudd2/ika
(undocumented). Setters, START and STOP are not answered, nor is anything unknown or out of range; only
queries and the `@` commands are.

Options (all optional): `station` (the place it stirs and heats; default: the lab's positions whose `station`
is this device, else `stirrer`), `safety_temperature` (360 degC, the screw on the front).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from .company import company_of, options_of
from .contract import Bench, LineSettings, places_of_station
from .lines import LineReader
from .outbox import Outbox

NAME = "RCT digital"
MAX_SPEED, MAX_TEMPERATURE = 1500.0, 310.0
MARGIN = 50.0
"""The set-point stays this many K below the safety temperature."""
AIR = 22.0
_COMMAND = re.compile(r"([A-Z0-9_]+)(?:@|\s+)?(.*)")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")


class IkaRct:
    """The instrument: NAMUR lines on one side, stirring and heating of one place on the other."""

    NOT_MODELLED: ClassVar[tuple[str, ...]] = (
        "control by an external sensor: the set-point is the plate's, channel 1 only reads the liquid",
        "viscosity trend (IN_PV_5), SET_MODE_n (taken without effect), lower-case commands (silence)",
        "whether RESET stops motor and heater (here not) and the exact bytes of echoes: not in the manual",
        "time of the bytes on the wire, the device's front panel, the safety circuit's own trip",
    )
    line: LineSettings | None = LineSettings(9600, 7, "E", 1)

    def __init__(
        self, world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
    ) -> None:
        self.world, self.device = world, device
        options = options_of(lab, device, options)
        self.company = company_of(world)
        self.company.join(self)
        station = options.get("station")
        self.places = [str(station)] if station else places_of_station(lab, device) or ["stirrer"]
        self.lines = LineReader(80, mask=0x7F)
        self.out = Outbox()
        self.now = float("-inf")
        self.set_points = {"1": 0.0, "3": float(options.get("safety_temperature", 360.0)), "4": 0.0}
        self.on = {"1": False, "4": False}
        self.fallback = {"12": 0.0, "42": 0.0}
        self.watch: dict[str, float] = {}
        self.error = 0
        self.powered = False

    def opened(self, now: float) -> None:
        """Open the port; the device takes no notice."""
        self._step(now)
        if not self.powered:
            self._power_up(now)

    def _power_up(self, now: float) -> None:
        """Begin switched off, whatever an earlier instrument at this place, gone with its process, had left on."""
        self.powered = True
        acts = [
            act for act in self.world.acts() if act["act"] in ("stir", "heat") and act["place"] in self.places
        ]
        last = {act["act"]: act for act in acts}
        if last.get("stir", {}).get("rpm"):
            self._drive("4", now)
        if last.get("heat", {}).get("target_c") is not None:
            self._drive("1", now)

    def feed(self, data: bytes, now: float) -> None:
        """Take bytes."""
        self._step(now)
        for line in self.lines.feed(data):
            self._command(line, now)

    def poll(self, now: float) -> bytes:
        """Return what there is to say by now."""
        self._step(now)
        return self.out.take()

    def due(self) -> float | None:
        """Return the time of the next answer or of the watchdog."""
        return self.now if len(self.out) else self.next_change()

    def next_change(self) -> float | None:
        """Return when the watchdog fires."""
        return min(self.watch.values(), default=None)

    def _step(self, now: float) -> None:
        self.company.catch_up(now)
        self.advance(now)

    # ------------------------------------------------------------------------------------------ commands
    def _command(self, line: str, now: float) -> None:
        match = _COMMAND.fullmatch(line)
        if match is None:
            return
        word, rest = match.groups()
        name, _, channel = word.rpartition("_")
        if rest and not word.startswith(("OUT_", "SET_")):
            return
        if word in ("IN_NAME", "IN_TYPE"):
            self._say(NAME)
        elif name in ("IN_PV", "IN_SP"):
            self._query(name, channel, now)
        elif name == "STATUS" and channel in self.on:
            self._say(f"{11 if self.on[channel] else 12} {channel}")
        elif name in ("START", "STOP") and channel in self.on:
            self._switch(channel, name == "START", now)
        elif word == "RESET":
            self.error = 0
        elif word in ("OUT_SP_1", "OUT_SP_4"):
            self._set(channel, _number(rest), now)
        elif word in ("OUT_SP_12", "OUT_SP_42"):
            self._set_fallback(channel, _number(rest))
        elif word in ("OUT_WD1", "OUT_WD2"):
            self._arm(word[-1], _number(rest), now)

    def _say(self, text: str) -> None:
        self.out.say(f"{text}\r\n")

    def _query(self, name: str, channel: str, now: float) -> None:
        value = self.set_points.get(channel) if name == "IN_SP" else self._measured(channel, now)
        if value is not None:
            self._say(f"{value:.1f} {channel}")

    def _measured(self, channel: str, now: float) -> float | None:
        place = self.places[0]
        if channel == "1":
            vessel = self.world.vessel_at(place)
            return AIR if vessel is None else self.world.liquid_temperature(vessel, now)
        if channel == "2":
            return self.world.temperature(place, now)
        return self.world.speed(place, now) if channel == "4" else None

    def _limit(self, channel: str) -> float:
        return MAX_SPEED if channel[0] == "4" else min(MAX_TEMPERATURE, self.set_points["3"] - MARGIN)

    def _set(self, channel: str, value: float | None, now: float) -> None:
        if value is None or not 0 <= value <= self._limit(channel):
            return
        self.set_points[channel] = float(round(value)) if channel == "4" else round(value, 1)
        if self.on[channel]:
            self._drive(channel, now)

    def _switch(self, channel: str, on: bool, now: float) -> None:
        if on and self.error:
            return
        if self.on[channel] != on:
            self.on[channel] = on
            self._drive(channel, now)

    def _drive(self, channel: str, now: float) -> None:
        value, on = self.set_points[channel], self.on[channel]
        for place in self.places:
            if channel == "4":
                self.world.set_stirring(place, value if on else 0.0, now)
            else:
                self.world.set_heating(place, value if on else None, now)

    # ------------------------------------------------------------------------------------------ watchdog
    def _set_fallback(self, channel: str, value: float | None) -> None:
        if value is not None and 0 <= value <= self._limit(channel):
            self.fallback[channel] = value
            self._say(f"{value:.1f}")

    def _arm(self, mode: str, seconds: float | None, now: float) -> None:
        if seconds is None:
            return
        if mode == "2" and seconds == 0:
            self.watch.pop(mode, None)
        elif 20 <= seconds <= 1500:
            self.watch[mode] = now + seconds
            self.error = 0
        else:
            return
        self._say(f"{seconds:.0f}")

    def advance(self, now: float) -> None:
        """Let the watchdog fire if it is time."""
        while self.watch:
            mode = min(self.watch, key=lambda name: (self.watch[name], name))
            at = self.watch[mode]
            if at > now:
                break
            del self.watch[mode]
            self._expired(mode, at)
        self.now = max(self.now, now)

    def _expired(self, mode: str, at: float) -> None:
        if mode == "1":
            self.error = 2
            for channel in self.on:
                self._switch(channel, False, at)
            return
        for channel, stands_in in (("1", "12"), ("4", "42")):
            self._set(channel, self.fallback[stands_in], at)

    # --------------------------------------------------------------------------------------------- state
    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain data."""
        state = {"set_points": dict(self.set_points), "on": dict(self.on), "fallback": dict(self.fallback)}
        rest = {"watch": dict(self.watch), "error": self.error, "now": self.now, "powered": self.powered}
        return state | rest | {"lines": self.lines.snapshot(), "out": self.out.snapshot()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.set_points, self.on = dict(state["set_points"]), dict(state["on"])
        self.fallback, self.watch = dict(state["fallback"]), dict(state["watch"])
        self.error, self.now, self.powered = state["error"], state["now"], state["powered"]
        self.lines.restore(state["lines"])
        self.out.restore(state["out"])


def _number(text: str) -> float | None:
    match = _NUMBER.fullmatch(text.strip())
    value = float(match[0]) if match else math.nan
    return value if math.isfinite(value) else None
