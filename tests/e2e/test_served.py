"""Real runs in real time, against simulated devices that another process serves over TCP, RFC 2217 and HTTP."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are ended the POSIX way")
HEAVY = pytest.mark.skipif("LABCORE_HEAVY" not in os.environ, reason="takes long; set LABCORE_HEAVY=1")
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
STIR = """
labcore: 1
name: Only stirring
vessels: {reactor: {labware: vial-50ml}}
devices: {stirrer: [stirring]}
steps:
  - stir: {vessel: reactor, speed: 200 rpm}
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
        return lines(self.call("events", run, "--json").out)

    def wire(self, run: str, device: str) -> list[Entry]:
        return lines((self.run_folder(run) / "wire" / f"{device}.jsonl").read_text(encoding="utf-8"))

    def served_wire(self, device: str) -> list[Entry]:
        text = (self.folder / "served-world" / "wire.jsonl").read_text(encoding="utf-8")
        return [entry for entry in lines(text) if entry["device"] == device]

    def acts(self) -> list[Entry]:
        return lines((self.folder / "served-world" / "acts.jsonl").read_text(encoding="utf-8"))


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


@contextmanager
def served(folder: Path, lab: Entry, transport: str = "rfc2217", *, limit: int = 110) -> Iterator[Place]:
    """Serve a lab from another process."""
    (folder / "lab.yaml").write_text(yaml.safe_dump(lab, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "labcore_simulators.serve.main", "serve", "lab.yaml"]
    command += ["--write", "served.yaml", "--transport", transport, "--for", str(limit)]
    with until_ready(command, folder):
        yield Place(folder)


def bench_of(protocols: Path, *, at: str = "rack/A1", name: str = "A served bench") -> Entry:
    lab = yaml.safe_load((protocols / "polyamic_acid" / "robot.yaml").read_text(encoding="utf-8"))
    lab["vessels"]["reactor"]["at"] = at
    return {**lab, "lab": name, "observers": ["notebook"]}


@dataclass
class FirstRun:
    """What was seen of the first run, and of others that were tried while it was under way."""

    place: Place
    pid: int
    done: Done
    run: str
    rivals: dict[str, Done]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, protocols: Path) -> Iterator[FirstRun]:
    """A real run over RFC 2217 that has ended; its bench is still served."""
    with served(tmp_path_factory.mktemp("served"), bench_of(protocols)) as place:
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


def texts(entries: list[Entry], direction: str) -> str:
    """Return all bytes of one direction: chunks may be cut anywhere."""
    return b"".join(bytes.fromhex(entry["hex"]) for entry in entries if entry.get("dir") == direction).decode(
        "latin-1"
    )


def heard(entries: list[Entry], event: str) -> str:
    return "".join(entry["text"] for entry in entries if entry["event"] == event)


def test_the_journal_of_a_real_run_says_which_devices_are_simulated(first: FirstRun) -> None:
    found = first.place.events(first.run)
    assert found[0]["data"]["simulated"] is False
    connected = {e["device"]: e["source"] for e in found if e["kind"] == "device_connected"}
    assert connected == {"dispenser": "simulated", "stirrer": "simulated", "camera": "simulated"}
    of_devices = {e["source"] for e in found if e["kind"] in ("intended", "settled", "image_taken")}
    assert of_devices == {"simulated"}
    assert [e["data"]["status"] for e in found if e["kind"] == "settled"] == ["done"] * 5
    assert found[-1]["data"]["outcome"] == "done"
    assert first.done.out.count("(simulated)") == 3
    assert "REAL" not in first.done.out


def test_the_run_keeps_the_documented_bytes_of_the_stirrer(first: FirstRun) -> None:
    wire = first.place.wire(first.run, "stirrer")
    opened = [entry for entry in wire if entry["dir"] == "open"]
    assert [(e["baud"], e["bytesize"], e["parity"], e["stopbits"]) for e in opened] == [(9600, 7, "E", 1)]
    sent = texts(wire, "out").split(" \r\n")
    for command in (
        "IN_NAME",
        "OUT_WD1@20",
        "OUT_SP_4 300",
        "IN_SP_4",
        "START_4",
        "STATUS_4",
        "STOP_4",
        "STOP_1",
    ):
        assert command in sent
    assert (
        sent.index("OUT_WD1@20") < sent.index("OUT_SP_4 300") < sent.index("START_4") < sent.index("STOP_4")
    )
    answers = texts(wire, "in").split("\r\n")
    assert {"RCT digital", "20", "300.0 4", "11 4", "12 4"} <= set(answers)


