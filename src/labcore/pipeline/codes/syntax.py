"""Family 1: the file and its structure."""

from __future__ import annotations

from labcore.pipeline.codes.code import Code

CODES = (
    Code("E101", "Empty file", "There is nothing in the file.", "Start one with `labcore init`."),
    Code(
        "E102",
        "Not a mapping",
        "A protocol and a lab file are mappings: `key: value` lines.",
        "Begin with `labcore: 1` or `lab: ...`.",
    ),
    Code(
        "E103",
        "Not a list of steps",
        "Steps stand in a list, each a mapping with one verb.",
        "Begin each step with `- `.",
    ),
    Code(
        "E104",
        "Step without a verb",
        "A step has modifiers only; nothing says what to do.",
        "Add a verb, for example `wait: 5 min`.",
    ),
    Code(
        "E105",
        "Several verbs in one step",
        "A step has exactly one verb beside its modifiers.",
        "Begin a new step with `- ` for each verb.",
    ),
    Code(
        "E106",
        "Key of a block beside another verb",
        "`then`, `otherwise`, `do` and `finally` belong to blocks.",
        "Move it to its block.",
    ),
    Code(
        "E107",
        "Arguments in the wrong form",
        "The verb takes a mapping, or one value of another kind.",
        "Write the arguments as {name: value}.",
    ),
    Code("E108", "Block without steps", "A block holds at least one step.", "Give it a list of steps."),
    Code(
        "E109",
        "A loop over no list",
        "`for_each` takes one name with a list of values, and `do` with steps.",
        "Write {vial: [a, b], do: [...]}.",
    ),
    Code(
        "E110",
        "Protocol that calls itself",
        "Called protocols are put in place of the call, so that a circle never ends.",
        "Use `repeat`.",
    ),
    Code(
        "E111",
        "Called file cannot be read",
        "`call` names a protocol file in the folder of this one, or below it.",
        "Correct the name.",
    ),
    Code(
        "E112",
        "Unknown language version",
        "This version of labcore reads protocols that begin with `labcore: 1`.",
        "Write labcore: 1.",
    ),
    Code(
        "E113",
        "Protocol and lab mixed up",
        "A lab file stands where a protocol is expected, or the other way round.",
        "Give the protocol first, the lab with --lab.",
    ),
    Code(
        "E120",
        "Unreadable YAML",
        "The parser cannot make sense of this.",
        "Compare it with the lines around.",
    ),
    Code(
        "E121",
        "Unreadable characters",
        "The file is not UTF-8, or holds characters that editors do not show.",
        "Save it as UTF-8 without them.",
    ),
    Code(
        "E122",
        "Too large",
        "The file, with its aliases written out, is over the limit.",
        "Write repeated steps with repeat or for_each.",
    ),
    Code(
        "E123",
        "Nested too deep",
        "More levels than any procedure needs.",
        "Move inner steps into a protocol of their own.",
    ),
    Code(
        "E124",
        "Key written twice",
        "The same key, or two spellings of one name, in one mapping.",
        "Remove or rename one of them.",
    ),
    Code(
        "E125",
        "Wrong indentation",
        "YAML structure is indentation by blanks.",
        "Indent exactly like the lines it belongs with.",
    ),
    Code("E126", "Tag", "Tags (`!...`) are no part of the language.", "Put the text in quotes."),
    Code(
        "E127",
        "Wrong alias",
        "An alias without anchor, inside itself, or too many of them.",
        "Write the values out.",
    ),
    Code("E128", "Merge key", "`<<` is no part of the language.", "Write the keys out."),
    Code("E129", "Second document or directive", "A file holds one document.", "Put it into its own file."),
    Code(
        "E130",
        "Text that needs quotes",
        "YAML reads a sign in this text as its own.",
        "Put the text in quotes.",
    ),
    Code(
        "E131",
        "Decimal comma",
        "YAML cuts `1,5 mL` at the comma inside {...}; outside it is no number.",
        "Use a decimal point.",
    ),
    Code(
        "E132",
        "Expression that needs quotes",
        "`${...}` inside {...} or [...] is read as a mapping.",
        'Write "${...}" in quotes.',
    ),
    Code("E133", "No blank after a colon", "`key:value` is one text for YAML.", "Write key: value."),
    Code(
        "E134",
        "Wrong key",
        "A key is one word or text, not a list or a mapping, and not empty.",
        "Write key: value.",
    ),
    Code("E135", "Number too long", "No quantity has that many digits.", "Quote it if it is a text."),
    Code(
        "E136",
        "Quote or bracket not closed",
        "What was opened is closed nowhere, or the other way round.",
        "Close it.",
    ),
)
