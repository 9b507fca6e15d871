"""Family 2: words that nothing declares, or that are declared twice."""

from __future__ import annotations

from labcore.pipeline.codes.code import Code

CODES = (
    Code("E201", "Unknown key", "This key is not one of those that may stand here.", "Correct or remove it."),
    Code("E202", "Missing key", "Something that must be said is not.", "Add it."),
    Code(
        "E203", "Protocol without steps", "A protocol does something.", "Add `steps:` with a list of steps."
    ),
    Code(
        "E204",
        "Unknown vessel",
        "Neither protocol nor lab has a vessel or device of this name.",
        "Declare it under `vessels:` in both files.",
    ),
    Code("E205", "Unknown labware", "The catalogue has no such type of vessel.", "Use a catalogued type."),
    Code(
        "E206",
        "Not supported yet",
        "A word whose place in the language is kept open.",
        "Use what the message names.",
    ),
    Code(
        "E207",
        "Unknown name in an expression",
        "No parameter, material property or saved result has this name.",
        "Declare it as a parameter, or `save` it.",
    ),
    Code(
        "E208",
        "Unknown observable",
        "No verb and no observer of this lab tells such a quantity.",
        "Add an observer, or use another quantity.",
    ),
    Code(
        "E209",
        "Unknown parameter",
        "`--set` or `call` names a parameter that the protocol does not have.",
        "Correct the name.",
    ),
    Code(
        "E210",
        "Not a name",
        "Names are letters, digits, blanks and _, and begin with a letter.",
        "Choose another name.",
    ),
    Code(
        "E211",
        "Name used twice",
        "Two things have names that count as one (a blank matches _).",
        "Rename one of them.",
    ),
    Code(
        "E212",
        "Parameter without a value",
        "There is neither a default nor a value from outside.",
        'Give it a default, or use --set name="...".',
    ),
    Code(
        "E213",
        "Unknown verb",
        "No installed verb and no block has this name.",
        "Correct the name, or install its plugin.",
    ),
    Code(
        "E214",
        "Unknown policy",
        "`on_error` takes one of a few words.",
        "One of stop, skip, pause, ask, retry, replace, fallback.",
    ),
    Code(
        "E215",
        "Unknown material",
        "Neither the protocol's `materials:` nor the lab's `stock:` has it.",
        "Declare it under `materials:`.",
    ),
    Code(
        "N217",
        "Name not declared in the protocol",
        "The lab happens to have it; another lab need not.",
        "Declare it in the protocol's head.",
    ),
    Code(
        "N218",
        "Declared but never used",
        "Nothing in the protocol uses this.",
        "Remove it if it is a leftover.",
    ),
)
