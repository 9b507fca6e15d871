"""Make the drivers of a run: each with its way to the device, none connected yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labcore.app.emergency import latched_in
from labcore.app.faults import Faults
from labcore.app.links import SimulatedBench, open_frames, open_link
from labcore.engine.guard_post import Post
from labcore.engine.session import Session
from labcore.model.address import SIM, scheme_of
from labcore.model.lab import DeviceEntry, LabFile, LimitEntry
from labcore.model.plan import Plan
from labcore.pipeline.prepare import Prepared
from labcore.plugin.catalog import Catalog
from labcore.plugin.driver import Ask, Site
from labcore.ports import Workers
from labcore.wire.wire_log import LoggedLink


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all drivers of a run are made with."""

    plan: Plan
    catalog: Catalog
    workers: Workers
    bench: SimulatedBench
    simulate: bool
    wire_folder: Path | None
    ask: Callable[[str], Ask]
    faults: Faults | None = None
    files: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Close the wire logs; what a full disk does not take of them is lost, and nothing else with it."""
        with suppress(OSError):
            self.files.close()

    def sessions(self, wanted: Iterable[str]) -> dict[str, Session]:
        """Return one session for every machine that is wanted."""
        return {name: self._session(name) for name in wanted}

    def _session(self, name: str) -> Session:
        entry = self.plan.lab.devices[name]
        driver_type = self.catalog.load("drivers", self.plan.machines[name].driver)
        simulated = self.simulate or is_simulated_device(entry)
        options = driver_type.Options.model_validate(entry.options)
        post = self._post(name, entry, driver_type)
        driver = driver_type(self._site(name, entry, driver_type, simulated, post), options)
        if post is not None:
            post.keep(driver.safe)
        latched = str if self.simulate else latched_in(self.plan.lab.lab)
        return Session(name, driver, simulated, _limits(self.plan, name), post=post, latched=latched)

    def _post(self, name: str, entry: DeviceEntry, driver_type: Any) -> Post | None:
        """Return what the guard sees of a device that is on a line."""
        if driver_type.transport != "link":
            return None
        link = open_link(
            self._address(entry.port, driver_type), self._simulator(name, entry), self.bench.lock
        )
        link = link if self.faults is None else self.faults.link(name, link)
        return Post(name, link if self.wire_folder is None else LoggedLink(link, self._log(name)))

    def _simulator(self, name: str, entry: DeviceEntry) -> Callable[[str], Any]:
        return lambda word: self.bench.simulator(word, name, entry.options)

    def _site(
        self, name: str, entry: DeviceEntry, driver_type: Any, simulated: bool, post: Post | None
    ) -> Site:
        given: dict[str, Any] = {}
        if post is not None:
            given["link"] = post.link
        elif driver_type.transport == "frames":
            address = self._address(entry.source, driver_type)
            given["frames"] = open_frames(
                address,
                entry.options,
                self._simulator(name, entry),
                self.workers,
                self.catalog,
                self.bench.lock,
            )
        else:
            given["ask"] = self.ask(name)
        lab = self.plan.lab
        return Site(
            name,
            simulated,
            workers=self.workers,
            places=_places(lab),
            stations=_stations(self.plan, name),
            **given,
        )

    def _address(self, address: Any, driver_type: Any) -> Any:
        """Under --simulate no real port is ever opened: the driver names the simulator that stands in."""
        if self.simulate and scheme_of(address) != SIM:
            return f"sim://{driver_type.simulator}"
        return address

    def _log(self, name: str) -> Callable[[str], None]:
        assert self.wire_folder is not None
        self.wire_folder.mkdir(parents=True, exist_ok=True)
        path = self.wire_folder / f"{name}.jsonl"
        lines_at_once = -1 if self.simulate else 1  # what a simulation loses in a crash can be had again
        file = self.files.enter_context(path.open("a", encoding="utf-8", buffering=lines_at_once))

        def write(line: str) -> None:
            with suppress(
                OSError
            ):  # a full disk must not turn a good exchange with a device into an unknown one
                if not file.closed:
                    file.write(line + "\n")

        return write


def used_machines(prepared: Prepared) -> list[str]:
    """Return the machines that this protocol names or uses or that guard the lab, in the order of the lab file.

    No other is touched.
    """
    assert prepared.plan is not None
    plan = prepared.plan
    used = {plan.aliases[name] for name in plan.devices.values()}
    used |= {device for planned in prepared.timeline for device in planned.effects.devices}
    used |= {plan.aliases[name] for name in plan.lab.guards if name in plan.aliases}
    return [name for name in plan.machines if name in used]


def is_simulated_device(entry: DeviceEntry) -> bool:
    """Say whether what a device reports is simulated even in a real run."""
    return entry.simulated or SIM in (scheme_of(entry.port), scheme_of(entry.source))


def _limits(plan: Plan, machine: str) -> Mapping[str, LimitEntry]:
    """Return the lab's limits of a machine, under whatever names they are written."""
    found: dict[str, LimitEntry] = {}
    for name, entries in plan.lab.limits.items():
        if plan.aliases.get(name) == machine:
            found |= entries
    return found


def _stations(plan: Plan, machine: str) -> tuple[str, ...]:
    positions = plan.lab.positions.items()
    return tuple(place for place, entry in positions if plan.aliases.get(entry.station or "") == machine)


def _places(lab: LabFile) -> dict[str, tuple[float, ...]]:
    """Return every place of the lab with the coordinates its file gives, () where it gives none."""
    places: dict[str, tuple[float, ...]] = {name: entry.xy or () for name, entry in lab.positions.items()}
    return places | {entry.place: entry.xy or () for entry in lab.stock.values()}
