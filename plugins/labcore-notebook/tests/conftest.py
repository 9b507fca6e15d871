"""A run's record made by hand: the seed experiment on a simulated bench, with pictures drawn here."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
import pytest
from labcore.model import event as ev
from labcore.model.effect import Effect, Placement, SetOutput, Transfer
from labcore.model.event import Event
from labcore.model.interval import Interval

START = datetime(2024, 5, 12, 9, 0, tzinfo=UTC)


def draw_vial(clouding: float, glare: bool = False, size: tuple[int, int] = (480, 640)) -> bytes:
    """Draw a vial on a stirrer in front of a dark card: 0 clear, 1 white."""
    height, width = size
    rng = np.random.default_rng(int(clouding * 1000))
    shade = np.linspace(70, 42, height)[:, None, None] * np.ones((1, width, 3))
    image = shade + np.array([4.0, 2.0, 0.0])
    image[int(height * 0.86) :] = (168, 166, 160)
    left, right, top, bottom = int(width * 0.36), int(width * 0.64), int(height * 0.16), int(height * 0.86)
    across = np.linspace(-1, 1, right - left)[None, :, None]
    glass = 0.20 + 0.55 * np.abs(across) ** 6
    image[top:bottom, left:right] = image[top:bottom, left:right] * (1 - 0.25 * glass) + 235 * 0.25 * glass
    level = int(height * 0.34)
    liquid = np.array([228.0, 236.0, 238.0]) * (0.80 + 0.20 * np.sqrt(np.clip(1 - across**2, 0, 1)))
    image[level:bottom, left:right] = image[level:bottom, left:right] * (1 - clouding) + liquid * clouding
    image[level : level + 4, left:right] = image[level : level + 4, left:right] * 0.6 + 80
    image = np.clip(image + rng.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)
    cv2.rectangle(
        image, (int(width * 0.45), bottom - 14), (int(width * 0.55), bottom - 4), (235, 235, 235), -1
    )
    cv2.rectangle(image, (left - 6, top - 42), (right + 6, top), (40, 40, 46), -1)
    if glare:
        cv2.ellipse(image, (int(width * 0.44), int(height * 0.55)), (26, 120), 8, 0, 360, (255, 255, 255), -1)
    done, data = cv2.imencode(".png", cv2.GaussianBlur(image, (3, 3), 0))
    assert done
    return data.tobytes()


@dataclass
class Record:
    """A RunReader over events that a test writes."""

    header: dict[str, Any] = field(default_factory=dict)
    the_plan: dict[str, Any] = field(default_factory=dict)
    lines: list[Event] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    source: ev.Source = "simulated"
    now: float = 0.0
    acts: int = 0

    def events(self, after: int = -1) -> Sequence[Event]:
        return tuple(self.lines[after + 1 :])

    def blob(self, digest: str) -> bytes:
        return self.blobs[digest]

    def plan(self) -> Mapping[str, Any]:
        return self.the_plan

    # ---------------------------------------------------------------------------------------- writing
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

    def act(
        self,
        step: str,
        device: str,
        method: str,
        effects: tuple[Effect, ...],
        frames: tuple[str, ...],
        *,
        takes: float,
        status: Any = "done",
        amount: Interval | None = None,
        message: str = "",
        arguments: dict[str, Any] | None = None,
        by: str = "",
    ) -> tuple[int, int]:
        self.acts += 1
        name = f"{step}/{self.acts}"
        intent = self.add(
            ev.Intended(name, method, arguments or {}, frames, effects, takes * 3), step=step, device=device
        )
        settled = ev.Settled(name, status, effects, amount, {"ok": True}, message, by)
        return intent, self.add(settled, step=step, device=device, after=takes)

    def dispense(self, step: str, bottle: str, volume: float, label: str, **kw: Any) -> None:
        self.add(ev.StepStarted("dispense", label, {"into": "reactor"}), step=step)
        move = Transfer(bottle, "reactor", Interval.exactly(volume))
        amount = kw.pop("amount", Interval.around(volume, relative=0.01))
        frames = ("G0 X120 Y40", f"G1 E{volume * 2:.2f} F600", "M400")
        self.act(step, "dispenser", "dispense", (move,), frames, takes=volume / 1.1, amount=amount, **kw)
        self.add(ev.StepEnded("done", {"value": volume, "unit": "mL"}), step=step)

    def picture(self, step: str, clouding: float, *, glare: bool = False) -> int:
        data = draw_vial(clouding, glare)
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        body = ev.ImageTaken("reactor", digest, "image/png", 480, 640, "stirrer", {"exposure": 0.008})
        return self.add(body, step=step, device="camera", after=0.4)

    def turbidity(
        self, value: float | None, half: float, picture: int, quality: Any = "good", flags: Any = ()
    ) -> int:
        low = high = None
        if value is not None:
            low, high = max(0.0, value - half), min(5.0, value + half)
        return self.add(
            ev.Observed(
                "turbidity",
                "reactor",
                value,
                "",
                low,
                high,
                quality,
                "turbidity",
                (picture,),
                flags,
                {},
                f"t{picture}",
            )
        )


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
            "concentration": "10 mmol/L",
            "solvent": "acetone",
        },
        "acetone": {},
    },
}


def _open(run: Record, simulated: bool, drivers: Mapping[str, tuple[str, str]]) -> None:
    run.add(
        ev.RunStarted(
            PLAN["name"],
            hashlib.sha256(b"plan").hexdigest(),
            "Precipitation bench, simulated",
            simulated,
            7,
            {"monomer": "0.2 mmol", "speed": "300 rpm", "watch": "740 s"},
            ("turbidity", "notebook"),
        )
    )
    for bottle, material, volume in (
        ("bottle/1", "diamine solution", 250.0),
        ("bottle/2", "dianhydride solution", 250.0),
        ("bottle/3", "acetone", 500.0),
    ):
        holds = {material: Interval.around(volume, relative=0.01)}
        run.add(ev.VesselStated(bottle, f"bottle-{volume:.0f}ml", bottle, holds, "lab", closed=True))
    run.add(ev.VesselStated("reactor", "vial-50ml", "rack/A1", {}, "lab"))
    for device, (driver, identity) in drivers.items():
        run.add(ev.DeviceConnected(driver, identity), device=device, after=0.2)


ROBOT = {
    "dispenser": ("gantry-dispenser", "Grbl 1.1h, syringe 25 mL"),
    "mover": ("gantry-dispenser", "Grbl 1.1h"),
    "stirrer": ("ika-namur", "IKA RCT digital"),
    "camera": ("opencv-camera", "simulated camera 640×480"),
}


def watch(run: Record, pictures: int, every: float, onset: float) -> None:
    """Take pictures on a schedule; one late, one with glare, one that shows nothing."""
    first = run.now
    for number in range(1, pictures + 1):
        due = first + (number - 1) * every
        late = 3.4 if number == 9 else 0.0
        run.now = max(run.now, due + late)
        run.add(ev.RoundStarted(number, due, late), step="4")
        key = f"4#{number}"
        run.add(ev.StepStarted("image", "picture of reactor", {"vessel": "reactor"}), step=key)
        grown = 1 - math.exp(-max(0.0, due - first - onset) / 210.0)
        value = 0.12 + 4.35 * grown + 0.05 * math.sin(number * 2.1)
        position = run.picture(key, 0.02 + 0.9 * grown, glare=number == 14)
        run.add(ev.StepEnded("done"), step=key)
        half = 0.12 + 0.05 * value + (0.25 if value > 4 else 0.0)
        if number == 14:
            run.turbidity(value + 0.6, 0.9, position, "doubtful", ("glare",))
        elif number == 20:
            run.turbidity(None, 0.0, position, "bad", ("no_vial",))
        else:
            run.turbidity(round(value, 3), half, position)


def robot_run(pictures: int = 25, every: float = 30.0, onset: float = 110.0) -> Record:
    """Write the seed's protocol as a robot on a simulated bench carries it out."""
    run = Record(
        header={
            "id": "20240512-090000-7f3a",
            "state": "done",
            "simulated": True,
            "host": "bench-1",
            "versions": {"labcore": "0.1.0", "labcore-gantry": "0.1.0", "labcore-turbidity": "0.1.0"},
        },
        the_plan=dict(PLAN),
    )
    _open(run, True, ROBOT)
    run.add(
        ev.StepStarted("place_vial", "reactor onto stirrer", {"vessel": "reactor", "onto": "stirrer"}),
        step="1",
    )
    run.act(
        "1",
        "mover",
        "place",
        (Placement("reactor", "stirrer"),),
        ("G0 Z30", "G0 X80 Y10", "M62"),
        takes=14.0,
        arguments={"vessel": "reactor", "origin": "rack/A1", "target": "stirrer"},
    )
    run.add(ev.StepEnded("done"), step="1")
    run.dispense("2", "bottle/1", 20.0, "20 mL diamine solution into reactor")
    run.add(ev.StepStarted("stir", "reactor at 300 rpm", {"speed": "300 rpm"}), step="3")
    speed = SetOutput("stirrer", "speed", 300.0, "rpm")
    run.act("3", "stirrer", "stir", (speed,), ("OUT_SP_4 300", "START_4"), takes=1.2)
    run.add(ev.StepEnded("done"), step="3")
    run.add(ev.StepStarted("repeat", "every 30 s", {}, background=True), step="4")
    run.dispense(
        "5",
        "bottle/2",
        20.0,
        "20 mL dianhydride solution into reactor",
        status="partly",
        amount=Interval(19.1, 19.4, 19.8),
        message="drop left at the needle",
    )
    run.add(ev.StepStarted("wait", "wait 740 s"), step="6")
    waiting = run.now
    watch(run, pictures, every, onset)
    run.now = max(run.now, waiting + 740.0)
    run.add(ev.StepEnded("done"), step="6")
    run.add(ev.StepEnded("done"), step="4")
    run.add(ev.ReaderFailed("notebook", "TimeoutError: 2.0 s", 60, 1, False))
    run.add(ev.StepStarted("stop", "stop stirrer"), step="finally.1")
    off = SetOutput("stirrer", "speed", None, "rpm")
    run.act("finally.1", "stirrer", "stop_stirring", (off,), ("STOP_4",), takes=0.8)
    run.add(ev.StepEnded("done"), step="finally.1")
    run.add(ev.StepStarted("prompt", "Cap the vial and keep it for SEM."), step="finally.2")
    run.add(
        ev.Asked("q1", "Cap the vial and keep it for SEM.", "confirm", limit=300.0),
        step="finally.2",
        bench=True,
    )
    run.add(ev.Answered("q1", "done", "sim person"), step="finally.2", bench=True, after=41.0)
    run.add(ev.StepEnded("done", "done"), step="finally.2")
    run.add(
        ev.StopSettled("halted", ("speed",), "read-back IN_PV_4 = 0", frames=("STOP_4",)),
        device="stirrer",
        after=0.3,
    )
    run.add(ev.RunEnded("done"))
    return run


@pytest.fixture(scope="session")
def robot() -> Record:
    """The robot's run with 25 pictures; do not write to it."""
    return robot_run()


@pytest.fixture
def make_robot() -> Callable[..., Record]:
    """Write a robot run of one's own."""
    return robot_run


@pytest.fixture
def empty() -> Record:
    """A record to write."""
    return Record()
