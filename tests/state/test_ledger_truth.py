"""A reference world with a truth of its own: whatever happens, the truth lies inside the ledger's intervals.

The world is ours to know: doses that are off, cuts, acts of unknown end, losses to the air, weighings and levels with
their noise. The ledger sees only events.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.model import event as ev
from labcore.model.effect import SetOutput, Transfer
from labcore.model.evaporation import Loss, faster_by
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore.state.narrowing import measured_volumes
from labcore.state.reduce import fold, reduce
from labcore.state.reduce_acts import with_unknown_ends
from labcore.state.run_state import RunState

SEEDS = 1000
MATERIALS = {"water": 0.998, "acetone": 0.791, "dye in water": 1.01}
DENSITIES = {name: Interval.around(value, relative=0.01) for name, value in MATERIALS.items()}
RATES = (
    Loss("acetone", 4.8, ("acetone",)),
    Loss("water", 0.12, ("water", "dye in water")),
    Loss("unknown", 16.0),
)
NOISE = 1e-6  # mL


@dataclass
class Tub:
    """A vessel as it really is: mL by material, whether it is open, what it weighs empty (g)."""

    contents: dict[str, float]
    open: bool
    tare: float

    @property
    def volume(self) -> float:
        return sum(self.contents.values())

    @property
    def mass(self) -> float:
        return self.tare + sum(MATERIALS[name] * amount for name, amount in self.contents.items())


@dataclass
class Reality:
    """The world and the journal about it, both driven by one random stream."""

    chance: random.Random
    tubs: dict[str, Tub] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    state: RunState = field(default_factory=RunState)
    now: float = 0.0
    warmth: float = 25.0
    acts: int = 0
    narrowed: int = 0

    def write(self, body: ev.Body) -> Event:
        event = Event(len(self.events), round(self.now, 6), "", "simulated", body)
        self.state = reduce(self.state, event)
        self.events.append(event)
        return event

    def begin(self) -> None:
        self.write(ev.RunStarted("p", "", "lab", True, 1, {}))
        for name in ("a", "b", "c", "d"):
            chance = self.chance
            believed = {
                one: chance.uniform(0, 20) for one in chance.sample(sorted(MATERIALS), chance.randint(0, 2))
            }
            contents = {one: Interval.around(amount, relative=0.02) for one, amount in believed.items()}
            truth = {one: chance.uniform(known.low, known.high) for one, known in contents.items()}
            tub = self.tubs[name] = Tub(truth, chance.random() < 0.6, chance.uniform(20, 40))
            tare = Interval.around(tub.tare, relative=0.001) if chance.random() < 0.5 else None
            losses = RATES if tub.open else ()
            self.write(ev.VesselStated(name, "vial-50ml", name, contents, "me", not tub.open, losses, tare))

    def step(self) -> None:
        pours = (self.pour, self.pour, self.pour, self.pour_beside)
        deed = self.chance.choice((self.wait, self.wait, *pours, self.weigh, self.look, self.heat))
        deed()

    def wait(self) -> None:
        seconds = self.chance.choice((1.0, 60.0, 1800.0, 7200.0))
        self.now += seconds
        for tub in self.tubs.values():
            for loss in RATES if tub.open else ():
                there = [name for name in loss.materials if tub.contents.get(name, 0.0) > 0]
                gone = self.chance.random() * loss.rate * seconds / 3600 * faster_by(self.warmth)
                whole = sum(tub.contents[name] for name in there)
                for name in there:
                    tub.contents[name] *= max(0.0, 1 - gone / whole)

    def pour(self) -> None:
        source, target = self.chance.sample(sorted(self.tubs), 2)
        asked = self.chance.uniform(0.1, 10.0)
        really, status, told = self._ending(asked)
        self.acts += 1
        move = Transfer(source, target, Interval.around(asked, relative=0.01))
        self.write(ev.Intended(f"act-{self.acts}", "dispense", {}, (), (move,), 60.0))
        self.now += 5.0
        self._flows(source, target, really)
        if self.chance.random() < 0.2:  # nobody is there to say what became of it
            self.wait()
        self.write(ev.Settled(f"act-{self.acts}", status, (move,) if status == "done" else (), told))

    def _flows(self, source: str, target: str, amount: float) -> None:
        volume = self.tubs[source].volume
        share = min(amount, volume) / volume if volume > 0 else 0.0  # the rest is air
        for name, there in list(self.tubs[source].contents.items()):
            self.tubs[source].contents[name] = there * (1 - share)
            into = self.tubs[target].contents
            into[name] = into.get(name, 0.0) + there * share

    def pour_beside(self) -> None:
        """Two or three acts at once, one drawing from what another fills: they begin, take turns and end in any order."""
        chance = self.chance
        names = [chance.sample(sorted(self.tubs), 2) for _ in range(chance.choice((2, 2, 3)))]
        if chance.random() < 0.7:
            names[1][0] = names[0][1]
            names[1][1] = chance.choice([name for name in sorted(self.tubs) if name != names[1][0]])
        acts = []
        for source, target in names:
            asked = chance.uniform(0.1, 10.0)
            self.acts += 1
            move = Transfer(source, target, Interval.around(asked, relative=0.01))
            self.write(ev.Intended(f"act-{self.acts}", "dispense", {}, (), (move,), 60.0))
            really, status, told = self._ending(asked)
            acts.append((f"act-{self.acts}", move, min(really, move.volume.high), status, told))
        begins, ends = [list(acts) for _ in range(2)]
        left = {act: really for act, _, really, _, _ in acts}
        chance.shuffle(ends)
        while ends:
            for act, move, really, _, _ in begins:  # each goes on for a while
                part = min(left[act], chance.random() * really)
                self._flows(move.source, move.target, part)
                left[act] -= part
            if chance.random() < 0.5:
                self.wait()
            act, move, _, status, told = ends.pop()
            self._flows(move.source, move.target, left.pop(act))
            begins = [one for one in begins if one[0] != act]
            self.write(ev.Settled(act, status, (move,) if status == "done" else (), told))
            self.check_with_unknown_ends()

    def check_with_unknown_ends(self) -> None:
        """While acts are under way the truth lies inside what they may have done."""
        before, self.state = self.state, with_unknown_ends(self.state)
        self.check()
        self.state = before

    def _ending(self, asked: float) -> tuple[float, str, Interval | None]:
        chance = self.chance
        match chance.choice(("done", "done", "done", "told", "partly", "not_started", "unknown")):
            case "done":
                return asked * chance.uniform(0.99, 1.01), "done", None
            case "told":
                return asked * chance.uniform(0.97, 1.03), "done", Interval.around(asked, relative=0.03)
            case "partly":
                truth = chance.uniform(0, asked)
                width = chance.uniform(0, 1)
                return truth, "partly", Interval(max(0.0, truth - width), truth, truth + width)
            case "not_started":
                return 0.0, "not_started", None
            case _:
                return chance.choice((0.0, asked, chance.uniform(0, asked))), "unknown", None

    def weigh(self) -> None:
        name = self.chance.choice(sorted(self.tubs))
        self._observe("mass", name, self.tubs[name].mass, "g", 0.02)

    def look(self) -> None:
        name = self.chance.choice(sorted(self.tubs))
        if self.chance.random() < 0.3:
            self._observe("volume", name, self.tubs[name].volume, "mL", 0.5)

    def heat(self) -> None:
        if self.chance.random() < 0.2:
            celsius = self.chance.uniform(30.0, 45.0)
            self.acts += 1
            warm = SetOutput("plate", "temperature", celsius, "°C")
            self.write(ev.Intended(f"act-{self.acts}", "heat", {}, (), (warm,), 60.0))
            self.warmth = max(self.warmth, celsius)
            self.write(ev.Settled(f"act-{self.acts}", "done", (warm,)))

    def _observe(self, observable: str, name: str, truth: float, unit: str, half: float) -> None:
        value = truth + max(-2.5, min(2.5, self.chance.gauss(0, 1 / 1.645))) * half
        seen = ev.Observed(observable, name, value, unit, value - half, value + half, "good", "balance", ())
        event = self.write(seen)
        now = self.state.ledger.vessel_at(name, self.now)
        evidence, volumes = measured_volumes(now, event, DENSITIES, self.state.touched.get(name, -1))
        left = now.volume
        for volume in volumes:
            both = volume.intersect(left)
            assert both is not None, f"{name}: {volume} contradicts {left}, but nothing went wrong"
            left = both
        if left.width < now.volume.width:
            self.narrowed += 1
            self.write(ev.VolumeNarrowed(name, now.volume, left, "balance", evidence))

    def check(self) -> None:
        ledger = self.state.ledger.at_time(self.now)
        for name, tub in self.tubs.items():
            held = ledger.vessel(name)
            assert held.volume.low - NOISE <= tub.volume <= held.volume.high + NOISE, (
                name,
                tub.volume,
                held.volume,
            )
            for material, amount in tub.contents.items():
                known = held.contents.get(material, Interval.exactly(0.0))
                assert known.low - NOISE <= amount <= known.high + NOISE, (name, material, amount, known)


def lived(seed: int, steps: int = 25) -> Reality:
    reality = Reality(random.Random(seed))
    reality.begin()
    reality.check()
    for _ in range(steps):
        reality.step()
        reality.check()
    return reality


@pytest.mark.parametrize("block", range(10))
def test_the_truth_lies_inside_whatever_happens(block: int) -> None:
    lives = [lived(seed) for seed in range(block * SEEDS // 10, (block + 1) * SEEDS // 10)]
    assert all(fold(life.events) == life.state for life in lives), "the journal and the live state differ"
    assert sum(life.narrowed for life in lives) > 100, "measurements were to narrow something"


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 80))
def test_the_truth_lies_inside_for_long(seed: int, steps: int) -> None:
    lived(seed + SEEDS, steps)


def test_knowing_nothing_better_a_vessel_is_known_ever_worse() -> None:
    """Without a measurement nothing narrows: widths only grow."""
    reality = Reality(random.Random(3))
    reality.begin()
    width = {name: reality.state.ledger.vessel(name).volume.width for name in reality.tubs}
    for _ in range(20):
        reality.chance.choice((reality.wait, reality.pour))()
        for name, one in reality.state.ledger.at_time(reality.now).vessels.items():
            assert one.volume.width >= width[name] - NOISE or math.isclose(one.volume.low, 0.0)
            width[name] = one.volume.width
