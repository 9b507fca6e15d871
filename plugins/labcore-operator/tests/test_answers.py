"""What people type, and what it means."""

from __future__ import annotations

import pytest

from labcore.model.event import Value
from labcore_operator.answers import Expected, Said, Unclear, understand
from labcore_operator.catalogue import load_words

WORDS = load_words()
VOLUME = Expected("mL", "19.5 mL")
SPEED = Expected("rpm", "300 rpm", signed=True)
TEMPERATURE = Expected("°C", "60 °C", signed=True)
PLAIN = Expected("", "7.35", signed=True)
NOTHING = Expected("", "", number=False)


@pytest.mark.parametrize(
    ("typed", "expected", "meaning"),
    [
        ("done", VOLUME, "done"),
        ("  Done. ", VOLUME, "done"),
        ("OK!", NOTHING, "done"),
        ("yes", NOTHING, "done"),
        ("完了", VOLUME, "done"),
        ("「はい」", NOTHING, "done"),
        (True, NOTHING, "done"),
        ("DONE", VOLUME, "done"),
        ("partly", VOLUME, "partly"),
        ("一部", VOLUME, "partly"),
        ("no", VOLUME, "not_done"),
        ("not done", VOLUME, "not_done"),
        ("Not  done.", VOLUME, "not_done"),
        ("didn’t", VOLUME, "not_done"),
        ("していない", VOLUME, "not_done"),
        (False, VOLUME, "not_done"),
        ("do not know", VOLUME, "unknown"),
        ("?", NOTHING, "unknown"),
        ("わからない", VOLUME, "unknown"),
    ],
)
def test_words(typed: Value, expected: Expected, meaning: str) -> None:
    assert understand(typed, expected, WORDS) == Said(meaning)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "expected", "meaning", "low", "high", "digit"),
    [
        ("19.5 mL", VOLUME, "done", 19.5, 19.5, 0.1),
        ("19.50mL", VOLUME, "done", 19.5, 19.5, 0.01),
        ("19.5 ml", VOLUME, "done", 19.5, 19.5, 0.1),
        ("\uff11\uff19\uff0e\uff15\u3000\uff4d\uff2c", VOLUME, "done", 19.5, 19.5, 0.1),
        ("0.02 L", VOLUME, "done", 20.0, 20.0, 10.0),
        ("500 µL", VOLUME, "done", 0.5, 0.5, 0.001),
        ("500 μl.", VOLUME, "done", 0.5, 0.5, 0.001),
        ("done, 19.5 mL", VOLUME, "done", 19.5, 19.5, 0.1),
        ("done: 19 mL", VOLUME, "done", 19.0, 19.0, 1.0),
        ("about 12 mL", VOLUME, "done", 12.0, 12.0, 1.0),
        ("約12mL", VOLUME, "done", 12.0, 12.0, 1.0),
        ("partly 12 mL", VOLUME, "partly", 12.0, 12.0, 1.0),
        ("一部 12 mL", VOLUME, "partly", 12.0, 12.0, 1.0),
        ("12-14 mL", VOLUME, "done", 12.0, 14.0, 1.0),
        ("12 mL to 14 mL", VOLUME, "done", 12.0, 14.0, 1.0),
        ("12~14 mL", VOLUME, "done", 12.0, 14.0, 1.0),
        ("0 mL", VOLUME, "done", 0.0, 0.0, 1.0),
        ({"value": 19.5, "unit": "mL"}, VOLUME, "done", 19.5, 19.5, 0.1),
        ("300 rpm", SPEED, "done", 300.0, 300.0, 1.0),
        ("60 °C", TEMPERATURE, "done", 60.0, 60.0, 1.0),
        ("-5.0 °C", TEMPERATURE, "done", -5.0, -5.0, 0.1),
        ("7.35", PLAIN, "done", 7.35, 7.35, 0.01),
        (7.35, PLAIN, "done", 7.35, 7.35, 0.01),
        (".5", PLAIN, "done", 0.5, 0.5, 0.1),
    ],
)
def test_numbers(
    typed: Value, expected: Expected, meaning: str, low: float, high: float, digit: float
) -> None:
    said = understand(typed, expected, WORDS)
    assert (said.meaning, said.low, said.high) == (meaning, pytest.approx(low), pytest.approx(high))
    assert said.digit == pytest.approx(digit)


@pytest.mark.parametrize(
    ("typed", "expected", "key"),
    [
        (None, VOLUME, "empty"),
        ("   ", VOLUME, "empty"),
        (" . ", VOLUME, "empty"),
        ("19.5", VOLUME, "unit"),
        (19.5, VOLUME, "unit"),
        ("partly 12", VOLUME, "unit"),
        ("19,5 mL", VOLUME, "quantity"),
        ("1e999 mL", VOLUME, "quantity"),
        ("19.5 mLs", VOLUME, "quantity"),
        ("19.5 mL and a bit", VOLUME, "quantity"),
        ("19.5 g", VOLUME, "dimension"),
        ("60 K", TEMPERATURE, "dimension"),
        ("7.35 mL", PLAIN, "dimension"),
        ("-19.5 mL", VOLUME, "negative"),
        ("14-12 mL", VOLUME, "range"),
        ("not done, 5 mL", VOLUME, "contradiction"),
        ("no 5 mL", VOLUME, "contradiction"),
        ("I have not done it", VOLUME, "words"),
        ("done?", VOLUME, "words"),
        ("done, I think", VOLUME, "words"),
        ("done: but I spilled it", VOLUME, "words"),
        ("undone", VOLUME, "words"),
        ("well 5 mL", VOLUME, "words"),
        ("19.5 mL", NOTHING, "no_amount"),
    ],
)
def test_what_makes_no_sense_is_not_guessed(typed: Value, expected: Expected, key: str) -> None:
    with pytest.raises(Unclear) as found:
        understand(typed, expected, WORDS)
    assert found.value.key == f"unclear.{key}"


def test_a_reason_for_not_doing_it_is_kept() -> None:
    said = understand("not done: the bottle is empty, 0 mL left", VOLUME, WORDS)
    assert said == Said("not_done", why="the bottle is empty, 0 mL left")


def test_no_word_has_two_meanings() -> None:
    meanings = ("done", "partly", "not_done", "unknown")
    words = [word for meaning in meanings for word in WORDS[meaning]]
    assert len(words) == len(set(words))
    assert all(word == word.casefold().strip() for word in words)
