"""Protocols and labs that are measured. Needs no labcore: the peers' side reads one of them too."""

from __future__ import annotations

STEPS = 10_000  # P6
BYTES = 834_000
VIALS = [f"v{number}" for number in range(1, 25)]  # P9: each goes through six steps, an hour apiece

MEMORY_LAB = """
lab: bench in memory
devices: {doser: {driver: in-memory-doser}}
positions: {plate: {fits: vial-50ml, reach: [doser]}}
stock: {water: {in: bottle, volume: 400 mL, reach: [doser]}}
vessels: {vial: {at: plate, labware: vial-50ml, empty: true}}
"""
GANTRY_LAB = """
lab: one gantry
devices: {dispenser: {driver: gantry-dispenser, port: "sim://gantry", profile: grbl11-syringe, syringe: 25 mL}}
positions: {stirrer: {fits: vial-50ml, reach: [dispenser]}}
stock: {water: {in: bottle/1, volume: 250 mL, reach: [dispenser]}}
vessels: {vial: {at: stirrer, labware: vial-50ml, empty: true}}
"""


def protocol(steps: str, head: str = "") -> str:
    """Return a protocol of the given steps; `head` declares what it needs."""
    return f"labcore: 1\nname: measured\n{head}steps:\n{steps}"


def long_protocol(steps: int) -> str:
    """Return P6's text: every step doses between 1 and 4 uL, two quantities each, so that the vial holds them all."""
    return protocol("".join(_dose(number) for number in range(steps)))


def _dose(number: int) -> str:
    volume, tolerance = 1 + number % 300 / 100, 3 + number % 30 / 10
    line = f"  - dispense: {{material: water, into: vial, volume: {volume:.2f} uL, tolerance: {tolerance:.1f} %}}"
    return line.ljust(BYTES // STEPS - 1) + "\n"


def day_protocol() -> str:
    """Return P9's protocol: 24 vials one after the other through six steps, a day in all."""
    declared = "\n".join(f"  {name}: {{labware: vial-50ml}}" for name in VIALS)
    steps = f"""\
  - for_each:
      vial: [{", ".join(VIALS)}]
      do:
        - place_vial: {{vessel: "${{vial}}", onto: stirrer}}
        - dispense: {{material: water, into: "${{vial}}", volume: 10 mL}}
        - stir: {{vessel: "${{vial}}", speed: 300 rpm}}
        - wait: 58 min
        - measure: {{what: speed, in: "${{vial}}"}}
        - move: {{vessel: "${{vial}}", onto: "rack/${{vial}}"}}
"""
    devices = "devices: {dispenser: [dosing], mover: [placing], stirrer: [stirring, measuring]}"
    return protocol(steps, f"materials: {{water: {{}}}}\nvessels:\n{declared}\n{devices}\n")


def day_lab(observers: str = "") -> str:
    """Return P9's lab: a gantry that doses and places, a stirrer, and 24 places in a rack."""
    places = [(name, 20 + 20 * (number % 6), 20 + 20 * (number // 6)) for number, name in enumerate(VIALS)]
    positions = "\n".join(
        f"  rack/{name}: {{fits: vial-50ml, reach: [mover], xy: [{x}, {y}]}}" for name, x, y in places
    )
    vessels = "\n".join(f"  {name}: {{at: rack/{name}, labware: vial-50ml, empty: true}}" for name in VIALS)
    return f"""
lab: a bench for a day
devices:
  dispenser: {{driver: gantry-dispenser, port: "sim://gantry", profile: grbl11-syringe, syringe: 25 mL}}
  mover: {{same_as: dispenser}}
  stirrer: {{driver: ika-namur, port: "sim://ika-rct"}}
positions:
{positions}
  stirrer: {{fits: vial-50ml, reach: [mover, dispenser], station: stirrer}}
stock:
  water: {{in: bottle/1, volume: 500 mL, labware: bottle-500ml, reach: [dispenser]}}
vessels:
{vessels}
observers: [{observers}]
"""


DOSES = 8  # of one run of the kill experiment


def pump_protocol() -> str:
    """Return the protocol of the kill experiment: dose number n is n uL; a dose of unknown end is passed over."""
    dose = "  - dispense: {{material: water, into: vial, volume: {} uL}}\n    on_error: skip\n"
    return protocol("".join(dose.format(number) for number in range(1, DOSES + 1)))


def pump_lab(port: int) -> str:
    """Return its lab."""
    device = f'{{driver: counting-pump, port: "tcp://127.0.0.1:{port}"}}'
    return MEMORY_LAB.replace("{driver: in-memory-doser}", device)