def test_the_run_keeps_the_documented_bytes_of_the_gantry(first: FirstRun) -> None:
    wire = first.place.wire(first.run, "dispenser")
    opened = [entry for entry in wire if entry["dir"] == "open"]
    assert [(e["baud"], e["bytesize"], e["parity"], e["stopbits"]) for e in opened] == [(115200, 8, "N", 1)]
    sent = texts(wire, "out")
    assert {"$H", "G21 G90 G94 G54", "M8", "M9", "M3 S1000", "M5"} <= set(sent.replace("?", "").split("\n"))
    assert re.search(r"^G0 X320\.000 Y60\.000$", sent, re.MULTILINE)
    answers = texts(wire, "in")
    assert "Grbl 1.1h ['$' for help]\r\n" in answers
    assert re.search(r"<Idle\|MPos:320\.000,60\.000,[\d.]+\|FS:0,0", answers)
    assert not re.search("error|ALARM", answers)
    planned = [
        frame
        for event in first.place.events(first.run)
        if event["kind"] == "intended" and event["device"] == "dispenser"
        for frame in event["data"]["frames"]
    ]
    assert [line for line in sent.replace("?", "").split("\n") if line in planned] == planned


@pytest.mark.parametrize(("device", "settings"), [("stirrer", "9600 7E1"), ("dispenser", "115200 8N1")])
def test_the_serving_side_saw_the_same_bytes_and_line_settings(
    first: FirstRun, device: str, settings: str
) -> None:
    both = first.place.wire(first.run, device), first.place.served_wire(device)
    first_session = both[1][: next(i for i, e in enumerate(both[1]) if e["event"] == "closed")]
    negotiated = [entry for entry in first_session if entry["event"] == "line"]
    assert negotiated[-1]["line"] == negotiated[-1]["expected"] == settings
    assert negotiated[-1]["matches"] is True
    bytes_ = [entry for entry in first_session if entry["event"] in ("in", "out")]
    assert {entry["line"] for entry in bytes_} == {settings}
    assert not [entry for entry in bytes_ if "garbled" in entry]
    assert heard(first_session, "in") == texts(both[0], "out")
    assert heard(first_session, "out").startswith(texts(both[0], "in"))  # the last answer may come too late


def test_the_camera_delivers_pictures_over_http(first: FirstRun) -> None:
    import cv2
    import numpy as np

    pictures = [e["data"] for e in first.place.events(first.run) if e["kind"] == "image_taken"]
    assert [(p["width"], p["height"], p["place"]) for p in pictures] == [(640, 480, "stirrer")] * 2
    assert len({p["blob"] for p in pictures}) == 2
    for picture in pictures:
        path = first.place.run_folder(first.run) / "blobs" / picture["blob"][:2] / picture["blob"]
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert image.shape == (480, 640, 3)
        assert image.std() > 10
    log = first.place.served_wire("camera")
    assert log[0]["path"] == "/camera.mjpg"
    assert next(e["frames"] for e in log if e["event"] == "closed") > 20


def test_what_was_done_was_done(first: FirstRun) -> None:
    acts = first.place.acts()
    assert [act["act"] for act in acts if act.get("vessel") == "reactor"][:2] == ["lift", "put"]
    poured = sum(a["accepted_ml"] for a in acts if a["act"] == "pour" and a["vessel"] == "reactor")
    assert poured == pytest.approx(1.0, abs=0.03)
    assert [act["rpm"] for act in acts if act["act"] == "stir"][:2] == [300, 0]


@pytest.mark.parametrize("lab", ["elsewhere", "served"])
def test_a_second_run_on_the_same_ports_is_refused_at_once_with_the_owners_pid(
    first: FirstRun, lab: str
) -> None:
    rival = first.rivals[lab]
    assert rival.code == 2, rival.err
    assert f"in use by process {first.pid} (run {first.run})" in rival.err
    assert rival.wall < 5  # most of it is the start of Python; the wait for the lock is 0.5 s
    assert [run["id"] for run in first.place.runs()][0] == first.run
    assert rival.err.count("\n") == 1


def test_the_next_run_remembers_where_the_vial_stands_and_asks(first: FirstRun) -> None:
    place, again = first.place, first.place.folder / "again.yaml"
    before = place.acts(), place.served_wire("dispenser"), [run["id"] for run in place.runs()]
    refused = place.call("run", again, "--lab", place.lab, stdin="n\n", code=5)
    assert f"as run {first.run} left it" in refused.out
    assert re.search(r"reactor at stirrer: 1 mL acetone \[0\.98 to 1\.02\]", refused.out)
    assert "may it begin?" in refused.out
    assert (place.acts(), place.served_wire("dispenser"), [run["id"] for run in place.runs()]) == before
    silent = place.call("run", again, "--lab", place.lab, stdin="", code=5)  # nobody there to answer
    assert (place.acts(), place.served_wire("dispenser")) == before[:2]
    assert "may it begin?" in silent.out

    done = place.call("run", again, "--lab", place.lab, "--yes")
    run = re.search(r"^run (\S+)$", done.out, re.MULTILINE)
    assert run, done.out
    found = place.events(run[1])
    stated = {e["data"]["vessel"]: e["data"] for e in found if e["kind"] == "vessel_stated"}
    assert {one["by"] for one in stated.values()} == {f"run {first.run}"}
    assert stated["reactor"]["place"] == "stirrer"
    assert stated["reactor"]["contents"]["acetone"]["mid"] == pytest.approx(1.0)
    assert stated["bottle/3"]["contents"]["acetone"]["mid"] == pytest.approx(499.0)
    acts = [e for e in found if e["kind"] == "intended"]
    assert [e["data"]["method"] for e in acts] == ["stir", "stop_heating", "stop_stirring"]  # it stands there


