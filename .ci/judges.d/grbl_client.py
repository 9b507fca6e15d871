"""The simulated GRBL gantry against pygrbl-streamer, a client for real GRBL machines."""

from __future__ import annotations

from judging import Verdict, environment, lines, served, terminal_of, theirs

LAB = """
lab: A gantry for others
devices: {gantry: {driver: gantry-dispenser, port: "sim://gantry", profile: grbl11-syringe, syringe: 25 mL}}
positions: {rack/A1: {fits: vial-50ml, reach: [gantry]}, rack/A2: {fits: vial-50ml, reach: [gantry]}}
stock: {water: {in: bottle/1, volume: 100 mL, reach: [gantry], solvent: water}}
vessels: {vial: {at: rack/A1, labware: vial-50ml, empty: true}}
"""


def main() -> None:
    """Home, stream more lines than fit the buffer, hold, make errors, reset in motion, carry a vial."""
    verdict = Verdict()
    python = environment("grbl", "pygrbl-streamer==1.0.5")
    with served("gantry", LAB, "socket") as (folder, urls), terminal_of(urls["gantry"]) as device:
        told = theirs(python, "pygrbl.py", device)
    verdict.check(
        "greets with the banner of 1.1 after a soft reset",
        told["banner"].startswith("Grbl 1.1"),
        told["banner"],
    )
    verdict.check("boots in Alarm and refuses to move", told["locked"] == "error:9", told["locked"])
    verdict.check("homes", told["homed"] is True)
    verdict.check("streams 60 lines by counting characters", told["streamed"] is True)
    verdict.check("ends where it was sent", told["position"] == [120.0, 50.0, 0.0], told["position"])
    verdict.check("holds and goes on", told["held"] == "Hold" and told["resumed"] is True, told["held"])
    verdict.check("stands still while holding", told["drift"] < 0.01, told["drift"])
    verdict.check("answers an unknown word with error:20", told["unknown"] == "error:20", told["unknown"])
    verdict.check(
        "answers a line without letters with error:1", told["garbage"] == "error:1", told["garbage"]
    )
    held = told["after_hold_and_reset"]
    verdict.check(
        "a reset after a hold that has come to rest ends in Idle (position kept)", held == "Idle", held
    )
    ends = told["after_reset"], told["after_reset_alarm"]
    verdict.check("a reset in motion ends in Alarm 3 (position lost)", ends == ("Alarm", "ALARM:3"), ends)
    verdict.check("the client brings it back to Idle both times", told["recovered"] is True)
    acts = [act for act in lines(folder / "acts.jsonl") if act.get("vessel") == "vial"]
    carried = [(act["act"], act["place"]) for act in acts]
    verdict.check(
        "truth: the vial was carried", carried == [("lift", "rack/A1"), ("put", "rack/A2")], carried
    )
    verdict.exit()


main()
