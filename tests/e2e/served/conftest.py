"""Simulated devices served by another process, and a user who runs protocols on them in real time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

SHORT = """
labcore: 1
name: A vial, a millilitre, two pictures
vessels: {reactor: {labware: vial-50ml}}
materials: {acetone: {}}
devices: {dispenser: [dosing], mover: [placing], stirrer: [stirring], camera: [imaging]}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - dispense: {material: acetone, into: reactor, volume: 1 mL}
  - stir: {vessel: reactor, speed: 300 rpm}
  - image: {vessel: reactor}
    every: 1 s
    times: 2
finally:
  - stop: {device: stirrer}
"""
AGAIN = """
labcore: 1
name: The same vial once more
vessels: {reactor: {labware: vial-50ml}}
devices: {mover: [placing], stirrer: [stirring], camera: [imaging]}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - stir: {vessel: reactor, speed: 200 rpm}
  - image: {vessel: reactor}
finally:
  - stop: {device: stirrer}
"""
SET_OTHERWISE = """
import sys, threading
from pathlib import Path
from labcore_simulators.instruments.contract import LineSettings
from labcore_simulators.serve.labfile import load, save
from labcore_simulators.serve.serving import serve
from labcore_simulators.world import World

lab, written, parity = sys.argv[1:]
served = serve(load(Path(lab)), make_world=World.from_lab)
served.sites["stirrer"].device = LineSettings(9600, 7, parity, 1)
served.start()
save(served.lab, Path(written))
print("ready", flush=True)
threading.Event().wait(60)
"""
Entry = dict[str, Any]


@dataclass
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str
    wall: float


@dataclass
class Place:
    """A user's folder, with the state folder of one machine."""

    folder: Path
    lab: Path = field(init=False)

    def __post_init__(self) -> None:
        self.lab = self.folder / "served.yaml"

    def begin(self, *args: str | Path) -> subprocess.Popen[str]:
        env = {**os.environ, "LABCORE_STATE": str(self.folder / "state")}
        return subprocess.Popen(
            [sys.executable, "-m", "labcore.cli.main", *map(str, args)],
            cwd=self.folder,
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def call(self, *args: str | Path, stdin: str = "", code: int | None = 0) -> Done:
        began = time.monotonic()
        with self.begin(*args) as process:
            try:
                out, err = process.communicate(stdin, timeout=100)
            finally:
                process.kill()
        done = Done(process.returncode, out, err, time.monotonic() - began)
        assert code is None or done.code == code, f"{args}\n{out}\n{err}"
        return done

    def protocol(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def runs(self) -> list[Entry]:
        return json.loads(self.call("runs", "--json").out)  # type: ignore[no-any-return]

    def run_folder(self, run: str) -> Path:
        return self.folder / "labcore-data" / "runs" / run

    def events(self, run: str) -> list[Entry]:
        """Return the events of a run, none if there is no run yet."""
        return lines(self.call("events", run, "--json", code=None).out)

    def wire(self, run: str, device: str) -> list[Entry]:
        return lines((self.run_folder(run) / "wire" / f"{device}.jsonl").read_text(encoding="utf-8"))

    def served_wire(self, device: str) -> list[Entry]:
        text = (self.folder / "served-world" / "wire.jsonl").read_text(encoding="utf-8")
        return [entry for entry in lines(text) if entry["device"] == device]

    def sent(self, run: str, device: str) -> str:
        """Return all that a run sent: chunks may be cut anywhere."""
        return _texts(self.wire(run, device), "out")

    def answers(self, run: str, device: str) -> str:
        """Return all that a run received."""
        return _texts(self.wire(run, device), "in")

    def acts(self) -> list[Entry]:
        return lines((self.folder / "served-world" / "acts.jsonl").read_text(encoding="utf-8"))


def _texts(entries: list[Entry], direction: str) -> str:
    found = (bytes.fromhex(entry["hex"]) for entry in entries if entry.get("dir") == direction)
    return b"".join(found).decode("latin-1")


def lines(text: str) -> list[Entry]:
    return [json.loads(line) for line in text.splitlines()]


@contextmanager
def until_ready(command: list[str], folder: Path) -> Iterator[None]:
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert any(line.startswith("ready") for line in process.stdout), "serving did not begin"
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            finally:
                process.kill()


@dataclass
class Serving:
    """Serves labs like the one of the demo."""

    protocols: Path

    def lab(self, *, at: str = "rack/A1", name: str = "A served bench", **more: Any) -> Entry:
        """Return the lab of the demo with the vial somewhere and the notebook as its only observer."""
        text = (self.protocols / "polyamic_acid" / "robot.yaml").read_text(encoding="utf-8")
        lab = yaml.safe_load(text)
        lab["vessels"]["reactor"]["at"] = at
        return {**lab, "lab": name, "observers": ["notebook"], **more}

    @contextmanager
    def serve(
        self, folder: Path, lab: Entry, transport: str = "rfc2217", *, limit: int = 110
    ) -> Iterator[Place]:
        """Serve a lab from another process."""
        (folder / "lab.yaml").write_text(yaml.safe_dump(lab, sort_keys=False), encoding="utf-8")
        command = [sys.executable, "-m", "labcore_simulators.serve.main", "serve", "lab.yaml"]
        command += ["--write", "served.yaml", "--transport", transport, "--for", str(limit)]
        with until_ready(command, folder):
            yield Place(folder)

    def set_otherwise(self, folder: Path, lab: Entry, parity: str) -> AbstractContextManager[None]:
        """Serve a lab whose stirrer was set to another parity."""
        (folder / "lab.yaml").write_text(yaml.safe_dump(lab, sort_keys=False), encoding="utf-8")
        command = [sys.executable, "-c", SET_OTHERWISE, "lab.yaml", "served.yaml", parity]
        return until_ready(command, folder)


@pytest.fixture(scope="session")
def serving(protocols: Path) -> Serving:
    return Serving(protocols)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@dataclass
class FirstRun:
    """What was seen of the first run, and of others that were tried while it was under way."""

    place: Place
    pid: int
    done: Done
    run: str
    rivals: dict[str, Done]


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[FirstRun]:
    """A real run over RFC 2217 that has ended; its bench is still served."""
    with serving.serve(tmp_path_factory.mktemp("served"), serving.lab()) as place:
        short, stir = place.protocol("short", SHORT), place.protocol("again", AGAIN)
        elsewhere = yaml.safe_load(place.lab.read_text(encoding="utf-8")) | {"lab": "A bench next door"}
        (place.folder / "elsewhere.yaml").write_text(yaml.safe_dump(elsewhere), encoding="utf-8")
        began = time.monotonic()
        with place.begin("run", short, "--lab", place.lab, "--yes") as process:
            wait_for_wire(place)
            rivals = {
                lab: place.call("run", stir, "--lab", f"{lab}.yaml", "--yes", code=None)
                for lab in ("elsewhere", "served")
            }
            out, err = process.communicate(timeout=100)
        done = Done(process.returncode, out, err, time.monotonic() - began)
        assert done.code == 0, f"{out}\n{err}"
        found = re.search(r"^run (\S+)$", out, re.MULTILINE)
        assert found, out
        yield FirstRun(place, process.pid, done, found[1], rivals)


def wait_for_wire(place: Place) -> None:
    """Wait until a run has opened its devices."""
    end = time.monotonic() + 30
    while not [entry for entry in place.served_wire("camera") if entry["event"] == "opened"]:
        assert time.monotonic() < end, "the run did not open its devices"
        time.sleep(0.1)
