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
    ],
)
def test_answers(said: str, ask: str, expects: str, unit: str, meant: str) -> None:
    assert understood(said, ask=ask, options=("clear", "cloudy"), expects=expects, unit=unit) == meant


@pytest.mark.parametrize(
    ("said", "ask", "expects", "unit", "why"),
    [
        ("blue", "choose", "", "", "none of the choices: clear, cloudy"),
        ("12.5", "ask", "mL", "mL", "write number and unit, for example 12.5 mL"),
        ("5 g", "ask", "mL", "mL", "write number and unit"),
        ("a few", "ask", "number", "", "is not a number"),
        ("perhaps", "ask", "yes or no", "", "neither yes nor no"),
    ],
)
def test_what_is_no_answer(said: str, ask: str, expects: str, unit: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        understood(said, ask=ask, options=("clear", "cloudy"), expects=expects, unit=unit)
