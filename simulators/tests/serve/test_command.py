"""`labcore-sim serve` as its own process, over the real bench."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import serial

from labcore_simulators.serve.labfile import load

# pyserial 3.5 still calls Thread.setDaemon and setName in its RFC 2217 client.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")

LAB = """
lab: small bench
devices:
  dispenser: {driver: gantry-dispenser, port: "sim://gantry", syringe: 25 mL}
  stirrer: {driver: ika-namur, port: "sim://ika-rct"}
  scales: {driver: mt-sics, port: "sim://balance"}
  operator: {driver: operator, port: "sim://person"}
positions:
  rack/A1: {}
  stirrer: {station: stirrer}
  pan: {station: scales}
stock:
  acetone: {in: bottle/1, volume: 100 mL}
vessels:
  reactor: {at: pan, labware: vial-50ml, contents: {acetone: 10 mL}}
"""


def ask(port: str, text: bytes, end: bytes, **settings: object) -> bytes:
    with serial.serial_for_url(port, timeout=5, **settings) as line:
        line.write(text)
        return bytes(line.read_until(end))


@pytest.mark.parametrize(
    ("transport", "stop"), [("rfc2217", signal.SIGTERM), ("socket", signal.SIGINT), ("socket", None)]
)
def test_serves_until_it_is_stopped(tmp_path: Path, transport: str, stop: signal.Signals | None) -> None:
    lab, served = tmp_path / "lab.yaml", tmp_path / "served.yaml"
    lab.write_text(LAB, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "labcore_simulators.serve.main",
        "serve",
        str(lab),
        "--write",
        str(served),
    ]
    limit = ["--for", "60" if stop else "4"]
    with subprocess.Popen(
        [*command, "--transport", transport, *limit], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline().strip() for _ in range(5)]
            devices = load(served)["devices"]
            plate = ask(devices["stirrer"]["port"], b"IN_NAME\r\n", b"\n", bytesize=7, parity="E")
            weight = ask(devices["scales"]["port"], b"S\r\n", b"\n")
            if stop:
                process.send_signal(stop)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert [line.split(":")[0] for line in lines] == ["dispenser", "stirrer", "scales", "operator", "ready"]
    assert lines[3] == "operator: a person, not served"
    assert plate == b"RCT digital\r\n"
    assert re.fullmatch(rb"S S +39\.\d{3} g\r\n", weight)
    assert devices["operator"] == {"driver": "operator", "port": "sim://person"}
    wire = [json.loads(line) for line in (tmp_path / "served-world" / "wire.jsonl").read_text().splitlines()]
    assert {"text": "IN_NAME\r\n", "event": "in"}.items() <= next(
        e for e in wire if e["event"] == "in"
    ).items()
    assert (tmp_path / "served-world" / "acts.jsonl").exists()
