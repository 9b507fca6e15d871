"""Instruments on the real bench: what they do is what the world's truth says afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labcore_simulators.instruments import Balance, Camera, Gantry, IkaRct, Person
from labcore_simulators.world import World

LAB: dict[str, Any] = {
    "devices": {"robot": {}, "plate": {}, "scales": {}, "camera": {}, "operator": {}},
    "positions": {"rack/A1": {}, "stirrer": {"station": "plate", "seen_by": "camera"}, "balance": {}},
    "stock": {"acetone": {"in": "bottle/1", "volume": "100 mL"}},
    "vessels": {"reactor": {"at": "rack/A1", "labware": "vial-50ml"}},
    "world": {"evaporation": 0},
}
CARRY = "G0 X40 Y30\nM8\nG4P.6\nM3S1000\nG4P.5\nM9\nG4P.6\nG0 X320 Y60\nM8\nG4P.6\nM5\nG4P.5\nM9\nG4P.6\n"
DOSE = "G0 X40 Y270\nM8\nG4P.6\nG1 Z48 F600\nM9\nG4P.6\nG0 X320 Y60\nM8\nG4P.6\nG1 Z0 F600\nM9\nG4P.6\n"


class Hosted:
    """A bench with its instruments, and the time."""

    def __init__(self, folder: Path | None = None) -> None:
        self.world, self.now = World.from_lab(LAB, seed=2, folder=folder), 0.0
        self.gantry = self.make(Gantry, "robot")
        self.gantry.opened(0.0)

    def make(self, kind: Any, device: str, **options: Any) -> Any:
        return kind(self.world, device=device, options=options, lab=LAB, seed=2)

    def robot(self, text: str, seconds: float = 60.0) -> bytes:
        said, end = b"", self.now + seconds
        self.gantry.feed(text.encode(), self.now)
        while (due := self.gantry.due()) is not None and due <= end:
            self.now = max(self.now, due)
            said += self.gantry.poll(self.now)
        self.now = end
        return said


@pytest.fixture
def bench() -> Hosted:
    hosted = Hosted()
    hosted.robot("", 2.0)
    assert hosted.robot("$H\n") == b"ok\r\n"
    return hosted


def test_carried_and_dosed(bench: Hosted) -> None:
    assert bench.robot(CARRY).count(b"ok") == 14
    assert bench.robot(DOSE).count(b"ok") == 12
    truth = bench.world.truth("reactor", bench.now)
    assert truth["place"] == "stirrer"
    assert truth["volume_ml"] == pytest.approx(20.0, abs=0.2)
    left = bench.world.truth("bottle/1", bench.now)["volume_ml"]
    assert left + truth["volume_ml"] + bench.gantry.head.syringe.filled == pytest.approx(100.0)


def test_a_kill_in_the_middle_leaves_a_partial_dose_on_disk(tmp_path: Path) -> None:
    hosted = Hosted(tmp_path)
    hosted.robot("", 2.0)
    hosted.robot("$H\n" + CARRY)
    hosted.robot(DOSE.rsplit("G1", 1)[0])
    hosted.robot("G1 Z0 F600\n", 2.0)
    poured = hosted.world.truth("reactor", hosted.now)["volume_ml"]
    again = World.from_lab(LAB, seed=2, folder=tmp_path, now=hosted.now)
    assert again.truth("reactor", hosted.now)["volume_ml"] == pytest.approx(poured)
    assert 7.0 < poured < 9.0


def test_plate_balance_camera_and_person_see_one_bench(bench: Hosted) -> None:
    bench.robot(CARRY + DOSE)
    plate, camera = bench.make(IkaRct, "plate"), bench.make(Camera, "camera", width=160, height=120)
    plate.feed(b"OUT_SP_4 300\r\nSTART_4\r\n", bench.now)
    bench.now += 5.0
    plate.feed(b"IN_PV_4\r\n", bench.now)
    assert abs(float(plate.poll(bench.now).split()[0]) - 300) < 5
    assert camera.frame(bench.now).shape == (120, 160, 3)
    assert (camera.frames, camera.last) == (1, bench.now)
    person, scales = bench.make(Person, "operator", absence=0.0), bench.make(Balance, "scales")
    carried = person.ask({"act": {"method": "place", "vessel": "reactor", "target": "balance"}}, bench.now)
    assert carried.complete(carried.at).value == "done"
    scales.feed(b"SI\r\n", carried.at)
    scales.poll(carried.at)
    scales.feed(b"S\r\n", carried.at + 5)
    grams = float(scales.poll(carried.at + 5).split()[2])
    assert grams == pytest.approx(bench.world.mass("reactor", carried.at + 5), abs=0.005)
    photo = person.ask(
        {"act": {"method": "picture", "vessel": "reactor", "place": "balance"}}, carried.at + 5
    )
    assert photo.complete(photo.at).file[:2] == b"\xff\xd8"


def test_what_the_bench_refuses_is_said_by_the_person(bench: Hosted) -> None:
    person = bench.make(Person, "operator", absence=0.0)
    asked = person.ask(
        {"act": {"method": "dispense", "source": "tea", "target": "reactor", "volume_ml": 1}}, 70.0
    )
    assert asked.complete(asked.at).value.startswith("not done: no vessel 'tea'")
