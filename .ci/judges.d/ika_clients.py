"""The simulated stirrer-hotplate against clients that were written for real IKA devices by others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from judging import Verdict, environment, lines, served, theirs

LAB = """
lab: A stirrer for others
devices: {stirrer: {driver: ika-namur, port: "sim://ika-rct"}}
positions: {stirrer: {fits: vial-50ml, station: stirrer}}
vessels: {vial: {at: stirrer, labware: vial-50ml, contents: {water: 20 mL}}}
"""


def of_line(folder: Path, verdict: Verdict, settings: str) -> str:
    """Check the line settings of all bytes and return what the client sent."""
    log = lines(folder / "wire.jsonl")
    chunks = [entry for entry in log if entry["event"] in ("in", "out")]
    seen = {entry["line"] for entry in chunks}
    verdict.check("every byte came under the documented line settings", seen == {settings}, seen)
    verdict.check("no byte was garbled", not [one for one in chunks if "garbled" in one])
    return "".join(entry["text"] for entry in chunks if entry["event"] == "in")


def acts(folder: Path, kind: str, key: str) -> list[Any]:
    """Return what really happened."""
    return [act[key] for act in lines(folder / "acts.jsonl") if act["act"] == kind]


def matterlab(verdict: Verdict, transport: str) -> None:
    """matterlab-hotplates opens and closes the port around every command."""
    python = environment("matterlab", "matterlab-hotplates==1.2.1")
    with served(f"matterlab-{transport}", LAB, transport) as (folder, urls):
        told = theirs(python, "matterlab_ika.py", urls["stirrer"])
    verdict.near(f"matterlab over {transport}: speed", told["rpm"], 500, 10)
    verdict.near(f"matterlab over {transport}: speed after stand_by", told["rpm_after"], 0, 5)
    verdict.check(f"matterlab over {transport}: temperature is one", 15 < told["temp"] < 60, told["temp"])
    speeds, targets = acts(folder, "stir", "rpm"), acts(folder, "heat", "target_c")
    verdict.check(
        "truth: the motor was set to 500 rpm, then off", max(speeds) == 500 and speeds[-1] == 0, speeds
    )
    verdict.check(
        "truth: the heater was set to 60 °C, then off", 60 in targets and targets[-1] is None, targets
    )
    if transport == "rfc2217":
        sent = of_line(folder, verdict, "9600 7E1")
        wanted = (
            "RESET",
            "OUT_SP_1 0.0",
            "STOP_1",
            "OUT_SP_4 500",
            "START_4",
            "IN_PV_4",
            "OUT_SP_1 60.0",
            "START_1",
        )
        verdict.check("the client sent what was expected of it", all(f"{one}\r\n" in sent for one in wanted))


def labmcp(verdict: Verdict) -> None:
    """labmcp-ika keeps one connection, with the manual's line end, and uses both watchdogs."""
    python = environment("labmcp", "labmcp-ika==0.1.1", "labmcp-mettler-toledo==0.1.3")
    with served("labmcp", LAB, "socket") as (folder, urls):
        told = theirs(python, "labmcp_ika_client.py", urls["stirrer"])
    verdict.check("labmcp: model", told["model"] == "RCT digital", told["model"])
    verdict.near("labmcp: speed set", told["speed_set"], 300, 0)
    verdict.near("labmcp: speed", told["speed"], 300, 10)
    verdict.near("labmcp: temperature set", told["temperature_set"], 50, 0)
    verdict.check(
        "labmcp: the plate warms", told["plate_after"] > told["plate_before"] + 1, told["plate_after"]
    )
    safety = told["safety"]
    verdict.check("labmcp: safety temperature lies 50 °C above the greatest set-point", safety >= 360, safety)
    verdict.check("labmcp: watchdog 2 is armed, fed and cancelled", told["watchdog2"] == "cancelled")
    verdict.near("labmcp: speed while watchdog 1 is fed", told["speed_fed"], 300, 10)
    verdict.near("labmcp: speed after watchdog 1 was left alone", told["speed_left_alone"], 0, 5)
    verdict.check("truth: heater off by the watchdog", acts(folder, "heat", "target_c")[-2:] == [50, None])
    verdict.check("truth: motor off by the watchdog", acts(folder, "stir", "rpm")[-2:] == [300, 0])


def main() -> None:
    """Let both drive it."""
    verdict = Verdict()
    matterlab(verdict, "rfc2217")
    matterlab(verdict, "socket")
    labmcp(verdict)
    verdict.exit()


main()
