"""The catalogue is complete, and what the code asks for is in it."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from string import Formatter

import pytest

import labcore_notebook
from labcore.errors import UsageError
from labcore.model.event import ErrorHandled
from labcore_notebook.words import LANGUAGES, Words, catalogue

SOURCES = [path.read_text(encoding="utf-8") for path in Path(labcore_notebook.__file__).parent.rglob("*.py")]
TEMPLATES = [
    path.read_text(encoding="utf-8") for path in Path(labcore_notebook.__file__).parent.rglob("*.j2")
]
ASKED = re.compile(r'(?:words|missing|\bt)\(\s*"([a-z_.]+)"')


def fields(text: str) -> set[str]:
    """Return the names of a text's fields."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_fields(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)
    assert set(other) == set(english)
    for key, text in english.items():
        assert fields(other[key]) == fields(text), key


def test_what_the_code_asks_for_by_name_exists() -> None:
    asked = {key for text in (*SOURCES, *TEMPLATES) for key in ASKED.findall(text)}
    assert len(asked) > 80
    assert asked <= set(catalogue("en"))


def test_no_text_is_left_unused() -> None:
    everything = "\n".join((*SOURCES, *TEMPLATES))
    # Groups whose keys are put together from names in the record or from words in the code.
    composed = ("act.", "flag.", "observable.", "quality.", "verb.", "status", "stop_status.", "source.", "who.", "world.",
                "outcome.", "section.", "deviation.kind_", "procedure.", "setup.", "materials.", "stop.", "curve.",
                "deviation.", "interruption.", "picture.", "page.check", "glance.", "label.", "reason.")  # fmt: skip
    unused = [key for key in catalogue("en") if f'"{key}"' not in everything and not key.startswith(composed)]
    assert unused == []


def test_japanese_texts_are_japanese() -> None:
    kana_or_kanji = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
    exempt = {
        "form.comma",
        "form.span",
        "form.spread",
        "form.bracket",
        "source.labcore",
        "who.labcore",
        "who.device",
    }
    plain = [
        key for key, text in catalogue("ja").items() if not kana_or_kanji.search(text) and key not in exempt
    ]
    plain = [key for key in plain if fields(catalogue("ja")[key]) == set()]
    assert plain == ["observable.pH"]


def test_an_unknown_language_says_which_there_are() -> None:
    with pytest.raises(UsageError, match="en, ja"):
        Words("de")


def test_an_unknown_flag_is_shown_readably() -> None:
    assert Words("ja").word("flag", "stir_bar_in_view") == "stir bar in view"


def test_every_decision_about_a_failure_has_its_words() -> None:
    policies = typing.get_args(typing.get_type_hints(ErrorHandled)["policy"])
    assert {f"procedure.handled_{policy}" for policy in policies} <= set(catalogue("en"))
