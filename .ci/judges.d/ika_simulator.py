"""Our driver `ika-namur` against labmcp-ika's simulator, which nobody of this project wrote."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from judging import HERE, JUDGE, TALKING, WORK, Verdict, environment, lines, until_ready, written

LAB = """
lab: Another's stirrer
devices: {{stirrer: {{driver: ika-namur, port: "{url}", simulated: true}}}}
positions: {{stirrer: {{fits: vial-50ml, station: stirrer}}}}
vessels: {{vial: {{at: stirrer, labware: vial-50ml, empty: true}}}}
observers: []
"""
PROTOCOL = """
labcore: 1
name: Drive another's simulator
vessels: {vial: {labware: vial-50ml}}
devices: {stirrer: [stirring, heating]}
steps:
  - stir: {vessel: vial, speed: 300 rpm}
  - heat: {vessel: vial, temperature: 45 °C}
  - wait: %s
  - measure: {what: speed, of: stirrer}
  - measure: {what: temperature, of: stirrer}
finally:
  - stop: {device: stirrer}
"""
KNOWN = ("IN_NAME", "IN_PV_", "IN_SP_", "OUT_SP_", "OUT_WD1@", "OUT_WD2@", "START_", "STOP_", "STATUS_")


def labcore(folder: Path, *args: str) -> subprocess.Popen[str]:
    """Start labcore with a state of its own."""
    env = {**os.environ, "LABCORE_STATE": str(folder / "state")}
    command = [sys.executable, "-m", "labcore.cli.main", *args]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, env=env, text=True, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )


def events(folder: Path) -> list[dict[str, Any]]:
    """Return the events of the last run."""
    out, _ = labcore(folder, "events", "last", "--json").communicate(timeout=TALKING)
    return [json.loads(line) for line in out.splitlines()]


def a_whole_run(folder: Path, verdict: Verdict) -> None:
    """Stir, heat, read, stop, and compare with what the simulator saw."""
    process = labcore(folder, "run", "run.yaml", "--lab", "lab.yaml", "--yes", "--quiet")
    out, err = process.communicate(timeout=TALKING)
    verdict.check(
        "labcore run ends with 0", process.returncode == 0, err.strip() or out.strip().splitlines()[-1]
    )
    found = events(folder)
    statuses = [one["data"]["status"] for one in found if one["kind"] == "settled"]
    verdict.check("every act settled as done", bool(statuses) and set(statuses) == {"done"}, statuses)
    values = {one["data"]["observable"]: one["data"]["value"] for one in found if one["kind"] == "observed"}
    log = lines(folder / "theirs.jsonl")
    sent = [one["command"] for one in log if one["command"] is not None]
    unknown = [one for one in sent if not one.startswith(KNOWN)]
    verdict.check("only documented commands were sent", not unknown, unknown or f"{len(sent)} commands")
    running = [one for one in log if one["motor"] and one["heating"]]
    verdict.check("its motor and heater were on together", bool(running))
    at = running[-1]
    verdict.near("its speed set-point", at["speed_setpoint"], 300, 0)
    verdict.near("its temperature set-point", at["temp_setpoint"], 45, 0)
    verdict.near("our reading of the speed", values.get("speed", -1), at["speed"], 10)
    verdict.near("our reading of the plate", values.get("temperature", -1), at["plate"], 1.5)
    verdict.check(
        "the plate warmed", at["plate"] > log[0]["plate"] + 0.5, f"{log[0]['plate']:.1f} to {at['plate']:.1f}"
    )
    verdict.check(
        "its watchdog was armed with 20 s", (at["wd_mode"], at["wd_time"]) == (1, 20), at["wd_mode"]
    )
    verdict.check("its watchdog never fired", not any(one["wd_tripped"] for one in log))
    end = log[-1]
    verdict.check("motor and heater are off in the end", not end["motor"] and not end["heating"])
    verdict.check("the watchdog is off in the end", end["wd_mode"] is None, end["wd_mode"])


def a_run_that_is_killed(folder: Path, verdict: Verdict) -> None:
    """Kill labcore in the middle: the watchdog it armed must stop the plate."""
    process = labcore(folder, "run", "long.yaml", "--lab", "lab.yaml", "--yes", "--quiet")
    end = time.monotonic() + 30
    log = lines(folder / "theirs.jsonl")
    while not (log[-1]["motor"] and log[-1]["heating"]) and time.monotonic() < end:
        time.sleep(0.2)
        log = lines(folder / "theirs.jsonl")
    time.sleep(25)  # longer than the watchdog waits
    fed = lines(folder / "theirs.jsonl")[-1]
    verdict.check("fed for 25 s, it goes on", fed["motor"] and fed["heating"] and not fed["wd_tripped"])
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=TALKING)
    killed = time.time()
    time.sleep(22)
    log = lines(folder / "theirs.jsonl")
    off = next(
        (one["at"] for one in log if one["at"] > killed and not one["motor"] and not one["heating"]), None
    )
    after = "never" if off is None else f"{off - killed:.1f} s after"
    verdict.check("killed, it goes off within 20 s", off is not None and off - killed <= 21, after)


def main() -> None:
    """Serve their simulator from their environment and run ours against it."""
    verdict = Verdict()
    python = environment("labmcp", "labmcp-ika==0.1.1", "labmcp-mettler-toledo==0.1.3")
    folder = WORK / JUDGE
    written(folder, "run.yaml", PROTOCOL % "12 s")
    written(folder, "long.yaml", PROTOCOL % "10 min")
    (folder / "theirs.jsonl").unlink(missing_ok=True)
    server = [python, HERE / "theirs" / "labmcp_ika_simulator.py", folder / "theirs.jsonl"]
    with until_ready(server, folder) as said:
        written(folder, "lab.yaml", LAB.format(url=said[-1].split()[-1]))
        a_whole_run(folder, verdict)
        a_run_that_is_killed(folder, verdict)
    verdict.exit()


main()
