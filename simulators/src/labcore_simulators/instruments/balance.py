"""A balance that speaks MT-SICS levels 0 and 1 (`sim://balance`).

Source: Mettler-Toledo MT-SICS reference manual 11780711 (commands, answers, error letters).

Options (all optional): `station` (the place that is its pan; default: the lab's positions whose `station` is
this device, else `balance`), `capacity` (320 g), `decimals` (3), `settle` (1.5 s), `repeatability` (0.0005 g,
sigma), `serial` ("1234567").
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from .chance import set_state, state_of, stream
from .company import company_of, options_of
from .contract import Bench, LineSettings, places_of_station
from .lines import LineReader
from .outbox import Outbox

RATE = 0.1
"""The balance makes a reading this often, s."""
PATIENCE = 10.0
"""`S`, `T` and `Z` give up waiting for a stable load after this long, s."""
ZERO_RANGE = 0.02
"""Zero can be set within this share of the capacity."""
LEVELS = {
    0: ("@", "D", "DW", "I0", "I1", "I2", "I3", "I4", "I5", "S", "SI", "SIR", "Z", "ZI"),
    1: ("SC", "T", "TA", "TAC", "TI", "ZC", "TC"),
    2: ("C3", "I10", "I11", "M21", "M28"),
}
_ARGUMENT = re.compile(r'"[^"]*"|\S+')


class Balance:
    """The instrument: MT-SICS lines on one side, the mass of what stands on the pan on the other."""

    NOT_MODELLED: ClassVar[tuple[str, ...]] = (
        "units other than gram, weighing applications, menus and the draft shield",
        "when exactly a load changed: a change counts from the reading that first sees it",
        "drift with temperature, buoyancy, a load set down off the middle; adjustment (C3) only takes time",
        "transmission errors (ET)",
    )
    line: LineSettings | None = LineSettings(9600, 8, "N", 1)

    def __init__(
        self, world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
    ) -> None:
        self.world, self.device = world, device
        options = options_of(lab, device, options)
        self.company = company_of(world)
        station = options.get("station")
        self.place = str(station) if station else next(iter(places_of_station(lab, device)), "balance")
        self.capacity, self.decimals = float(options.get("capacity", 320.0)), int(options.get("decimals", 3))
        self.settle = float(options.get("settle", 1.5))
        self.noise, self.serial = (
            float(options.get("repeatability", 0.0005)),
            str(options.get("serial", "1234567")),
        )
        self.chance = stream(seed, device, "noise")
        self.lines, self.out = LineReader(80), Outbox()
        self.now = -math.inf
        self.load = self.before = 0.0
        self.changed = -math.inf
        self.zero = self.tare = 0.0
        self.waiting: tuple[str, float] | None = None  # command that waits for a stable load, until when
        self.sending: float | None = None  # SIR: time of the next reading
        self.adjusted: float | None = None

    # ---------------------------------------------------------------------------------------------- wire
    def opened(self, now: float) -> None:
        """Open the port; the balance takes no notice."""
        self._advance(now)

    def feed(self, data: bytes, now: float) -> None:
        """Take bytes."""
        self._advance(now)
        for line in self.lines.feed(data):
            words = _ARGUMENT.findall(line) or [line]  # a line may be nothing but odd blanks
            self._command(words[0], words[1:], now)

    def poll(self, now: float) -> bytes:
        """Return what there is to say by now."""
        self._advance(now)
        return self.out.take()

    def due(self) -> float | None:
        """Return the time of the next answer."""
        if len(self.out):
            return self.now
        again = self.now + RATE if self.waiting else None
        return min((t for t in (again, self.sending, self.adjusted) if t is not None), default=None)

    def _say(self, text: str) -> None:
        self.out.say(f"{text}\r\n")

    # ------------------------------------------------------------------------------------------ commands
    def _command(self, name: str, rest: list[str], now: float) -> None:
        if not any(name in commands for commands in LEVELS.values()):
            self._say("ES")
            return
        if self.adjusted is not None and name != "@":
            self._say(f"{name} I")
            return
        if name in ("S", "SI", "SIR", "SC", "@"):
            self.sending = None
        if name[0] in "STZ@":
            self.waiting = None
        handler = getattr(self, f"_{ {'@': 'cancel'}.get(name, name.lower()) }", None)
        if handler is not None:
            handler(rest, now)
        elif name in ("S", "T", "Z", "SC", "TC", "ZC"):
            self._wait(name, rest, now)
        else:
            self._inform(name, rest)

    def _wait(self, name: str, rest: list[str], now: float) -> None:
        patience = PATIENCE
        if name.endswith("C"):
            if len(rest) != 1 or not rest[0].isdigit() or len(rest[0]) > 5:
                self._say(f"{name} L" if rest else "ES")
                return
            patience = int(rest[0]) / 1000
        elif rest:
            self._say("ES")
            return
        self.waiting = (name, now + patience)
        self._look(now)

    def _cancel(self, rest: list[str], now: float) -> None:
        self.waiting = self.sending = self.adjusted = None
        self._say(f'I4 A "{self.serial}"')

    def _si(self, rest: list[str], now: float) -> None:
        self._say(self._weight("S", self._stable(now), now))

    def _sir(self, rest: list[str], now: float) -> None:
        self.sending = now
        self._look(now)

    def _ti(self, rest: list[str], now: float) -> None:
        self._finish("TI", self._stable(now), now)

    def _zi(self, rest: list[str], now: float) -> None:
        self._finish("ZI", self._stable(now), now)

    def _tac(self, rest: list[str], now: float) -> None:
        self.tare = 0.0
        self._say("TAC A")

    def _ta(self, rest: list[str], now: float) -> None:
        if rest:
            value = _number(rest[0])
            if value is None or len(rest) != 2 or rest[1] != "g" or not 0 <= value <= self.capacity:
                self._say("TA L")
                return
            self.tare = round(value, self.decimals)
        self._say(f"TA A {self._field(self.tare)} g")

    def _c3(self, rest: list[str], now: float) -> None:
        self.adjusted = now + 12.0
        self._say("C3 B")

    def _inform(self, name: str, rest: list[str]) -> None:
        model = f"Simulated balance {self.capacity:.0f}.{'0' * self.decimals} g"
        texts = {
            "I1": '"012" "2.30" "2.22" "2.33" "2.20"', "I2": f'"{model}"', "I3": '"1.10 18.6.4.1361.772"',
            "I4": f'"{self.serial}"', "I5": '"12121306C"', "I10": f'"{self.device}"', "I11": '"SIM"',
        }  # fmt: skip
        if name == "I0":
            entries = [(level, command) for level, commands in LEVELS.items() for command in commands]
            for n, (level, command) in enumerate(entries, 1):
                self._say(f'I0 {"A" if n == len(entries) else "B"} {level} "{command}"')
        elif name in texts:
            self._say(f"{name} A {texts[name]}")
        elif name == "M21" and rest and (len(rest) != 2 or rest[1] != "0"):
            self._say("M21 L")
        elif name == "M28":
            self._say("M28 A 1 22.0")
        else:
            self._say(f"{name} A")

    # ---------------------------------------------------------------------------------------------- load
    def _advance(self, now: float) -> None:
        self.company.catch_up(now)
        self.now = max(self.now, now)
        if self.adjusted is not None and now >= self.adjusted:
            self.adjusted = None
            self._say("C3 A")
        self._look(now)

    def _look(self, now: float) -> None:
        if self.sending is None and self.waiting is None:
            return
        stable = self._stable(now)
        if self.sending is not None and now >= self.sending:
            self._say(self._weight("S", stable, now))
            self.sending = now + RATE
        if self.waiting is not None and (stable or now >= self.waiting[1]):
            name, self.waiting = self.waiting[0], None
            self._finish(name, stable, now)

    def _stable(self, now: float) -> bool:
        vessel = self.world.vessel_at(self.place)
        load = 0.0 if vessel is None else self.world.mass(vessel, now)
        if abs(load - self.load) > 5 * 10**-self.decimals:
            self.before, self.changed = self._shown(now), now
        self.load = load
        return now - self.changed >= self.settle

    def _shown(self, now: float) -> float:
        """What the cell reads, still creeping towards the load after a change, g."""
        left = 0.0 if self.changed == -math.inf else math.exp(-(now - self.changed) / (self.settle / 15))
        return self.load + (self.before - self.load) * left

    def _weight(self, name: str, stable: bool, now: float) -> str:
        gross = self._shown(now) - self.zero + self.chance.gauss(0.0, self.noise)
        if gross > self.capacity:
            return f"{name} +"
        if gross < -self.capacity * ZERO_RANGE:
            return f"{name} -"
        return f"{name} {'S' if stable else 'D'} {self._field(gross - self.tare)} g"

    def _field(self, value: float) -> str:
        return f"{round(value, self.decimals) + 0.0:10.{self.decimals}f}"

    def _finish(self, name: str, stable: bool, now: float) -> None:
        """Weigh, tare or zero; `now` is when the load became stable or time was up."""
        kind, at_once = name[0], name[1:] in ("I", "C")
        if not stable and not at_once:
            self._say(f"{name} I")
        elif kind == "S":
            self._say(self._weight("S", stable, now))
        elif kind == "T":
            self._tare_now(name, stable, now)
        else:
            self._zero_now(name, stable, now)

    def _tare_now(self, name: str, stable: bool, now: float) -> None:
        gross = self._shown(now) - self.zero
        if not 0 <= gross + 2 * 10**-self.decimals <= self.capacity:
            self._say(f"{name} {'+' if gross > 0 else '-'}")
            return
        self.tare = max(0.0, round(gross, self.decimals))
        self._say(f"{name} {'S' if stable else 'D'} {self._field(self.tare)} g")

    def _zero_now(self, name: str, stable: bool, now: float) -> None:
        shown = self._shown(now)
        if abs(shown) > self.capacity * ZERO_RANGE:
            self._say(f"{name} {'+' if shown > 0 else '-'}")
            return
        self.zero, self.tare = shown, 0.0
        self._say(f"{name} A" if name == "Z" else f"{name} {'S' if stable else 'D'}")

    # --------------------------------------------------------------------------------------------- state
    _PLAIN = ("now", "load", "before", "changed", "zero", "tare", "waiting", "sending", "adjusted")

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain data."""
        state: dict[str, Any] = {name: getattr(self, name) for name in self._PLAIN}
        return state | {
            "lines": self.lines.snapshot(),
            "out": self.out.snapshot(),
            "chance": state_of(self.chance),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        for name in self._PLAIN:
            setattr(self, name, state[name])
        self.waiting = None if self.waiting is None else (self.waiting[0], self.waiting[1])
        self.lines.restore(state["lines"])
        self.out.restore(state["out"])
        set_state(self.chance, state["chance"])


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?\d{1,7}(\.\d*)?", text) else None
