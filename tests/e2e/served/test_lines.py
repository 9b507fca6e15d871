"""Other lines: bare TCP, nobody there, another parity; and the demo's protocol as it is."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are ended the POSIX way")
Entry = dict[str, Any]
HEAVY = pytest.mark.skipif("LABCORE_HEAVY" not in os.environ, reason="takes long; set LABCORE_HEAVY=1")
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


def until_asked(place: Any, process: subprocess.Popen[str]) -> Entry:
    """Wait for the first question of the run under way and return it."""
    end = time.monotonic() + 100
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        found = place.events("last")
        asked = [event["data"] for event in found if event["kind"] == "asked"]
        if asked:
            return asked[0]
        time.sleep(1)
    raise AssertionError("nothing was asked")


@HEAVY
@pytest.mark.timeout(240)
@pytest.mark.parametrize("transport", ["rfc2217", "socket"])
def test_the_protocol_of_the_demo_runs_as_it_is(
    tmp_path: Path, serving: Any, protocols: Path, transport: str
) -> None:
    lab = yaml.safe_load((protocols / "polyamic_acid" / "robot.yaml").read_text(encoding="utf-8"))
    less = ["--set", "monomer=0.01 mmol", "--set", "total=5 mL", "--set", "watch=35 s"]
    with serving.serve(tmp_path, lab, transport, limit=200) as place:
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
    assert len([e for e in found if e["kind"] == "image_taken"]) >= 2
    assert [e["data"]["by"] for e in found if e["kind"] == "answered"] == ["the operator"]
    assert wire["camera"][-1]["event"] == "closed"
    if transport == "rfc2217":
        settings = {
            one: {e["line"] for e in wire[one] if e["event"] == "in"} for one in ("dispenser", "stirrer")
        }
        assert settings == {"dispenser": {"115200 8N1"}, "stirrer": {"9600 7E1"}}


def stirrer_at(place: Any, port: str, name: str) -> Path:
    lab = yaml.safe_load(place.lab.read_text(encoding="utf-8"))
    lab["devices"]["stirrer"]["port"] = port
    path = place.folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**lab, "lab": name}), encoding="utf-8")
    return path


def test_the_same_over_bare_tcp_and_a_port_where_nobody_listens(tmp_path: Path, serving: Any) -> None:
    with serving.serve(tmp_path, serving.lab(at="stirrer"), "socket") as place:
        stir = place.protocol("stir", STIR)
        done = place.call("run", stir, "--lab", place.lab, "--yes")
        assert done.out.splitlines()[-1].endswith("notebook.html")
        run = place.runs()[-1]["id"]
        assert place.wire(run, "stirrer")[0]["port"].startswith("socket://127.0.0.1:")
        sent = place.sent(run, "stirrer")
        assert "".join(e["text"] for e in place.served_wire("stirrer") if e["event"] == "in") == sent
        assert "OUT_SP_4 200 \r\n" in sent
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
    place: Any, serving: Any, parity: str
) -> None:
    with serving.set_otherwise(place.folder, serving.lab(at="stirrer"), parity):
        failed = place.call("run", place.protocol("stir", STIR), "--lab", place.lab, "--yes", code=4)
    reason = next(line for line in failed.out.splitlines() if line.startswith("failed: "))
    assert reason.startswith("failed: stirrer: ")
    assert "9600 7E1" in reason
    assert failed.wall < 20
    assert "Traceback" not in failed.err
