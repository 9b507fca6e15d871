"""The world's own record against the journal: the ledger holds the truth, outputs are off or named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from campaign.bench import LastingBench
from campaign.facts import Facts, Line, require
from labcore.model.plan import Step
from labcore.state.reduce_acts import with_unknown_ends
from labcore.state.run_state import RunState

NOISE = 1e-6  # mL
STATIONS = {"stirrer": "stirrer", "hotplate": "plate"}  # place -> device
AMBIENT = 25.0  # °C; a plate that is told to be colder than this does not heat
UNSAFE = 180.0  # s after a stop in which every output has been tried to be made safe


class Truth:
    """Compares what labcore believes with what is."""

    def __init__(
        self, facts: Facts, bench: LastingBench, leave_on: tuple[str, ...], node_at: Callable[[str], Any]
    ) -> None:
        self.facts, self.bench, self.leave_on, self.node_at = facts, bench, leave_on, node_at
        self.unconfirmed: set[tuple[str, str]] = set()

    def see(self, line: Line) -> None:
        """Take note of outputs that could not be made safe."""
        if line["kind"] == "stop_settled":
            names = {(line["device"], output) for output in line["data"]["outputs"]}
            if line["data"]["status"] == "unconfirmed":
                self.unconfirmed |= names
            else:
                self.unconfirmed -= names
        if line["kind"] == "settled" and line["data"]["status"] == "done":
            for effect in line["data"]["effects"]:
                if effect["kind"] == "set_output":
                    self.unconfirmed.discard((effect["device"], effect["output"]))

    def compare(self, state: RunState) -> None:
        """Look into every vessel. Acts under way may have gone to any point."""
        widened = with_unknown_ends(state)
        for name in widened.ledger.vessels:
            vessel = widened.ledger.vessel_at(name, self.bench.world.clock)
            real = self.bench.world._look(name)
            if vessel.place is not None:
                text = f"{name} stands at {real.place}, labcore believes {vessel.place}"
                require(real.place == vessel.place, "positions are true or unknown", text)
            inside = real.whole().materials
            for material in dict.fromkeys((*vessel.contents, *inside)):
                self._holds(name, material, inside.get(material, 0.0), vessel.contents.get(material))

    def keeps_to_totals(self, before: RunState, line: Line) -> None:
        """A dose up to a total is what is missing when it begins, and nothing else goes in or out meanwhile."""
        node = self.node_at(line["step"]) if line["kind"] == "intended" and line["step"] else None
        total = node.args.get("to_total") if isinstance(node, Step) and node.verb == "dispense" else None
        for effect in line["data"]["effects"] if total is not None else ():
            vessel, now = effect["target"], line["at"]
            held = before.ledger.vessel_at(vessel, now).volume.mid + effect["volume"]["mid"]
            text = f"{line['step']}: {vessel} would hold {held:.6f} mL of {total}"
            require(abs(held - total.in_("mL")) < NOISE, "a total is filled up and not passed", text)
            going = [act for act in self.facts.acts.values() if _pours(act.effects, vessel)]
            require(not going, "a total is not worked out while the vessel is being filled", text)

    def _holds(self, name: str, material: str, truth: float, believed: Any) -> None:
        low, high = (believed.low, believed.high) if believed is not None else (0.0, 0.0)
        text = f"{name} holds {truth:.6f} mL {material}, the ledger says {low:.6f} to {high:.6f}"
        require(low - NOISE <= truth <= high + NOISE, "the ledger holds the truth", text)

    def outputs_at_the_end(self, now: float) -> None:
        """Every station is off, left on by the protocol, or named as not confirmed."""
        world = self.bench.world
        world.advance(now)
        for place, device in STATIONS.items():
            station = world._stations.get(place)
            if station is None or (device in self.leave_on and self.facts.outcome == "done"):
                continue
            for output in ("speed", "temperature"):
                text = (
                    f"{device}: {output} is on at the end ({station.wanted_rpm} rpm, {station.wanted_c} °C)"
                )
                require(
                    not self.is_on(device, output) or (device, output) in self.unconfirmed,
                    "outputs are safe at the end or named",
                    text,
                )

    def is_on(self, device: str, output: str) -> bool:
        """Say whether an output is on in the world, as far as it has been worked out."""
        place = next(place for place, station in STATIONS.items() if station == device)
        station = self.bench.world._stations.get(place)
        if station is None:
            return False
        return station.wanted_rpm > 0 if output == "speed" else (station.wanted_c or 0.0) > AMBIENT


def _pours(effects: list[Line], vessel: str) -> bool:
    return any(one["kind"] == "transfer" and vessel in (one["source"], one["target"]) for one in effects)
