"""A bench of fake devices, and a way to run protocol text on it in virtual time."""

from __future__ import annotations

import textwrap
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import anyio
import pytest

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.loop import run_virtual
from labcore.app.files import Texts
from labcore.app.running import Options, RunUnderWay, carry_out
from labcore.capabilities import (
    Act,
    Dosing,
    Imaging,
    Measuring,
    Outcome,
    Placing,
    Reading,
    Spot,
    Stirring,
    Weighing,
)
from labcore.errors import DeviceRefused
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore.model.observation import Observable, Picture
from labcore.model.quantity import Quantity
from labcore.pipeline.prepare import prepare
from labcore.pipeline.resolve import Sources
from labcore.plugin.driver import DriverOptions, Identity, Limit, SafeAct, Site
from labcore.plugin.observer import Desk, Observer
from labcore.state.reduce import fold
from labcore.state.run_state import RunState

LAB = """
lab: fake bench
devices: {robot: {driver: fake}}
positions:
  rack: {fits: vial-50ml}
  plate: {fits: vial-50ml, station: robot, seen_by: robot}
  plate2: {fits: vial-50ml, seen_by: robot}
stock:
  water: {in: bottle, volume: 200 mL}
vessels:
  vial: {at: plate, labware: vial-50ml}
  other: {at: plate2, labware: vial-50ml}
limits: {robot: {speed: {max: 500 rpm}}}
observers: [watcher]
"""


@dataclass
class World:
    """What really happened, and what shall go wrong: `failures[n]` is what the n-th dose does instead."""

    doses: list[tuple[str, str, float]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    failures: dict[int, Callable[[], Awaitable[Outcome]]] = field(default_factory=dict)
    dose_time: float = 10.0
    pictures: int = 0
    look_time: float = 0.0
    weights: list[float] = field(default_factory=list)
    sees: str = "turbidity"
    doses_within: float = 0.0
    value: Callable[[World], float] = lambda world: float(len(world.doses))


class FakeDriver:
    """Doses, places, stirs and photographs in memory."""

    capabilities: ClassVar[tuple[type, ...]] = (Dosing, Placing, Stirring, Imaging, Measuring, Weighing)
    Options = DriverOptions
    transport = "person"
    simulator = "person"
    limits: ClassVar[Mapping[str, Limit]] = {"speed": Limit(Quantity(10, "rpm"), Quantity(1500, "rpm"))}
    watchdog = ("speed",)
    measures = ("pH", "volume")
    world: ClassVar[World]

    def __init__(self, site: Site, options: Any) -> None:
        self.site = site

    async def connect(self) -> Identity:
        return Identity("fake")

    async def disconnect(self) -> None:
        pass

    def safe(self) -> tuple[SafeAct, ...]:
        return ()

    def dose_uncertainty(self, millilitres: float) -> float:
        return self.world.doses_within * millilitres

    def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        world, millilitres = self.world, volume.in_("mL")
        begun: list[float] = []

        async def send() -> Outcome:
            number = len(world.doses) + 1
            if number in world.failures:
                return await world.failures.pop(number)()
            begun.append(anyio.current_time())
            await anyio.sleep(world.dose_time)
            world.doses.append((source.vessel, target.vessel, millilitres))
            return Outcome("done", Interval.around(millilitres, relative=0.01))

        async def cut() -> Outcome:
            share = (anyio.current_time() - begun[0]) / world.dose_time if begun else 0.0
            world.doses.append((source.vessel, target.vessel, millilitres * share))
            return Outcome("partly", Interval.around(millilitres * share, relative=0.05))

        return Act((f"DOSE {millilitres:g}",), send, 60.0, cut)

    prime = rinse = dispense

    def place(self, vessel: str, origin: str, target: str) -> Act:
        return self._simple(f"PLACE {vessel} {target}", 2.0)

    def stir(self, speed: Quantity) -> Act:
        return self._simple(f"STIR {speed.in_('rpm'):g}", 0.5)

    def stop_stirring(self) -> Act:
        return self._simple("STIR OFF", 0.5)

    def _simple(self, frame: str, seconds: float) -> Act:
        async def send() -> Outcome:
            await anyio.sleep(seconds)
            self.world.sent.append(frame)
            return Outcome("done")

        return Act((frame,), send, 30.0)

    async def speed(self) -> Quantity:
        return Quantity(300, "rpm")

    async def capture(self, spot: Spot) -> Picture:
        self.world.pictures += 1
        return Picture(f"{spot.vessel} {self.world.value(self.world)}".encode(), "text/plain", (1, 1), {})

    async def weigh(self, spot: Spot) -> Reading:
        return Reading(Quantity(self.world.weights.pop(0), "g"), 0.002)

    async def measure(self, what: str, spot: Spot) -> Reading:
        return Reading(Quantity(self.world.value(self.world), "mL" if what == "volume" else ""), 0.1)


class Watcher(Observer):
    """Reads the number in a picture; takes its time over it."""

    observables = (Observable("turbidity", "", 0, 1000, from_images=True),)
    world: ClassVar[World]

    async def see(self, event: Event, desk: Desk) -> None:
        if event.kind != "image_taken":
            return
        await anyio.sleep(self.world.look_time)
        vessel, value = desk.record.blob(event.body.blob).decode().split()  # type: ignore[union-attr]
        number = float(value)
        quality = "bad" if number < 0 else "good"
        volume = self.world.sees == "volume"
        await desk.observe(
            self.world.sees,
            vessel,
            Quantity(number, "mL") if volume else number,
            low=number - 0.5,
            high=number + 0.5,
            evidence=(event.position,),
            quality=quality,
        )  # type: ignore[arg-type]


@dataclass
class Done:
    """A finished run."""

    events: Sequence[Event]
    state: RunState
    world: World
    folder: Path

    def kinds(self, step: str | None = None) -> list[str]:
        return [event.kind for event in self.events if step is None or event.step == step]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]


