"""The fixed texts of the page in the reader's language, from texts/<language>.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from labcore.errors import UsageError
from labcore_notebook.numbers import clock, decimals, fixed

LANGUAGES = ("en", "ja")
_FIELDS = {"amount": r"\S+ \S+|\$\{.+?\}"}  # what a field of an English text may hold; all others anything


class Words:
    """One language's catalogue. Call it with a key ("act.dispense.done") and the values of its fields."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UsageError(
                f"The notebook has no texts in {language!r}.",
                remedy=f"Choose one of: {', '.join(LANGUAGES)}.",
            )
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, **fields: Any) -> str:
        """Return the text of `key` with its fields filled in; KeyError for a key that no catalogue has."""
        return self._texts[key].format(**fields)

    def has(self, key: str) -> bool:
        """Say whether there is a text for `key`."""
        return key in self._texts

    def word(self, group: str, name: str) -> str:
        """Return the word for a name of the record ("turbidity"), or the name itself, readable."""
        return self._texts.get(f"{group}.{name}", name.replace("_", " "))

    def said(self, group: str, text: str) -> str:
        """Say in this language what labcore wrote in English ("stopped by Ctrl-C"); other texts stay as they are."""
        if self.language == "en":
            return text
        for key, pattern in _patterns(group):
            found = pattern.fullmatch(text)
            if found is not None:
                return self(key, **found.groupdict())
        return text

    def number(self, value: float, unit: str = "", places: int | None = None) -> str:
        """Write a value with its unit."""
        return self._with_unit(fixed(value, places), unit)

    def span(self, low: float, high: float, unit: str = "", places: int | None = None) -> str:
        """Write an interval ("19.8 to 20.2 mL")."""
        places = decimals((high - low) / 2) if places is None else places
        return self._with_unit(self("form.span", low=fixed(low, places), high=fixed(high, places)), unit)

    def spread(self, low: float, mid: float, high: float, unit: str = "", places: int | None = None) -> str:
        """Write a value with its interval, "20.0 mL (19.8 to 20.2)"; an exact one without."""
        places = decimals((high - low) / 2) if places is None else places
        value = self.number(mid, unit, places)
        return (
            value if high <= low else self("form.spread", value=value, span=self.span(low, high, "", places))
        )

    def bracketed(self, low: float, high: float, places: int | None) -> str:
        """Write an interval to stand beside its value; "" if it has no width."""
        return "" if high <= low else self("form.bracket", span=self.span(low, high, "", places))

    def clock_span(self, start: float, end: float) -> str:
        """Write a stretch of the run ("0:06:30 to 0:07:00")."""
        return self("form.span", low=clock(start), high=clock(end))

    def several(self, items: list[str]) -> str:
        """Join items as the language does in running text."""
        return self("form.comma").join(items)

    def _with_unit(self, number: str, unit: str) -> str:
        return f"{number}\N{NO-BREAK SPACE}{unit}" if unit else number


@cache
def _patterns(group: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the English texts of a group as patterns, in the order of the file: the first that fits counts."""
    texts = catalogue("en")
    return tuple((key, _pattern(text)) for key, text in texts.items() if key.startswith(f"{group}."))


def _pattern(text: str) -> re.Pattern[str]:
    parts = []
    for literal, name, _, _ in Formatter().parse(text):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P<{name}>{_FIELDS.get(name, '.+')})")
    return re.compile("".join(parts), re.DOTALL)


def catalogue(language: str) -> Mapping[str, str]:
    """Return all texts of a language by dotted key."""
    source = files("labcore_notebook").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(source)))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tree.items():
        key = f"{prefix}{name}"
        found += _flat(value, f"{key}.") if isinstance(value, dict) else [(key, str(value))]
    return found
