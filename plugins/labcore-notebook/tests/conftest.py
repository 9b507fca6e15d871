"""Records made by hand: the seed experiment on a simulated bench, with pictures drawn here."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pytest

from labcore.model import event as ev
from labcore.model.effect import Effect, Placement, SetOutput, Transfer
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore.ports import RunView
from labcore.testing.states import state_after

START = datetime(2024, 5, 12, 9, 0, tzinfo=UTC)


@lru_cache
def draw_vial(clouding: float, glare: bool = False) -> bytes:
    """Draw a vial on a stirrer in front of a dark card: 0 clear, 1 white. PNG, 640 x 480."""
    height, width, left, right, top, bottom, level = 480, 640, 230, 410, 77, 413, 163
    image = np.linspace(70, 42, height)[:, None, None] * np.ones((1, width, 3)) + np.array([4.0, 2.0, 0.0])
    image[bottom:] = (168, 166, 160)
    across = np.linspace(-1, 1, right - left)[None, :, None]
    glass = 0.05 + 0.14 * np.abs(across) ** 6
    image[top:bottom, left:right] = image[top:bottom, left:right] * (1 - glass) + 235 * glass
    liquid = np.array([228.0, 236.0, 238.0]) * (0.80 + 0.20 * np.sqrt(np.clip(1 - across**2, 0, 1)))
    image[level:bottom, left:right] = image[level:bottom, left:right] * (1 - clouding) + liquid * clouding
    image[level : level + 4, left:right] = image[level : level + 4, left:right] * 0.6 + 80
    image += np.random.default_rng(int(clouding * 1000)).normal(0, 2.5, image.shape)
    picture = np.clip(image, 0, 255).astype(np.uint8)
    cv2.rectangle(picture, (288, bottom - 14), (352, bottom - 4), (235, 235, 235), -1)
    cv2.rectangle(picture, (left - 6, top - 42), (right + 6, top), (40, 40, 46), -1)
    if glare:
        cv2.ellipse(picture, (282, 264), (26, 120), 8, 0, 360, (255, 255, 255), -1)
    done, data = cv2.imencode(".png", cv2.GaussianBlur(picture, (3, 3), 0))
    assert done
    return data.tobytes()


@dataclass
class Record:
    """A RunReader over events that a test writes; `now` in s, `source` is what devices' events are marked with."""

    header: dict[str, Any] = field(default_factory=dict)
    the_plan: dict[str, Any] = field(default_factory=dict)
    lines: list[Event] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    source: ev.Source = "simulated"
    now: float = 0.0
    acts: int = 0

    def events(self, after: int = -1) -> Sequence[Event]:
        return tuple(self.lines[after + 1 :])

    def state_at(self, position: int, *, widened: bool = False) -> RunView:
        return state_after(self.lines[: position + 1], widened=widened)

    def blob(self, digest: str) -> bytes:
        return self.blobs[digest]

    def plan(self) -> Mapping[str, Any]:
        return self.the_plan

    def add(
        self,
        body: Any,
        *,
        step: str | None = None,
        device: str | None = None,
        after: float = 0.0,
        bench: bool = False,
    ) -> int:
        self.now += after
        wall = (START + timedelta(seconds=self.now)).isoformat(timespec="milliseconds")
        source: ev.Source = self.source if device or bench else "labcore"
        self.lines.append(Event(len(self.lines), round(self.now, 3), wall, source, body, step, device))
        return len(self.lines) - 1

    def begin(self) -> None:
        self.add(ev.RunStarted("p", "d", "lab", self.source == "simulated", None, {}))

    @contextmanager
    def step(self, key: str, verb: str, label: str) -> Iterator[None]:
        self.add(ev.StepStarted(verb, label), step=key)
        yield
        self.add(ev.StepEnded("done"), step=key)

    def act(
        self,
        step: str,
        device: str,
        method: str,
        effect: Effect,
        *,
        takes: float,
        by: str = "",
        **settled: Any,
    ) -> None:
        self.acts += 1
        name, arguments = f"{step}/{self.acts}", settled.pop("arguments", {})
        frames = settled.pop("frames", ("G0 X120 Y40", "M400"))
        intent = ev.Intended(name, method, arguments, frames, (effect,), takes * 3)
        self.add(intent, step=step, device=device)
        if settled.get("status", "done") is not None:
            outcome = ev.Settled(name, **{"status": "done", "effects": (effect,), "by": by, **settled})
            self.add(outcome, step=step, device=device, after=takes)

    def dispense(
        self, step: str, bottle: str, volume: float, device: str = "dispenser", **settled: Any
    ) -> None:
        move = Transfer(bottle, "reactor", Interval.exactly(volume))
        settled.setdefault("amount", Interval.around(volume, relative=0.01))
        with self.step(step, "dispense", f"{volume:g} mL from {bottle} into reactor"):
            self.act(step, device, "dispense", move, takes=volume / 1.1, **settled)

    def picture(self, step: str, clouding: float, *, glare: bool = False) -> int:
        data = draw_vial(round(clouding, 2), glare)
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        body = ev.ImageTaken("reactor", digest, "image/png", 480, 640, "stirrer", {"exposure": 0.008})
        return self.add(body, step=step, device="camera", after=0.4)

    def turbidity(
        self, value: float | None, half: float, picture: int, quality: Any = "good", flags: Any = ()
    ) -> int:
        low, high = (None, None) if value is None else (max(0.0, value - half), min(5.0, value + half))
        by, known = "turbidity", f"t{picture}"
        seen = ev.Observed(
            "turbidity", "reactor", value, "", low, high, quality, by, (picture,), flags, id=known
        )
        return self.add(seen)


