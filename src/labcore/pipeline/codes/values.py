"""Families 3 and 7: units, values, limits."""

from __future__ import annotations

from labcore.pipeline.codes.code import Code

CODES = (
    Code(
        "E301",
        "Not a quantity",
        "Quantities are a number and a unit, like 20 mL; a bare number is no guess.",
        "Write number and unit, like 20 mL.",
    ),
    Code(
        "E302",
        "Wrong dimension",
        "The quantity, or what an expression comes to, measures something else.",
        "Use a unit that fits.",
    ),
    Code("E303", "Wrong value", "The value is of another kind than the key takes.", "Correct this value."),
    Code(
        "E304",
        "Bounds missing",
        "What is known only during the run must say between which values it may come out.",
        'Write {value: "${...}", min: ..., max: ...}.',
    ),
    Code(
        "E305",
        "Expression without a value",
        "The expression can be read, but not worked out.",
        "Check what it is made of.",
    ),
    Code(
        "E306",
        "Unreadable expression",
        "The text inside ${...} is no expression.",
        "Write names, numbers with units and + - * / only.",
    ),
    Code(
        "E307",
        "Known only during the run",
        "Here a value is needed before the run, so results and observations cannot be used.",
        "Use parameters and material properties only.",
    ),
    Code(
        "E308",
        "Not a condition",
        "A condition comes out as yes or no.",
        "Compare it with something, like turbidity(reactor) >= 4.",
    ),
    Code(
        "E309",
        "Longer than can be meant",
        "No step of a protocol lasts longer than ten years.",
        "Write a shorter time; look at its unit.",
    ),
    Code(
        "E701",
        "Outside the protocol's own bounds",
        "A parameter or a value is outside the min and max that the author gave.",
        "Choose a value within them, or change them.",
    ),
    Code(
        "E702",
        "Outside a device's limits",
        "Hardware, driver or lab do not allow this value; nothing is clamped.",
        "Choose a value within the limits.",
    ),
    Code(
        "E704",
        "Limit of no setting",
        "The device has no setting of this name, so the limit would protect nothing.",
        "Correct the name of the setting.",
    ),
    Code(
        "E703",
        "Limits that leave nothing",
        "A min is above its max, or the lab's limit and the hardware's have nothing in common.",
        "Correct the limit.",
    ),
)
