"""One seed, one journal: byte-equal events in fresh processes, whatever threads and hash seeds do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROCESSES = int(os.environ.get("LABCORE_PROCESSES", "3"))
PROTOCOL = """
labcore: 1
name: Branches, pictures and a condition
vessels:
  reactor: {labware: vial-50ml}
  spare: {labware: vial-50ml}
materials:
  diamine solution: {solute: "4,4'-oxydianiline", concentration: 10 mmol/L, solvent: acetone}
  dianhydride solution: {solute: pyromellitic dianhydride, concentration: 10 mmol/L, solvent: acetone}
  acetone: {}
devices: {dispenser: [dosing], mover: [placing], stirrer: [stirring], plate: [stirring, heating], camera: [imaging]}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - parallel:
      - - dispense: {material: diamine solution, into: reactor, volume: 20 mL}
        - stir: {vessel: reactor, speed: 300 rpm}
        - image: {vessel: reactor}
          every: 10 s
          times: 4
      - - dispense: {material: acetone, into: spare, volume: 3 mL}
        - heat: {vessel: spare, temperature: 40 °C}
          for: 40 s
        - measure: {what: temperature, of: plate}
          every: 7 s
          times: 5
      - - repeat:
            - image: {vessel: reactor}
            - wait: 3 s
          times: 6
  - repeat:
      - dispense: {material: dianhydride solution, into: reactor, volume: 2.5 mL}
      - wait: 40 s
      - image: {vessel: reactor}
    until: turbidity(reactor) >= 1.5
    timeout: 5 s
    on_error: skip                             # a picture that cannot be read counts as not yet cloudy
    times: 12
  - note: cloudy
finally:
  - stop: {device: stirrer}
  - stop: {device: plate}
"""
EYES = '''
"""Two observers that work in threads for an uneven real time, which virtual time must not notice."""

import hashlib
import os
import threading
import time

from labcore.model.event import ImageTaken
from labcore.model.observation import Observable
from labcore.plugin.observer import Observer


def look(data, delay):
    # not seeded on purpose: every process sees other delays
    time.sleep(delay * int.from_bytes(os.urandom(1)) / 255)
    assert threading.current_thread() is not threading.main_thread()
    return int(hashlib.sha256(data).hexdigest()[:6], 16) / 0xFFFFFF


class Brisk(Observer):
    observables = (Observable("grain", "", 0.0, 1.0, "a number that hangs on every byte", from_images=True),)
    delay = 0.02

    async def see(self, event, desk):
        if isinstance(event.body, ImageTaken):
            value = await desk.work(look, desk.record.blob(event.body.blob), self.delay)
            name = self.observables[0].name
            await desk.observe(name, event.body.vessel, value, low=None, high=None, evidence=(event.position,))


class Slow(Brisk):
    observables = (Observable("dust", "", 0.0, 1.0, "the same, slowly", from_images=True),)
    delay = 0.15
'''
ENTRY_POINTS = "[labcore.observers]\nbrisk = eyes:Brisk\nslow = eyes:Slow\n"
METADATA = "Metadata-Version: 2.1\nName: eyes\nVersion: 1\n"


@dataclass
class Bench:
    """A folder with protocol and lab, in which every simulation is a process of its own."""

    folder: Path

    def journal(self, seed: int, number: int) -> str:
        """Return what `labcore events RUN --json` prints after a simulation."""
        data = f"data-{seed}-{number}"
        self._labcore(
            number, "simulate", "p.yaml", "--lab", "lab.yaml", "--seed", str(seed), "--quiet", "--data", data
        )
        return self._labcore(number, "events", "last", "--json", "--data", data)

    def _labcore(self, number: int, *args: str) -> str:
        env = {**os.environ, "LABCORE_STATE": str(self.folder / "state"), "PYTHONHASHSEED": str(number)}
        env["PYTHONPATH"] = os.pathsep.join([str(self.folder), *filter(None, [os.environ.get("PYTHONPATH")])])
        command = [sys.executable, "-m", "labcore.cli.main", *args]
        done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=self.folder, timeout=100)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("determinism")
    (folder / "eyes.py").write_text(textwrap.dedent(EYES), encoding="utf-8")
    info = folder / "eyes-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    (info / "METADATA").write_text(METADATA, encoding="utf-8")
    lab = yaml.safe_load((ROOT / "protocols" / "polyamic_acid" / "robot.yaml").read_text(encoding="utf-8"))
    lab["devices"]["plate"] = {"driver": "ika-namur", "port": "sim://ika-rct"}
    lab["positions"]["hotplate"] = {"fits": "vial-50ml", "reach": ["dispenser"], "station": "plate"}
    lab["vessels"]["spare"] = {"at": "hotplate", "labware": "vial-50ml", "empty": True}
    lab["observers"] = ["turbidity", "brisk", "slow", "notebook"]
    (folder / "lab.yaml").write_text(
        yaml.safe_dump(lab, sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    (folder / "p.yaml").write_text(PROTOCOL, encoding="utf-8")
    return Bench(folder)


@pytest.fixture(scope="module")
def first(bench: Bench) -> str:
    return bench.journal(7, 0)


def test_the_protocol_exercises_what_could_differ(first: str) -> None:
    found = [json.loads(line) for line in first.splitlines()]
    assert [event["data"]["outcome"] for event in found if event["kind"] == "run_ended"] == ["done"]
    by = {event["data"]["by"] for event in found if event["kind"] == "observed"}
    assert {"turbidity", "brisk", "slow", "plate"} <= by
    pictures = [event for event in found if event["kind"] == "image_taken"]
    seen = [event for event in found if event["kind"] == "observed" and event["data"]["by"] == "slow"]
    assert len(seen) == len(pictures) > 10
    tested = [event["data"]["holds"] for event in found if event["kind"] == "condition_tested"]
    assert tested[-1] is True
    assert False in tested
    steps = [event["step"].split(".")[:2] for event in found if (event["step"] or "").startswith("2.")]
    changes = sum(a != b for a, b in zip(steps, steps[1:], strict=False))
    assert changes > 10, "the branches do not interleave"


@pytest.mark.parametrize("number", range(1, PROCESSES))
def test_the_same_seed_gives_the_same_bytes(
    bench: Bench, first: str, number: int, record_difference: Callable[[str, str], str]
) -> None:
    again = bench.journal(7, number)
    assert again == first, record_difference(first, again)


def test_another_seed_gives_another_journal(bench: Bench, first: str) -> None:
    other = bench.journal(8, 0)
    assert other != first
    pictures = [
        {line["data"]["blob"] for line in map(json.loads, text.splitlines()) if line["kind"] == "image_taken"}
        for text in (first, other)
    ]
    assert len(pictures[0]) > 10
    assert len(pictures[1]) > 10
    assert not pictures[0] & pictures[1]


@pytest.fixture
def record_difference() -> Callable[[str, str], str]:
    """Say where two journals part, not all of both."""

    def difference(one: str, other: str) -> str:
        pairs = enumerate(zip(one.splitlines(), other.splitlines(), strict=False))
        parted = next((f"line {n}:\n{a[:600]}\n{b[:600]}" for n, (a, b) in pairs if a != b), "one is longer")
        return f"the journals part at {parted}"

    return difference