PLAN: dict[str, Any] = {
    "name": "Poly(amic acid) particles by precipitation polymerisation",
    "description": "Two monomer solutions meet under stirring; the polymer falls out as fine particles.",
    "materials": {
        "diamine solution": {
            "solute": "4,4'-oxydianiline",
            "concentration": "10 mmol/L",
            "solvent": "acetone",
        },
        "dianhydride solution": {
            "solute": "pyromellitic dianhydride",
            "concentration": {"value": 10, "unit": "mmol/L"},
            "solvent": "acetone",
        },
        "acetone": {},
    },
}
ROBOT = {
    "dispenser": ("gantry-dispenser", "Grbl 1.1h, syringe 25 mL"),
    "mover": ("gantry-dispenser", "Grbl 1.1h"),
    "stirrer": ("ika-namur", "IKA RCT digital"),
    "camera": ("opencv-camera", "simulated camera 640×480"),
}
BOTTLES = {"diamine solution": 250.0, "dianhydride solution": 250.0, "acetone": 500.0}


def open_run(run: Record, drivers: Mapping[str, tuple[str, str]]) -> None:
    """Write what every run begins with."""
    given = {"monomer": "0.2 mmol", "speed": "300 rpm", "watch": "740 s"}
    digest = hashlib.sha256(b"plan").hexdigest()
    simulated, lab = run.source == "simulated", f"Precipitation bench, {run.source}"
    readers = ("turbidity", "notebook")
    run.add(ev.RunStarted(PLAN["name"], digest, lab, simulated, 7 if simulated else None, given, readers))
    for number, (material, volume) in enumerate(BOTTLES.items(), 1):
        holds = {material: Interval.around(volume, relative=0.01)}
        bottle = f"bottle/{number}"
        run.add(ev.VesselStated(bottle, f"bottle-{volume:.0f}ml", bottle, holds, "lab", closed=True))
    run.add(ev.VesselStated("reactor", "vial-50ml", "rack/A1", {}, "lab"))
    for device, (driver, identity) in drivers.items():
        run.add(ev.DeviceConnected(driver, identity), device=device, after=0.2)


def watch(run: Record, pictures: int, every: float, onset: float) -> None:
    """Take pictures on a schedule; one late, one with glare, one that shows nothing."""
    first = run.now
    for number in range(1, pictures + 1):
        due, late = first + (number - 1) * every, 3.4 if number == 9 else 0.0
        run.now = max(run.now, due + late)
        run.add(ev.RoundStarted(number, due, late), step="4")
        grown = 1 - math.exp(-max(0.0, due - first - onset) / 210.0)
        value = 0.12 + 4.35 * grown + 0.05 * math.sin(number * 2.1)
        with run.step(f"4#{number}", "image", "picture of reactor"):
            position = run.picture(f"4#{number}", 0.02 + 0.9 * grown, glare=number == 14)
        if number == 14:
            run.turbidity(value + 0.6, 0.9, position, "doubtful", ("glare",))
        elif number == 20:
            run.turbidity(None, 0.0, position, "bad", ("no_vial",))
        else:
            run.turbidity(round(value, 3), 0.12 + 0.05 * value + (0.25 if value > 4 else 0.0), position)


