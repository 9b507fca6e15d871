"""Read the texts a person sees and the words a person may answer with."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Literal

Language = Literal["en", "ja"]
PACKAGE = "labcore_operator.texts"


class Catalogue:
    """The texts of one language; `say("act.dispense", volume="20 mL", ...)` fills one in."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = _load(f"{language}.toml")

    def say(self, key: str, **values: str) -> str:
        """Return a text with its values; KeyError if there is no such text or it lacks a value."""
        section, name = key.split(".")
        text: str = self._texts[section][name]
        return text.format(**values)

    def join(self, *sentences: str) -> str:
        """Put sentences together."""
        return ("" if self.language == "ja" else " ").join(sentences)


def load_words() -> dict[str, frozenset[str]]:
    """Return the answer words by meaning."""
    return {meaning: frozenset(words) for meaning, words in _load("words.toml").items()}


def keys(language: Language) -> set[str]:
    """Return every key of a language, for comparison."""
    return {f"{section}.{name}" for section, texts in _load(f"{language}.toml").items() for name in texts}


def _load(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files(PACKAGE) / name).read_text(encoding="utf-8"))