NO_WORLD: dict[Any, Any] = {
    ("worlds", "bench"): lambda *_, **__: None,
    ("simulators", "fake"): lambda *_, **__: None,
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def refuses() -> Callable[[], Awaitable[Outcome]]:
    async def refuse() -> Outcome:
        raise DeviceRefused("error:9", outcome=Outcome("not_started"))

    return refuse


@pytest.fixture
def catalog_of(world: World) -> Callable[..., EntryPointCatalog]:
    """Return a catalog with the fake bench; the driver may be given more attributes, `more` are other plugins."""

    def make(driver: Mapping[str, Any], more: Mapping[Any, Any] = NO_WORLD) -> EntryPointCatalog:
        fake = type("Driver", (FakeDriver,), {"world": world, **driver})
        watcher = type("ThisWatcher", (Watcher,), {"world": world})
        return EntryPointCatalog({("drivers", "fake"): fake, ("observers", "watcher"): watcher, **more})

    return make


@pytest.fixture
def play(tmp_path: Path, world: World, catalog_of: Callable[..., EntryPointCatalog]) -> Callable[..., Done]:
    """Run the steps given as YAML text; `during` may control the run while it goes on, `driver` replaces parts of the fake."""

    def run(
        steps: str,
        *,
        during: Any = None,
        lab: str = LAB,
        head: str = "",
        prompts: Any = None,
        allowed: str = "",
        faults: Any = None,
        driver: Mapping[str, Any] | None = None,
        verbs: Mapping[str, type] | None = None,
    ) -> Done:
        more: dict[Any, Any] = {("verbs", word): verb for word, verb in (verbs or {}).items()}
        more |= NO_WORLD if faults is not None or "sim://fake" in lab else {}
        catalog = catalog_of(driver or {}, more)
        text = f"labcore: 1\nname: test\n{textwrap.dedent(head)}\n{textwrap.dedent(steps)}"
        texts = Texts(text, "p.yaml", lab, "lab.yaml", tmp_path)
        prepared = prepare(Sources(text, "p.yaml", lab, "lab.yaml"), catalog)
        errors = [problem for problem in prepared.errors if problem.code != allowed]
        assert not errors, [problem.text() for problem in errors]
        under_way: list[RunUnderWay] = []
        raised: list[Exception] = []

        async def watch(one: RunUnderWay) -> None:
            under_way.append(one)
            try:
                if during is not None:
                    await during(one)
            except (
                Exception
            ) as error:  # the run lets nobody who looks at it disturb it; the test must hear of it
                raised.append(error)
                one.control.post("abort", "test")
                raise

        options = Options(tmp_path, True, True, 7, watch=watch, prompts=prompts, faults=faults)
        folder, state = run_virtual(partial(carry_out, prepared, texts, catalog, options))
        if raised:
            raise raised[0]
        from labcore.app import open_run

        finished = open_run(str(folder))
        events = finished.events()
        assert fold(events) == state, "the journal and the live state differ"
        finished.record.close()
        return Done(events, state, world, folder)

    return run
