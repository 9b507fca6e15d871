"""The bench as verbs see it: the lab file's places and devices over a ledger that says what stands where. Pure.

The same object serves check and plan (planned ledger) and the run (actual ledger).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labcore.model.interval import Interval
from labcore.model.lab import LabFile, PositionEntry
from labcore.model.labware import CATALOGUE, Labware
from labcore.model.names import nearest, normal_name
from labcore.model.pace import Pace
from labcore.model.plan import Machine
from labcore.plugin.bench import Need, StepProblem
from labcore.state.ledger import Ledger
from labcore.state.run_state import Output


@dataclass(frozen=True, slots=True)
class BenchView:
    """See `labcore.plugin.bench.Bench`."""

    lab: LabFile
    machines: Mapping[str, Machine]
    aliases: Mapping[str, str]
    devices: Mapping[str, str]
    ledger: Ledger
    outputs: Mapping[tuple[str, str], Output]
    now: float = 0.0  # s; what may have evaporated by then counts

    # ----------------------------------------------------------------------------------------- vessels
    def vessel(self, name: str) -> str:
        """Return the declared spelling of a vessel."""
        if name in self.ledger.vessels:
            return name
        wanted = normal_name(name)
        for declared in self.ledger.vessels:
            if normal_name(declared) == wanted:
                return declared
        hint = nearest(name, self.ledger.vessels)
        remedy = f"Did you mean {hint!r}?" if hint else "Declare it under `vessels:`."
        raise StepProblem("E204", f"there is no vessel {name!r}", remedy)

    def place_of(self, vessel: str) -> str:
        """Return the place where `vessel` stands."""
        place = self.ledger.vessels[self.vessel(vessel)].place
        if place is None:
            raise StepProblem(
                "E505",
                f"nobody knows where {vessel} stands",
                "Say so with `labcore lab set`, or place it in an earlier step.",
            )
        return place

    def volume(self, vessel: str) -> Interval:
        """Return the volume in `vessel`, mL."""
        return self.ledger.vessel_at(self.vessel(vessel), self.now).volume.clamp_low(0.0)

    def evaporated(self, vessel: str) -> float:
        """Return how much (mL) of what `vessel` holds may have evaporated since somebody knew better."""
        return self.ledger.vessel_at(self.vessel(vessel), self.now).lost

    def labware(self, vessel: str) -> Labware:
        """Return the labware type of `vessel`."""
        name = self.ledger.vessels[self.vessel(vessel)].labware
        if name not in CATALOGUE:
            raise StepProblem(
                "E205", f"{vessel} is of unknown labware {name!r}", f"Known labware: {', '.join(CATALOGUE)}."
            )
        return CATALOGUE[name]

    def stock(self, material: str, reach: Sequence[str] = ()) -> str:
        """Return the vessel that holds `material` in stock."""
        wanted = normal_name(material)
        for name, entry in self.lab.stock.items():
            if normal_name(name) == wanted:
                return entry.place
        hint = nearest(material, self.lab.stock)
        remedy = (
            f"Did you mean {hint!r}?"
            if hint
            else "Add it under `stock:` in the lab file, with the bottle it is in."
        )
        raise StepProblem("E603", f"the lab has no {material!r} in stock", remedy)

    def waste(self) -> str:
        """Return the lab's waste vessel."""
        if self.lab.waste and self.lab.waste in self.ledger.vessels:
            return self.lab.waste
        raise StepProblem("E604", "the lab file declares no waste", "Add `waste: waste` and where it stands.")

    # ----------------------------------------------------------------------------------------- places
    def free_place(self, target: str, vessel: str) -> str:
        """Resolve `target` to a free place that fits `vessel`; where the vessel stands already counts as free."""
        vessel = self.vessel(vessel)
        names = [target] if target in self.lab.positions else self._places_of(target)
        if not names:
            hint = nearest(target, [*self.lab.positions, *self.aliases])
            remedy = f"Did you mean {hint!r}?" if hint else "Add it under `positions:` in the lab file."
            raise StepProblem("E501", f"there is no place {target!r}", remedy)
        fitting = [name for name in names if self._fits(self.lab.positions[name], vessel)]
        if not fitting:
            fits = ", ".join(self.lab.positions[names[0]].fits)
            raise StepProblem(
                "E503",
                f"{target} takes {fits}, not {self.labware(vessel).name}",
                "Use another place or vessel.",
            )
        free = [name for name in fitting if self.ledger.may_be_at(name, but=vessel) is None]
        if not free:
            raise self._taken(fitting[0], vessel)
        return free[0]

    def _taken(self, place: str, vessel: str) -> StepProblem:
        there = self.ledger.may_be_at(place, but=vessel)
        if self.ledger.at(place) == there:
            remedy = "Move it away first, or use another place."
            return StepProblem("E502", f"{there} stands at {place} already", remedy)
        remedy = "Look at the bench, and say where it stands with `labcore lab set`, or use another place."
        return StepProblem("E502", f"{there} may stand at {place}: nobody knows where it is", remedy)

    def stations(self, device: str) -> tuple[str, ...]:
        """Return the places a device acts on."""
        name = self._machine(device)
        return tuple(place for place, entry in self.lab.positions.items() if self._is(entry.station, name))

    def _places_of(self, target: str) -> list[str]:
        device = self.devices.get(target, target)
        return list(self.stations(device)) if device in self.aliases else []

    def _fits(self, position: PositionEntry, vessel: str) -> bool:
        return not position.fits or self.labware(vessel).name in position.fits

    # ----------------------------------------------------------------------------------------- devices
    def device(self, need: Need) -> str:
        """Choose the device that satisfies `need`; the protocol's own devices come first."""
        word = need.capability.capability  # type: ignore[attr-defined]
        if need.device is not None:
            return self._insisted(need.device, word, need)
        able = [name for name in self._preferred() if word in self.machines[name].capabilities]
        if not able:
            raise StepProblem(
                "E402", f"no device of the lab can do {word}", "Add one to the lab file, or use another lab."
            )
        reaching = [name for name in able if self._can(name, need)]
        if reaching:
            return reaching[0]
        raise StepProblem(
            "E504",
            self._why_not(able[0], need),
            "Use a place it reaches, or correct `reach` in the lab file.",
        )

    def outputs_of(self, device: str) -> tuple[tuple[str, str], ...]:
        """Return what a device can switch off as (its own name, output), heat first."""
        machine = self._named(device)
        return tuple((machine.name, output) for output in machine.outputs)

    def expected(self, device: str, method: str, otherwise: Pace, amount: float = 0.0) -> Interval:
        """Return how long an act is expected to take, s."""
        machine = self.machines.get(device)
        pace = otherwise if machine is None else machine.paces.get(method, otherwise)
        return pace.interval(amount)

    def output(self, device: str, output: str) -> float | None:
        """Return the set-point of an output that is on, else None."""
        on = self.outputs.get((self._machine(device), output))
        return on.value if on is not None else None

    def _named(self, device: str) -> Machine:
        name = self.devices.get(device, device)
        if name not in self.aliases:
            hint = nearest(device, [*self.devices, *self.aliases])
            remedy = f"Did you mean {hint!r}?" if hint else f"Devices of this lab: {', '.join(self.aliases)}."
            raise StepProblem("E401", f"there is no device {device!r}", remedy, field="device")
        return self.machines[self.aliases[name]]

    def _insisted(self, device: str, word: str, need: Need) -> str:
        machine = self._named(device)
        if word not in machine.capabilities:
            can = ", ".join(machine.capabilities)
            raise StepProblem(
                "E402", f"{device} cannot do {word}; it does {can}", "Name another device.", field="device"
            )
        if not self._can(machine.name, need):
            raise StepProblem(
                "E504", self._why_not(machine.name, need), "Use a place it reaches.", field="device"
            )
        return machine.name

    def _preferred(self) -> Iterable[str]:
        named = [self.aliases[name] for name in self.devices.values() if name in self.aliases]
        return dict.fromkeys((*named, *self.machines))

    def _can(self, name: str, need: Need) -> bool:
        if any(not self._reaches(name, place) for place in need.reach):
            return False
        if (
            need.measures is not None
            and need.measures not in (*self.machines[name].measures, "")
            and "*" not in self.machines[name].measures
        ):
            return False
        return need.at is None or self._serves(name, need)

    def _serves(self, name: str, need: Need) -> bool:
        """A camera sees a place, every other device stands under it."""
        position = self.lab.positions.get(need.at or "")
        if position is None:
            return need.at is None or self._is_person(name)
        word = need.capability.capability  # type: ignore[attr-defined]
        if word == "imaging":
            return position.seen_by is None or self._is(position.seen_by, name)
        if word == "measuring" and self._is_person(name):
            return True  # a person carries the probe to the vessel
        return self._is(position.station, name) or (position.station is None and self._is_person(name))

    def _is_person(self, name: str) -> bool:
        return self.machines[name].person

    def _reaches(self, name: str, place: str) -> bool:
        entry = self.lab.positions.get(place)
        reach = (
            entry.reach
            if entry is not None
            else next((s.reach for s in self.lab.stock.values() if s.place == place), ())
        )
        return not reach or any(self._is(device, name) for device in reach)

    def _why_not(self, name: str, need: Need) -> str:
        for place in need.reach:
            if not self._reaches(name, place):
                return f"{name} does not reach {place}"
        if need.measures is not None:
            return f"{name} does not measure {need.measures}"
        return f"{name} does not serve {need.at}"

    def _is(self, device: str | None, name: str) -> bool:
        return device is not None and self.aliases.get(device, device) == name

    def _machine(self, device: str) -> str:
        name = self.devices.get(device, device)
        return self.aliases.get(name, name)
