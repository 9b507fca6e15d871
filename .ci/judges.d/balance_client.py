"""The simulated MT-SICS balance against labmcp-mettler-toledo's driver."""

from __future__ import annotations

import yaml
from judging import Verdict, environment, served, theirs

from labcore_simulators.world import World

LAB = """
lab: A balance for others
devices: {scales: {driver: mt-sics, port: "sim://balance"}}
positions: {pan: {station: scales}}
vessels: {vial: {at: pan, labware: vial-50ml, contents: {water: 10 mL}}}
"""


def main() -> None:
    """Weigh, tare, zero, and read the names."""
    verdict = Verdict()
    python = environment("labmcp", "labmcp-ika==0.1.1", "labmcp-mettler-toledo==0.1.3")
    with served("scales", LAB, "socket") as (folder, urls):
        told = theirs(python, "labmcp_balance.py", urls["scales"])
    world = World.from_lab(yaml.safe_load(LAB), folder=folder)
    truth = world.mass("vial", world.clock)
    verdict.near("stable weight, g, against the truth", told["weight"]["value"], truth, 0.05)
    verdict.check("in gram and stable", (told["weight"]["unit"], told["weight"]["stable"]) == ("g", True))
    verdict.near("weight at once, g", told["at_once"]["value"], truth, 0.1)
    verdict.near("tare, g", told["tare"]["value"], truth, 0.05)
    verdict.near("weight after tare, g", told["after_tare"]["value"], 0, 0.02)
    verdict.near("weight after the tare was cleared, g", told["after_clear"]["value"], truth, 0.05)
    verdict.near("preset tare, g", told["preset"]["value"], 12.5, 0.01)
    verdict.near("weight over the preset tare, g", told["after_preset"]["value"], truth - 12.5, 0.05)
    verdict.check("has a serial number and a model", bool(told["identity"].get("serial")), told["identity"])
    verdict.check(
        "reset tells the serial number", told["reset"] == told["identity"].get("serial"), told["reset"]
    )
    verdict.check("an unknown command is a syntax error", "syntax error" in told["unknown"], told["unknown"])
    verdict.exit()


main()
