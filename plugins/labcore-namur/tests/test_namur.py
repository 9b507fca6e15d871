from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from labcore.ports import LineSettings
from labcore.wire.codec import LIMIT, LineCodec
from labcore_namur import namur
from labcore_namur.namur import HEATER, MOTOR, Answer
from labcore_namur.options import NamurOptions


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (namur.setpoint(MOTOR, 300.0), "OUT_SP_4 300"),
        (namur.setpoint(MOTOR, 300.5), "OUT_SP_4 300"),
        (namur.setpoint(HEATER, 60.0), "OUT_SP_1 60.0"),
        (namur.setpoint(HEATER, 59.96), "OUT_SP_1 60.0"),
        (namur.read_value(2), "IN_PV_2"),
        (namur.read_setpoint(MOTOR), "IN_SP_4"),
        (namur.start(HEATER), "START_1"),
        (namur.stop(MOTOR), "STOP_4"),
        (namur.read_status(MOTOR), "STATUS_4"),
        (namur.watchdog(20), "OUT_WD1@20"),
        (namur.end_watchdog(), "OUT_WD2@0"),
    ],
)
def test_golden_commands(command: str, text: str) -> None:
    assert command == text
    assert namur.encode(command) == text.encode() + b" \r\n"
    assert len(namur.encode(command)) <= 80


def test_the_line() -> None:
    assert LineSettings(9600, 7, "E", 1) == namur.LINE


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("25.3 2", Answer(25.3, 2)),
        ("300.0 4", Answer(300.0, 4)),
        ("11 4", Answer(11.0, 4)),
        ("-5.0 1 ", Answer(-5.0, 1)),
        ("20", Answer(20.0, None)),
        ("C-MAG HS7", None),
        ("25,3 2", None),
        ("25.3 2 7", None),
        ("nan 2", None),
        ("1e9 2", None),
        ("", None),
    ],
)
def test_answers(line: str, answer: Answer | None) -> None:
    assert namur.parse(line) == answer


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_sent(value: float) -> None:
    with pytest.raises(ValueError, match="set-point"):
        namur.setpoint(MOTOR, value)


@pytest.mark.parametrize("seconds", [19, 1501, 0])
def test_watchdog_times_the_device_does_not_take(seconds: int) -> None:
    with pytest.raises(ValueError, match="20 to 1500"):
        namur.watchdog(seconds)


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=120), max_size=20))
def test_any_bytes_are_read_without_a_foreign_error(chunks: list[bytes]) -> None:
    codec = LineCodec(namur.LINE_END, strip=b" \r")
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending <= LIMIT
        while (line := codec.next_line()) is not None:
            assert isinstance(namur.parse(line), Answer | None)


@given(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), st.integers(0, 99))
def test_what_a_device_may_say_is_read(value: float, channel: int) -> None:
    assert namur.parse(f"{value:.3f} {channel}") == Answer(value, channel)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({}, 20),
        ({"watchdog": "60 s"}, 60),
        ({"watchdog": "2 min"}, 120),
        ({"watchdog": "off"}, None),
        ({"watchdog": False}, None),
    ],
)
def test_watchdog_option(given: dict[str, object], seconds: int | None) -> None:
    assert NamurOptions(**given).watchdog == seconds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"watchdog": "5 s"}, {"watchdog": "30 min"}, {"watchdog": 60}, {"watchdog": "60 mL"}, {"watchdog": True},
     {"watchdog": "soon"}, {"sensor": "both"}, {"sensors": "plate"}],
)  # fmt: skip
def test_options_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        NamurOptions(**wrong)  # type: ignore[arg-type]
    assert {error["loc"][0] for error in caught.value.errors()} == set(wrong)


def test_editors_are_told_what_to_write() -> None:
    properties = NamurOptions.model_json_schema()["properties"]
    assert properties["watchdog"]["type"] == "string"
    assert properties["sensor"]["enum"] == ["plate", "external"]
