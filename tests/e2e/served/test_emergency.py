"""Pause, stop and emergency stop from another process, on devices that a third one serves."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are stopped and ended the POSIX way")
STIRS = """
labcore: 1
name: Stirs for hours
vessels: {reactor: {labware: vial-50ml}}
devices: {mover: [placing], stirrer: [stirring]}
steps:
  - stir: {vessel: reactor, speed: 300 rpm}
  - wait: 10 h
finally:
  - note: cleaned up
"""
BLOCKS = """
labcore: 1
name: A driver that blocks
vessels: {reactor: {labware: vial-50ml}}
devices: {stirrer: [stirring, measuring]}
steps:
  - stir: {vessel: reactor, speed: 300 rpm}
  - measure: {what: temperature, of: stirrer}
    every: 0.1 s
    for: 10 h
"""
BLOCKING = '''
"""A driver that forgets that it is on the event loop."""

import time

from labcore_namur.driver import IkaNamur


class Blocking(IkaNamur):
    async def measure(self, what, spot):
        time.sleep(2)
        return await super().measure(what, spot)
'''


def until(condition: Callable[[], Any], what: str, limit: float = 60.0) -> Any:
    end = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.1)
    return found


@contextmanager
def going(place: Any, text: str = STIRS, step: str = "wait") -> Iterator[subprocess.Popen[str]]:
    """A real run that has come to a step of a kind."""
    with place.begin("run", place.protocol("stirs", text), "--lab", place.lab, "--yes") as run:
        try:
            until(lambda: run.poll() is not None or begun(place, step), f"{step} begins")
            assert run.poll() is None, run.communicate()
            yield run
        finally:
            run.kill()
            run.communicate()


def begun(place: Any, verb: str) -> bool:
    return any(e["data"].get("verb") == verb for e in place.events("last") if e["kind"] == "step_started")


def heard(place: Any, device: str) -> str:
    return "".join(one["text"] for one in place.served_wire(device) if one["event"] == "in")


def kinds(place: Any, kind: str) -> list[Any]:
    return [event["data"] for event in place.events("last") if event["kind"] == kind]


def guard_file(place: Any) -> Path:
    [path] = (place.folder / "state" / "labs").glob("*/guards/*.json")
    return path


@pytest.fixture(params=["rfc2217", "socket"])
def bench(request: Any, tmp_path: Path, serving: Any) -> Iterator[Any]:
    with serving.serve(tmp_path, serving.lab(at="stirrer"), request.param) as place:
        yield place


@pytest.fixture
def tcp(tmp_path: Path, serving: Any) -> Iterator[Any]:
    with serving.serve(tmp_path, serving.lab(at="stirrer"), "socket") as place:
        yield place


def test_a_run_is_paused_resumed_and_stopped_from_another_process(bench: Any) -> None:
    with going(bench) as run:
        control = bench.run_folder("") / bench.runs()[-1]["id"] / "control.json"
        assert stat.S_IMODE(control.stat().st_mode) == 0o600
        paused = bench.call("pause", "last", "--why", "lunch")
        assert "paused at " in paused.out
        assert "after step 1" in paused.out
        refused = bench.call("pause", "last", code=2)
        assert "the run is paused" in refused.err
        bench.call("resume", "last")
        stopped = bench.call("stop", "last", "--why", "enough")
        assert "stirrer: halted" in stopped.out
        assert run.wait(30) == 3
        assert not control.exists()
    asked = [(one["what"], one["why"], bool(one["by"])) for one in kinds(bench, "control_asked")]
    assert asked == [("pause", "lunch", True), ("resume", "", True), ("stop", "enough", True)]
    assert [one["text"] for one in kinds(bench, "noted")] == ["cleaned up"]
    assert "STOP_4" in heard(bench, "stirrer")
    for word in ("pause", "resume", "stop", "abort"):
        assert "has ended: stopped" in bench.call(word, "last", code=2).err


def test_an_abort_makes_safe_and_cleans_nothing_up(tcp: Any) -> None:
    with going(tcp) as run:
        assert "aborted at " in tcp.call("abort", "last").out
        assert run.wait(30) == 3
    assert kinds(tcp, "noted") == []
    assert "STOP_4" in heard(tcp, "stirrer")


def test_the_emergency_stop_reaches_a_run_and_holds_the_lab(bench: Any) -> None:
    with going(bench) as run:
        assert stat.S_IMODE(guard_file(bench).stat().st_mode) == 0o600
        done = bench.call("estop", "--why", "smoke")
        assert "stirrer: confirmed safe" in done.out
        assert "does not replace the hardware emergency stop" in done.out
        assert run.wait(30) == 3
    ended = kinds(bench, "run_ended")[0]
    assert ended["outcome"] == "aborted"
    assert "emergency stop by " in ended["reason"]
    assert "smoke" in ended["reason"]
    assert [(one["what"], one["why"]) for one in kinds(bench, "control_asked")] == [("estop", "smoke")]
    assert kinds(bench, "noted") == [], "no clean-up after an emergency stop"
    wire = bench.wire(bench.runs()[-1]["id"], "stirrer")
    broke_in = [one["text"] for one in wire if one.get("urgent")]
    assert broke_in[:2] == ["STOP_1 \\r\\n", "STOP_4 \\r\\n"], "heat first"

    refused = bench.call("run", bench.protocol("stirs", STIRS), "--lab", bench.lab, "--yes", code=5)
    assert "emergency stop" in refused.err
    assert len(bench.runs()) == 1, "a refused run leaves no folder"
    assert "set by" in bench.call("estop", "--status", code=5).out
    looked = bench.call("estop", "--reset", code=5)
    assert "Before it is reset, look" in looked.out
    bench.call("estop", "--status", code=5)
    bench.call("estop", "--reset", "--yes", "--why", "a cable smouldered")
    assert "not set" in bench.call("estop", "--status").out
    [history] = (bench.folder / "state" / "labs").glob("*/estop-history.jsonl")
    lines = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
    assert [one["what"] for one in lines if "by" in one] == ["set", "reset"]
    assert all(one["by"] for one in lines if "by" in one)


def test_an_owner_that_lives_and_does_not_answer_is_named(tcp: Any) -> None:
    with going(tcp) as run:
        run.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        done = tcp.call("estop", code=4)
        assert time.monotonic() - began < 15
        assert f"process {run.pid} of run" in done.out
        assert "lives and does not answer" in done.out
        assert "stirrer" in done.out
        assert "stirrer: NOT REACHED" in done.out
        assert "STOP_4" not in heard(tcp, "stirrer")
        still = tcp.call("estop", "--reset", "--yes", code=2)
        assert "still lives" in still.err
        run.send_signal(signal.SIGCONT)
        assert run.wait(30) == 3, "as soon as it goes on it finds the latch"
    assert kinds(tcp, "run_ended")[0]["outcome"] == "aborted"
    assert "STOP_4" in heard(tcp, "stirrer")
    tcp.call("estop", "--reset", "--yes")


def test_a_dead_owners_devices_are_made_safe_by_whoever_presses(bench: Any) -> None:
    with going(bench) as run:
        run.kill()
        run.wait(10)
        assert "STOP_4" not in heard(bench, "stirrer")
        done = bench.call("estop")
    assert "is gone" in done.out
    assert "stirrer: confirmed safe" in done.out
    assert heard(bench, "stirrer").index("STOP_1") < heard(bench, "stirrer").index("STOP_4")


def test_it_works_without_any_run_from_a_lab_file(tcp: Any) -> None:
    assert "which lab?" in tcp.call("estop", code=2).err
    assert "no lab 'elsewhere'" in tcp.call("estop", "--lab", "elsewhere", code=2).err
    done = tcp.call("estop", "--lab", tcp.lab)
    assert "dispenser: confirmed safe" in done.out
    assert "stirrer: confirmed safe" in done.out
    assert "STOP_1" in heard(tcp, "stirrer")
    assert (
        "emergency stop"
        in tcp.call("run", tcp.protocol("stirs", STIRS), "--lab", tcp.lab, "--yes", code=5).err
    )
    tcp.call(
        "run", tcp.protocol("stirs", STIRS.replace("10 h", "1 s")), "--lab", tcp.lab, "--simulate", "--quiet"
    )
    tcp.call("estop", "--reset", "--yes")


def test_a_device_that_is_not_there_is_not_reached_and_the_others_are(tcp: Any) -> None:
    text = tcp.lab.read_text(encoding="utf-8")
    port = next(one for one in text.split() if one.startswith("socket://"))
    elsewhere = tcp.folder / "elsewhere.yaml"
    elsewhere.write_text(text.replace(port, "socket://127.0.0.1:9", 1), encoding="utf-8")
    done = tcp.call("estop", "--lab", elsewhere, code=4)
    assert "dispenser: NOT REACHED" in done.out
    assert "stirrer: confirmed safe" in done.out


def test_a_driver_that_blocks_the_loop_delays_no_frame(tcp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tcp.folder / "blocking.py").write_text(textwrap.dedent(BLOCKING), encoding="utf-8")
    info = tcp.folder / "blocking-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(
        "[labcore.drivers]\nblocking = blocking:Blocking\n", encoding="utf-8"
    )
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: blocking\nVersion: 1\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tcp.folder))
    lab = tcp.lab.read_text(encoding="utf-8")
    tcp.lab.write_text(lab.replace("driver: ika-namur", "driver: blocking"), encoding="utf-8")
    with going(tcp, BLOCKS, "measure") as run:
        done = tcp.call("estop")
        assert "stirrer: confirmed safe" in done.out
        assert run.wait(30) == 3
    assert "STOP_1" in heard(tcp, "stirrer")
    [blocked] = [e for e in tcp.served_wire("stirrer") if e["event"] == "in" and "STOP_1" in e["text"]][:1]
    [history] = (tcp.folder / "state" / "labs").glob("*/estop-history.jsonl")
    latched = json.loads(history.read_text(encoding="utf-8").splitlines()[0])
    assert seconds(blocked["at"]) - seconds(latched["at"]) < 1.0, "it waited for the driver"


def seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
