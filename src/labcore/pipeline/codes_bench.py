"""Codes about a laboratory: its devices, places, materials, limits, and what a run can meet."""

from __future__ import annotations

from labcore.pipeline.code_info import table

BENCH_CODES = table(
    {
        "E401": ("Unknown device", "The lab has no device of this name."),
        "E402": (
            "Missing ability",
            "The device, or every device of the lab, lacks a capability that is needed.",
        ),
        "E404": ("Unknown output", "The device has no output of this name."),
        "E405": ("Unknown driver", "No installed plugin has a driver of this name."),
        "E406": ("No simulator", "The driver names no simulator, so the device cannot be simulated."),
        "E407": ("No way to the device", "The lab file does not say how the device is reached."),
        "E408": ("Unknown observer", "No installed plugin has an observer of this name."),
        "E501": (
            "Unknown place",
            "The lab declares no such position, and no device of this name has places.",
        ),
        "E502": ("Place taken", "Another vessel stands there by then."),
        "E503": ("Does not fit", "The place does not take this labware."),
        "E504": ("Out of reach", "No device with the ability reaches the place."),
        "E505": ("Whereabouts unknown", "Nobody knows where the vessel stands."),
        "E507": ("Labware differs", "Protocol and lab name different labware for one vessel."),
        "E601": ("Overfull", "The vessel would hold more than its labware takes."),
        "E602": ("Not enough", "The vessel or bottle would hold less than is taken from it."),
        "E603": ("Not in stock", "The lab has no bottle of this material."),
        "E604": ("No waste", "The lab declares no vessel for waste."),
        "E605": (
            "Volume too uncertain",
            "What is in the vessel is not known well enough to fill up to a total.",
        ),
        "E606": ("More than the total already", "The vessel already holds more than the total asked for."),
        "E701": ("Outside a parameter's bounds", "The value is below the parameter's min or above its max."),
        "E702": ("Outside a limit", "A limit of the hardware, driver, lab or protocol would be passed."),
        "E801": (
            "Condition that nothing feeds",
            "No step makes the observation that the condition waits for.",
        ),
        "E802": ("No time passes", "A repetition has an interval of zero."),
        "E803": (
            "Repetition of what does not end",
            "`every` and `for` go with verbs in a way this verb does not take.",
        ),
        "E804": ("Endless repetition", "The repetition has neither times, for, nor until."),
        "E805": (
            "A part of the run failed",
            "A step failed during the run, and its policy ended what holds it.",
        ),
        "E806": ("Requirement does not hold", "A `require` was false when its step was to start."),
        "E807": ("Until was never true", "times or for ran out before `until` held."),
        "E808": ("Result used before it is saved", "An expression uses what a later step saves, or none."),
        "E901": (
            "Broken plugin",
            "A plugin cannot be loaded or breaks its contract; the others go on working.",
        ),
        "E908": ("Act failed", "A device did not carry out an act; it had not started."),
        "E909": ("Act partly done", "A device carried out a part of an act."),
        "E910": (
            "Act of unknown outcome",
            "Nobody knows what became of an act. It is not repeated without a decision.",
        ),
        "E911": ("Verb failed", "The code of a verb raised an error."),
        "W611": ("Perhaps overfull", "At the upper end of what is possible the vessel would be overfull."),
        "W901": ("No watchdog", "If this computer stops, the output stays as it is."),
    }
)
