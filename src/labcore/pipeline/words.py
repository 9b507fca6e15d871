"""The words of the language that are not verbs: modifiers, blocks, keys of the head."""

from __future__ import annotations

MODIFIERS = (
    "name", "save", "when", "every", "for", "times", "until", "timeout", "max_age", "require", "retry", "repeatable",
    "on_error", "background", "safe_point", "hold",
)  # fmt: skip
BLOCKS = ("repeat", "sequence", "parallel", "for_each", "call")
BLOCK_KEYS = ("finally", "then", "otherwise", "do")
LATER = ("after", "within")  # time windows: their place stays open
HEADER_KEYS = (
    "labcore", "name", "description", "parameters", "materials", "vessels", "devices", "leave_on", "observers", "steps",
    "finally",
)  # fmt: skip

BESIDE_A_STEP = frozenset((*MODIFIERS, *BLOCK_KEYS))
LOOP_WORDS = ("every", "for", "times", "until")
ENDING_WORDS = ("for", "times", "until")
NOT_BESIDE_A_BLOCK = ("save", "retry", "repeatable", "safe_point", "hold")  # they are about one verb
