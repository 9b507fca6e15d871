"""Families 4, 5 and 6: devices, places, volumes and stock."""

from __future__ import annotations

from labcore.pipeline.codes.code import Code

CODES = (
    Code(
        "E401",
        "Unknown device",
        "The lab has no device of this name.",
        "Name one of the lab's devices, or add it to the lab file.",
    ),
    Code(
        "E402",
        "Device cannot do this",
        "The device's driver does not have the ability that is needed.",
        "Use another device.",
    ),
    Code("E404", "Unknown output", "The device has no such output.", "Outputs are speed and temperature."),
    Code(
        "E405",
        "Unknown driver",
        "No installed plugin offers this driver.",
        "Correct the word, or install the plugin.",
    ),
    Code(
        "E406",
        "Driver without simulator",
        "A simulated run replaces every device; this one has no stand-in.",
        "Run without --simulate, or use another driver.",
    ),
    Code(
        "E407",
        "No way to reach a device",
        "The driver needs a `port` or a `source`.",
        "Add it to the lab file.",
    ),
    Code(
        "E408",
        "Unknown observer",
        "No installed plugin offers this observer.",
        "Correct the word, or install the plugin.",
    ),
    Code(
        "E501",
        "Unknown place",
        "The lab has no such position, and no device of this name has places.",
        "Add it under `positions:` in the lab file.",
    ),
    Code(
        "E502",
        "Place occupied",
        "Another vessel stands there by then.",
        "Move it away first, or use another place.",
    ),
    Code(
        "W502",
        "Place perhaps occupied",
        "On one of the ways the protocol can go, another vessel stands there.",
        "Move it away in every case.",
    ),
    Code(
        "E503",
        "Vessel does not fit",
        "The place takes other types of vessel.",
        "Use another place or vessel.",
    ),
    Code(
        "E504",
        "Out of reach",
        "The device does not reach, see or serve the place.",
        "Use a place it reaches, or correct the lab file.",
    ),
    Code(
        "E505",
        "Unknown position",
        "Nobody knows where the vessel stands.",
        "Say so in the lab file (`at:`) or with `labcore lab set`.",
    ),
    Code(
        "W506",
        "Nobody knows where any vessel stands",
        "No vessel of the protocol has a place at the beginning.",
        "Give each an `at:` in the lab file.",
    ),
    Code(
        "E507",
        "Labware differs",
        "Protocol and lab say different types for one vessel.",
        "Use one of the two in both files.",
    ),
    Code(
        "E508",
        "Place taken twice",
        "Two vessels or two materials begin at the same place.",
        "Give each a place of its own.",
    ),
    Code(
        "E601", "Overfill", "The vessel would hold more than it can.", "Use a larger vessel or less liquid."
    ),
    Code(
        "W601",
        "Possible overfill",
        "With all uncertainties against it, the vessel would hold more than it can.",
        "Leave some room.",
    ),
    Code(
        "E602",
        "Not enough left",
        "The source holds less than is needed by then.",
        "Provide more, or use less.",
    ),
    Code(
        "W602",
        "Perhaps not enough left",
        "With all uncertainties against it, the source holds less than is needed.",
        "Provide some more.",
    ),
    Code(
        "E603",
        "Material not in stock",
        "The lab's `stock:` does not have it.",
        "Add it to the lab file, with the bottle it is in.",
    ),
    Code(
        "E604",
        "No waste",
        "Priming and rinsing need a declared waste.",
        "Add `waste:` to the lab file and say where it stands.",
    ),
    Code(
        "E605",
        "Too uncertain for to_total",
        "What the vessel holds is not known well enough to fill it up, perhaps because some may evaporate until then.",
        "Weigh it, give a volume, allow more `tolerance`, or state `closed: true` or its `evaporation`.",
    ),
    Code(
        "W605",
        "Perhaps too uncertain for to_total",
        "On one of the ways the protocol can go, the content is too uncertain.",
        "Weigh it first.",
    ),
    Code(
        "E606",
        "Fuller than to_total",
        "The vessel already holds more than the total asked for.",
        "Ask for a larger total.",
    ),
    Code(
        "W606",
        "Perhaps fuller than to_total",
        "On one of the ways the protocol can go, the vessel already holds more.",
        "Ask for a larger total.",
    ),
    Code(
        "W607",
        "Stock differs from the material",
        "Solute, concentration or solvent differ between protocol and lab.",
        "Check the bottle, then correct one of the files.",
    ),
    Code(
        "W608",
        "Measurement contradicts the ledger (run)",
        "A weighing or a measured volume and what is on record of a vessel cannot both be right.",
        "Answer the question: believe the measurement, believe the ledger, or stop.",
    ),
)
