"""Codes of the language: what can be said without knowing a laboratory."""

from __future__ import annotations

from labcore.pipeline.code_info import table

LANGUAGE_CODES = table(
    {
        "E101": ("Empty file", "There is nothing in the file but blanks and comments."),
        "E102": ("Not a mapping", "A protocol and a lab file are mappings: `key: value`, one key a line."),
        "E103": ("Not a list of steps", "Steps are a list; each begins with `- ` and has one verb."),
        "E104": ("No verb", "A step needs one key that is no modifier: its verb, such as `wait: 5 min`."),
        "E105": ("Several verbs", "A step has exactly one verb. A mistyped modifier counts as a verb, too."),
        "E106": (
            "Belongs to a block",
            "This key goes with a block; a single step takes `when:` with `then:`.",
        ),
        "E107": (
            "Arguments of the wrong shape",
            "The verb takes a mapping of arguments: `verb: {key: value}`.",
        ),
        "E108": ("Empty block", "A block needs a list of steps, and `parallel` a list of such lists."),
        "E109": (
            "Incomplete for_each",
            "`for_each` takes one name with a list of values, and `do` with steps.",
        ),
        "E110": ("Calls itself", "A protocol cannot call itself, not even by way of another one."),
        "E111": ("Called file unreadable", "`call` names a protocol file beside the one that calls it."),
        "E120": (
            "Not readable YAML",
            "The text breaks the rules of YAML in a way that has no code of its own.",
        ),
        "E121": (
            "Characters that may not stand in a file",
            "Files are UTF-8. Control characters, direction marks and separators that editors do not show are refused.",
        ),
        "E122": (
            "Too large",
            "A file has at most 4 MiB and 400,000 values, aliases counted as if written out.",
        ),
        "E123": ("Nested too deep", "Lists and mappings nest at most 50 deep."),
        "E124": (
            "Key given twice",
            "YAML would silently keep the last one. A blank and `_` make the same name.",
        ),
        "E125": (
            "Indentation",
            "Lines that belong together begin in the same column; tabs are no indentation.",
        ),
        "E126": ("Tag", "YAML tags such as `!!python/object` are no part of the language."),
        "E127": (
            "Alias",
            "An alias `*name` needs an anchor `&name` before it, outside itself; at most 1,000.",
        ),
        "E128": ("Merge key", "`<<` is no part of YAML 1.2 and not of the language: write the keys out."),
        "E129": ("Several documents", "One file holds one document, without YAML directives."),
        "E130": (
            "Text that must be quoted",
            "YAML gives a meaning of its own to this text: a comma inside {...}, a colon with a blank, "
            "a first character such as @ or *, something behind a closing quote. Put the whole text in quotes.",
        ),
        "E131": (
            "Decimal comma",
            "YAML cuts `1,5 min` inside {...} at the comma. Numbers have a decimal point.",
        ),
        "E132": (
            "Expression that must be quoted",
            'Inside {...} or [...] an expression needs quotes: `"${speed}"`.',
        ),
        "E133": ("No blank after a colon", "`key:value` is one word for YAML; write `key: value`."),
        "E134": ("Unusable key", "A key is a text; it is neither missing nor a list or mapping."),
        "E135": (
            "Number with too many digits",
            "Numbers have at most 100 digits; write 1.5e6, or quote a text.",
        ),
        "E136": ("Bracket or quote", "A bracket or quote is not closed, or closes nothing."),
        "E201": ("Unknown key", "The key is not known here. Keys are spelt as in the reference."),
        "E202": ("Missing key", "A key that is needed is not there."),
        "E203": ("No steps", "A protocol needs `steps:`."),
        "E204": ("Unknown vessel", "The name is declared neither in the protocol nor in the lab."),
        "E205": ("Unknown labware", "Labware comes from the catalogue."),
        "E206": ("Not supported yet", "The language keeps a place for this, but it cannot be run yet."),
        "E207": (
            "Unknown name",
            "An expression uses a name that is no parameter, material, loop name or result.",
        ),
        "E208": ("Unknown observable", "No observer or verb of this lab declares the observable."),
        "E209": ("Unknown parameter", "The protocol declares no parameter of this name."),
        "E210": ("Not a name", "Names are letters, digits, blanks and _, and begin with a letter."),
        "E211": ("One name for two things", "Two names become equal: a blank and `_` are the same."),
        "E212": ("Parameter without a value", "Give it a default, or a value with --set."),
        "E213": ("Unknown verb", "No built-in verb and no installed plugin has this word."),
        "E214": (
            "Unknown policy",
            "`on_error` has a fixed set of words, and its default is on the safe side.",
        ),
        "E301": ("Not a quantity", "A quantity is a number and a unit, like 20 mL, with a decimal point."),
        "E302": ("Wrong dimension", "The quantity measures something else than what is asked for here."),
        "E303": (
            "Wrong kind of value",
            "A number, a text, a list or a mapping stands where another is needed.",
        ),
        "E304": ("Bounds are missing", "What is known only during the run needs `min` and `max`."),
        "E305": ("Expression without a value", "Units do not go together, or something is divided by zero."),
        "E306": ("Unreadable expression", "The text in ${...} breaks the rules of expressions."),
    }
)
