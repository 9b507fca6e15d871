"""What counts as an answer."""

from __future__ import annotations

import pytest

from labcore.model.answer import understood


@pytest.mark.parametrize(
    ("said", "ask", "expects", "unit", "meant"),
    [
        ("Clear", "choose", "", "", "clear"),
        ("12.5 mL", "ask", "mL", "mL", "12.5 mL"),
        ("0.0125 L", "ask", "mL", "mL", "0.0125 L"),
        ("3", "ask", "number", "", "3"),
        ("はい", "ask", "yes or no", "", "はい"),
        ("anything", "ask", "text", "", "anything"),
        ("done", "confirm", "", "", "done"),
        ("do not know", "act", "", "mL", "do not know"),
        ("12 mL", "decide", "", "", "12 mL"),
        ("CLOUDY", "decide", "", "", "cloudy"),
        ("CLOUDY", "decide", "choice", "", "cloudy"),
    ],
)
def test_answers(said: str, ask: str, expects: str, unit: str, meant: str) -> None:
    assert understood(said, ask=ask, options=("clear", "cloudy"), expects=expects, unit=unit) == meant


@pytest.mark.parametrize(
    ("said", "ask", "expects", "unit", "why"),
    [
        ("blue", "choose", "", "", "none of the choices: clear, cloudy"),
        ("blue", "decide", "choice", "", "none of the choices: clear, cloudy"),
        ("12.5", "ask", "mL", "mL", "write number and unit, for example 12.5 mL"),
        ("5 g", "ask", "mL", "mL", "write number and unit"),
        ("a few", "ask", "number", "", "is not a number"),
        ("perhaps", "ask", "yes or no", "", "neither yes nor no"),
    ],
)
def test_what_is_no_answer(said: str, ask: str, expects: str, unit: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        understood(said, ask=ask, options=("clear", "cloudy"), expects=expects, unit=unit)


@pytest.mark.parametrize("said", ["Clear", "2 mL", " 1-2 mL ", "0.001 L"])
def test_a_decision_about_an_amount_takes_its_words_and_amounts(said: str) -> None:
    meant = understood(said, ask="decide", options=("clear",), expects="", unit="mL", most=15.0)
    assert meant == ("clear" if said == "Clear" else said.strip())


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("2", "say clear, or how much: 12 mL"), ("banana", "say clear, or how much"), ("-3 mL", "from 0 to 15 mL"),
        ("100 mL", "from 0 to 15 mL"), ("5 g", "say clear"), ("4-3 mL", "the lower amount comes first"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_told_at_once(said: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        understood(said, ask="decide", options=("clear",), expects="", unit="mL", most=15.0)
