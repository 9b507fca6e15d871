"""Families 8 and 9: timing, conditions, concurrency, plugins, safety, and what ends a step during a run."""

from __future__ import annotations

from labcore.pipeline.codes.code import Code

CODES = (
    Code(
        "E801",
        "Condition that nothing can feed",
        "No step gives the observation in time; an old value is never used.",
        "Add a step that observes it, after the vessel was last touched.",
    ),
    Code(
        "W801",
        "Observation too old for its condition",
        "The vessel is touched between the observation and the test, so the old value will not be used.",
        "Observe it again, right before the test.",
    ),
    Code("E802", "No time passes", "An interval or a limit of 0 s, or below.", "Give a longer time."),
    Code(
        "E803",
        "Modifier that does not fit",
        "The modifier means nothing for this kind of verb or block.",
        "Remove it, or put the step into a block.",
    ),
    Code(
        "E804",
        "Repetition without end",
        "Nothing ends the repetition.",
        "Add times, for, until, or background: true.",
    ),
    Code(
        "E805",
        "Condition undecided (run)",
        "The observation did not come in time, or could not be used.",
        "See `timeout` and `on_error`.",
    ),
    Code(
        "E806",
        "Requirement not met (run)",
        "`require` did not hold when the step was due.",
        "See the values in the event.",
    ),
    Code(
        "E807",
        "Loop over before until (run)",
        "`times` or `for` ran out before `until` held.",
        "Allow more rounds, or check what it waits for.",
    ),
    Code(
        "E808",
        "Step not finished in time (run)",
        "The step's `timeout` was over; what it did meanwhile is in its settlement.",
        "Allow more time.",
    ),
    Code(
        "E809",
        "Result used before it is saved",
        "No earlier step saves this result.",
        "Put the step with `save:` before this one.",
    ),
    Code(
        "N811",
        "Device shared by branches",
        "Parallel branches use one device: one waits for the other.",
        "Give each branch its own device to save time.",
    ),
    Code(
        "N812",
        "Condition without a bound",
        "If the condition never holds, the loop never ends.",
        "Add times or for.",
    ),
    Code(
        "W814",
        "Result perhaps not saved",
        "On one of the ways the protocol can go, nothing was saved.",
        "Save it in every case, before it is used.",
    ),
    Code(
        "W815",
        "Waiting without a limit",
        "`reach: true` waits for a value that may never come.",
        "Add a timeout.",
    ),
    Code(
        "N816",
        "Ends at once",
        "A background step, or an output with `for`, ends with its block; at the end of it nothing is left to go beside.",
        "Let something follow, for example a wait.",
    ),
    Code(
        "E819",
        "Repetition without end in sight",
        "More rounds than can be carried out, or more than ten years of them.",
        "Repeat it less often.",
    ),
    Code(
        "N820",
        "Condition that is always the same",
        "Nothing in the condition can change: it is always so, or never.",
        "Compare it with an observation, a result or a parameter.",
    ),
    Code(
        "W820",
        "Condition that observations cannot decide",
        "The value it compares with is outside what the observable can be.",
        "Compare with a value within the observable's range.",
    ),
    Code(
        "W817",
        "Retry that may be refused",
        "A verb that moves matter is done again only where nothing had begun, unless the author says that this is safe.",
        "Add repeatable: true if it is.",
    ),
    Code(
        "E818",
        "Retry of what may have been done",
        "After an unknown or partial end, a step is done again only if it is harmless or declared repeatable.",
        "Use ask, pause or stop for this kind, or add repeatable: true if doing it twice is safe.",
    ),
    Code(
        "E901",
        "Plugin cannot be used",
        "It failed, exited or hung while it was loaded.",
        "Repair or uninstall it.",
    ),
    Code(
        "N901",
        "Output without a watchdog",
        "If this computer stops, the output goes on.",
        "Arm the device's watchdog if it has one.",
    ),
    Code(
        "W901",
        "Heater without a watchdog",
        "If this computer stops, the heater stays on.",
        "Arm the device's watchdog, or stay with it.",
    ),
    Code(
        "E908",
        "Act not done (run)",
        "The device refused, or could not be reached; nothing was done.",
        "See the event.",
    ),
    Code(
        "E909",
        "Act done in part (run)",
        "The device stopped on the way; the amount is known within bounds.",
        "See the settlement.",
    ),
    Code(
        "E910",
        "Act of unknown end (run)",
        "Nobody knows what became of the act, so nothing repeats it.",
        "Look, then decide.",
    ),
    Code("E911", "Verb failed (run)", "The verb's plugin has a bug.", "Report it to the plugin's author."),
    Code(
        "W920",
        "Nobody is shown the run (run)",
        "What showed the run's progress failed; the run itself goes on.",
        "Look at it from another terminal: labcore show, labcore events.",
    ),
    Code(
        "W912",
        "Not switched on again (run)",
        "After an interruption an output could not be switched on again; the run is paused.",
        "Look at the device, then resume or stop.",
    ),
    Code(
        "W913",
        "Disk refused (run)",
        "The journal could not be written for a while. Nothing was begun meanwhile, outputs were switched off, the run is paused.",
        "Free space on the disk, look at the bench, then resume.",
    ),
    Code(
        "E921",
        "Device lost (run)",
        "The connection was gone before anything was sent, and the device was not found again.",
        "Check cable and power; the next use looks for it again.",
    ),
    Code(
        "E922",
        "Device lost in mid-act (run)",
        "The connection was gone while the device worked: nobody knows what became of the act.",
        "Look, then decide; nothing is sent again.",
    ),
    Code(
        "E923",
        "Limit (run)",
        "The value was outside a limit when the step started; nothing was sent.",
        "Check where the value comes from.",
    ),
    Code(
        "E924",
        "No answer in time (run)",
        "A device or a person did not answer a question that moves nothing.",
        "Check the device, or allow more time.",
    ),
    Code(
        "E925",
        "Driver failed (run)",
        "The driver's plugin raised or returned something that no step can use; nothing was built on it.",
        "Report it to the plugin's author.",
    ),
    Code(
        "E926",
        "Value cannot be used (run)",
        "A value that is known only during the run could not be worked out, or came out beyond its bounds.",
        "See the message.",
    ),
)