def robot_run(pictures: int = 25, every: float = 30.0, onset: float = 110.0) -> Record:
    """Write the seed's protocol as a robot on a simulated bench carries it out."""
    versions = {"labcore": "0.1.0", "labcore-gantry": "0.1.0", "labcore-turbidity": "0.1.0"}
    header = {"id": "20240512-090000-7f3a", "state": "done", "versions": versions}
    run = Record(header=header, the_plan=dict(PLAN))
    open_run(run, ROBOT)
    with run.step("1", "place_vial", "reactor onto stirrer"):
        told = {"vessel": "reactor", "origin": "rack/A1", "target": "stirrer"}
        run.act("1", "mover", "place", Placement("reactor", "stirrer"), takes=14.0, arguments=told)
    run.dispense("2", "bottle/1", 20.0)
    with run.step("3", "stir", "reactor at 300 rpm"):
        run.act("3", "stirrer", "stir", SetOutput("stirrer", "speed", 300.0, "rpm"), takes=1.2)
    run.add(ev.StepStarted("repeat", "every 30 s", {}, background=True), step="4")
    short, why = Interval(17.1, 17.4, 17.8), "drop left at the needle"
    run.dispense("5", "bottle/2", 20.0, status="partly", amount=short, message=why)
    with run.step("6", "wait", "wait 740 s"):
        waiting = run.now
        watch(run, pictures, every, onset)
        run.now = max(run.now, waiting + 740.0)
    run.add(ev.StepEnded("done"), step="4")
    run.add(ev.ReaderFailed("notebook", "TimeoutError: 2.0 s", 60, 1, False))
    with run.step("finally.1", "stop", "stop stirrer"):
        off = SetOutput("stirrer", "speed", None, "rpm")
        run.act("finally.1", "stirrer", "stop_stirring", off, takes=0.8)
    text = "Cap the vial and keep it for SEM."
    with run.step("finally.2", "prompt", text):
        run.add(ev.Asked("q1", text, "confirm", limit=300.0), step="finally.2", bench=True)
        run.add(ev.Answered("q1", "done", "sim person"), step="finally.2", bench=True, after=41.0)
    run.add(ev.StopSettled("halted", ("speed",), "read-back IN_PV_4 = 0"), device="stirrer", after=0.3)
    run.add(ev.RunEnded("done"))
    return run


def human_run() -> Record:
    """Write a real run by hand that a person stops: questions, a doubtful act, a place nobody knows."""
    run = Record({"id": "20240513-by-hand"}, {"name": PLAN["name"]}, source="real")
    open_run(run, dict.fromkeys(("dispenser", "mover", "stirrer"), ("operator", "a person at the bench")))
    with run.step("1", "place_vial", "reactor onto stirrer"):
        told = {"vessel": "reactor", "origin": "rack/A1", "target": "stirrer"}
        run.add(ev.Asked("a1", "Put reactor onto stirrer.", "act"), step="1", device="mover")
        run.add(ev.Answered("a1", "done", "aki"), step="1", device="mover", after=33.0)
        put = Placement("reactor", "stirrer")
        run.act("1", "mover", "place", put, takes=0.1, arguments=told, by="aki")
    run.dispense("2", "bottle/1", 20.0, by="aki", amount=Interval(19.6, 20.0, 20.4))
    run.dispense("3", "bottle/2", 20.0, status="unknown", amount=None, message="no answer in time")
    run.add(ev.StepStarted("prompt", "Is it cloudy?"), step="4")
    asked = ev.Asked("q1", "Is it <b>cloudy</b> | yet?", "choose", ("yes", "no"))
    run.add(asked, step="4", bench=True)
    run.add(ev.ControlAsked("stop", "aki", "fire alarm"), after=20.0)
    run.add(ev.StepEnded("cut"), step="4")
    back = Placement("reactor", "rack/A1")
    run.act("finally.1", "mover", "place", back, takes=3.0, status=None, arguments={"origin": "stirrer"})
    run.add(ev.StopSettled("unconfirmed", ("speed",), "", "no answer"), device="stirrer", after=5.0)
    run.add(ev.RunEnded("stopped", "fire alarm"))
    return run


@pytest.fixture(scope="session")
def robot() -> Record:
    """The robot's run with 25 pictures; do not write to it."""
    return robot_run()


@pytest.fixture
def human() -> Record:
    """A run by hand, stopped, with open ends."""
    return human_run()


@pytest.fixture
def make_robot() -> Callable[..., Record]:
    """Write a robot run of one's own: pictures, every (s), onset (s)."""
    return robot_run


@pytest.fixture
def empty() -> Record:
    """A record to write."""
    return Record()
