"""A small bench that keeps books, in place of the chemistry of the real world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest

from labcore_simulators.instruments import Gantry


@dataclass(frozen=True)
class Drop:
    material: str
    volume_ml: float

    def split(self, volume_ml: float) -> tuple[Drop, Drop]:
        return replace(self, volume_ml=volume_ml), replace(self, volume_ml=self.volume_ml - volume_ml)


@dataclass
class Books:
    """Volumes by vessel (mL), places, stirring and heating; every act in order."""

    places: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, float] = field(default_factory=dict)
    did: list[tuple[Any, ...]] = field(default_factory=list)
    stirring: dict[str, float] = field(default_factory=dict)
    heating: dict[str, float | None] = field(default_factory=dict)
    tare: float = 40.0
    clock: float = 0.0

    def advance(self, now: float) -> None:
        assert now >= self.clock - 1e-9, "time goes back"
        self.clock = max(now, self.clock)

    def acts(self) -> list[dict[str, Any]]:
        moved = [act for act in self.did if act[0] in ("lift", "put")]
        return [{"act": act, "t": t, "by": by, "vessel": vessel} for act, t, by, vessel, _ in moved]

    def vessel_at(self, place: str) -> str | None:
        return next((vessel for vessel, where in self.places.items() if where == place), None)

    def place_of(self, vessel: str) -> str | None:
        return self.places.get(vessel)

    def lift(self, place: str, now: float, *, by: str) -> str | None:
        self.advance(now)
        vessel = self.vessel_at(place)
        if vessel is not None:
            del self.places[vessel]
            self.did.append(("lift", now, by, vessel, place))
        return vessel

    def put(self, vessel: str, place: str, now: float, *, by: str) -> None:
        self.advance(now)
        self.places[vessel] = place
        self.did.append(("put", now, by, vessel, place))

    def draw(self, vessel: str, volume_ml: float, now: float, *, by: str) -> Drop:
        self.advance(now)
        got = min(volume_ml, self.volumes[vessel])
        self.volumes[vessel] -= got
        self.did.append(("draw", now, by, vessel, got))
        return Drop(vessel, got)

    def pour(self, vessel: str, liquid: Drop, now: float, *, by: str) -> float:
        self.advance(now)
        self.volumes[vessel] += liquid.volume_ml
        self.did.append(("pour", now, by, vessel, liquid.volume_ml))
        return liquid.volume_ml

    def set_stirring(self, place: str, rpm: float, now: float) -> None:
        self.advance(now)
        self.stirring[place] = rpm
        self.did.append(("stir", now, place, rpm))

    def set_heating(self, place: str, target_c: float | None, now: float) -> None:
        self.advance(now)
        self.heating[place] = target_c
        self.did.append(("heat", now, place, target_c))

    def speed(self, place: str, now: float) -> float:
        self.advance(now)
        return self.stirring.get(place, 0.0)

    def temperature(self, place: str, now: float) -> float:
        self.advance(now)
        return self.heating.get(place) or 22.0

    def liquid_temperature(self, vessel: str, now: float) -> float:
        self.advance(now)
        return 22.0

    def mass(self, vessel: str, now: float) -> float:
        self.advance(now)
        return self.tare + self.volumes[vessel] * 0.79


@pytest.fixture
def books() -> Books:
    return Books(
        places={"bottle/1": "bottle/1", "bottle/2": "bottle/2", "reactor": "rack/A1", "waste": "waste"},
        volumes={"bottle/1": 250.0, "bottle/2": 100.0, "reactor": 0.0, "waste": 0.0},
    )


class Line:
    """Drives a gantry through time as a host would, always stopping where it is due."""

    BANNER: ClassVar = "\r\nGrbl 1.1h ['$' for help]\r\n"
    LOCKED: ClassVar = "[MSG:'$H'|'$X' to unlock]\r\n"

    def __init__(self, gantry: Gantry, now: float) -> None:
        self.gantry, self.now = gantry, now

    def wait(self, seconds: float) -> str:
        said, end = b"", self.now + seconds
        while (due := self.gantry.due()) is not None and due <= end:
            self.now = max(self.now, due)
            said += self.gantry.poll(self.now)
        self.now = end
        return (said + self.gantry.poll(end)).decode("ascii")

    def ask(self, text: str, seconds: float = 120.0) -> str:
        self.gantry.feed(text.encode("latin-1"), self.now)
        return self.wait(seconds)

    def status(self) -> str:
        return self.ask("?", 0.0).strip()


@pytest.fixture(scope="session")
def lab() -> dict[str, Any]:
    """A lab whose deck has bottles, a rack and a stirrer."""
    positions: dict[str, Any] = {"rack/A1": {}, "rack/A2": {}, "stirrer": {}}
    return {"positions": positions, "stock": {"acetone": {"in": "bottle/1"}}}


@pytest.fixture
def line(books: Any, lab: dict[str, Any]) -> Callable[..., Line]:
    """Make a line to a gantry over `over` or the books: opened and homed, if not told otherwise."""

    def make(
        *, over: Any = None, opened: bool = True, home: bool = True, seed: int = 3, **options: Any
    ) -> Line:
        world = over or books
        wire = Line(Gantry(world, device="robot", options=options, lab=lab, seed=seed), world.clock)
        if opened:
            wire.gantry.opened(wire.now)
            assert wire.wait(2.0) == wire.BANNER + wire.LOCKED
            assert not home or wire.ask("$H\n") == "ok\r\n"
        return wire

    return make


@pytest.fixture
def exact(line: Callable[..., Line]) -> Callable[..., Line]:
    """Make a line to a gantry without errors of its own."""

    def make(**options: Any) -> Line:
        return line(calibration_error=0.0, backlash=0.0, **options)

    return make