def until_asked(place: Place, process: subprocess.Popen[str]) -> Entry:
    """Wait for the first question of the run under way and return it."""
    end = time.monotonic() + 100
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        found = lines(place.call("events", "last", "--json", code=None).out)
        asked = [event["data"] for event in found if event["kind"] == "asked"]
        if asked:
            return asked[0]
        time.sleep(1)
    raise AssertionError("nothing was asked")


@HEAVY
@pytest.mark.timeout(240)
@pytest.mark.parametrize("transport", ["rfc2217", "socket"])
def test_the_protocol_of_the_demo_runs_as_it_is(tmp_path: Path, protocols: Path, transport: str) -> None:
    lab = yaml.safe_load((protocols / "polyamic_acid" / "robot.yaml").read_text(encoding="utf-8"))
    less = ["--set", "monomer=0.01 mmol", "--set", "total=5 mL", "--set", "watch=35 s"]
    with served(tmp_path, lab, transport, limit=200) as place:
        began = time.monotonic()
        run = ["run", protocols / "polyamic_acid" / "protocol.yaml", "--lab", place.lab, "--yes", *less]
        with place.begin(*run) as process:
            assert "Cap the vial" in until_asked(place, process)["text"]
            place.call("answer", "last", "q1", "done", "--by", "the operator")
            out, err = process.communicate(timeout=60)
        assert process.returncode == 0, f"{out}\n{err}"
        print(f"over {transport}: {time.monotonic() - began:.1f} s")
        found = place.events(place.runs()[-1]["id"])
        wire = {one: place.served_wire(one) for one in ("dispenser", "stirrer", "camera")}
        poured = sum(
            a["accepted_ml"] for a in place.acts() if a["act"] == "pour" and a["vessel"] == "reactor"
        )
    assert poured == pytest.approx(5.0, abs=0.15)
    assert [e["data"]["outcome"] for e in found if e["kind"] == "run_ended"] == ["done"]
    assert {e["source"] for e in found if e["kind"] == "settled"} == {"simulated"}
    assert len([e for e in found if e["kind"] == "image_taken"]) >= 3
    assert [e["data"]["by"] for e in found if e["kind"] == "answered"] == ["the operator"]
    assert wire["camera"][-1]["event"] == "closed"
    if transport == "rfc2217":
        settings = {
            one: {e["line"] for e in wire[one] if e["event"] == "in"} for one in ("dispenser", "stirrer")
        }
        assert settings == {"dispenser": {"115200 8N1"}, "stirrer": {"9600 7E1"}}


def stirrer_at(place: Place, port: str, name: str) -> Path:
    lab = yaml.safe_load(place.lab.read_text(encoding="utf-8"))
    lab["devices"]["stirrer"]["port"] = port
    path = place.folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**lab, "lab": name}), encoding="utf-8")
    return path


def test_the_same_over_bare_tcp_and_a_port_where_nobody_listens(tmp_path: Path, protocols: Path) -> None:
    with served(tmp_path, bench_of(protocols, at="stirrer"), "socket") as place:
        stir = place.protocol("stir", STIR)
        done = place.call("run", stir, "--lab", place.lab, "--yes")
        assert done.out.splitlines()[-1].endswith("notebook.html")
        run = place.runs()[-1]["id"]
        wire = place.wire(run, "stirrer")
        assert wire[0]["port"].startswith("socket://127.0.0.1:")
        assert heard(place.served_wire("stirrer"), "in") == texts(wire, "out")
        assert "OUT_SP_4 200 \r\n" in texts(wire, "out")
        for scheme in ("socket", "rfc2217"):
            lab = stirrer_at(place, f"{scheme}://127.0.0.1:9", f"nobody-{scheme}")
            failed = place.call("run", stir, "--lab", lab, "--yes", code=4)
            reason = next(line for line in failed.out.splitlines() if line.startswith("failed: "))
            assert reason.startswith(f"failed: stirrer: {scheme}://127.0.0.1:9: ")
            assert "refused" in reason.lower()
            assert "Check cable and power" in reason
            assert [e["kind"] for e in place.events(place.runs()[-1]["id"])].count("intended") == 0
        assert place.runs()[-1]["state"] == "failed"


@pytest.mark.parametrize("parity", ["N", "O"])
def test_a_stirrer_set_to_another_parity_is_named_with_the_settings_it_needs(
    tmp_path: Path, protocols: Path, parity: str
) -> None:
    lab = bench_of(protocols, at="stirrer")
    (tmp_path / "lab.yaml").write_text(yaml.safe_dump(lab), encoding="utf-8")
    command = [sys.executable, "-c", SET_OTHERWISE, "lab.yaml", "served.yaml", parity]
    with until_ready(command, tmp_path):
        place = Place(tmp_path)
        failed = place.call("run", place.protocol("stir", STIR), "--lab", place.lab, "--yes", code=4)
    reason = next(line for line in failed.out.splitlines() if line.startswith("failed: "))
    assert reason.startswith("failed: stirrer: ")
    assert "9600 7E1" in reason
    assert failed.wall < 20
    assert "Traceback" not in failed.err
