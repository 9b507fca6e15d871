from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.wire.codec import LIMIT, LineCodec
from labcore_gantry.profile import load_profile
from labcore_gantry.wire import Alarm, Banner, Ok, Reader, Refused, Remark, Reply, Status, printable

READER = Reader(load_profile("grbl11-syringe"))


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("ok", Ok()),
        ("ok ", Ok()),
        ("error:9", Refused("9", "it is locked by an alarm or a jog")),
        ("error:77", Refused("77", "unknown error")),
        ("ALARM:1", Alarm("1", "a hard limit was hit; its position may be lost")),
        ("Grbl 1.1h ['$' for help]", Banner("Grbl 1.1h ['$' for help]")),
        ("<Idle|MPos:0.000,0.000,0.000|FS:0,0>", Status("idle", "Idle", 0.0, 0.0, 0.0)),
        ("<Run|MPos:1.5,-2.000,3.250|FS:500,0|Ov:100,100,100>", Status("moving", "Run", 1.5, -2.0, 3.25)),
        ("<Hold:0|MPos:0,0,1|Pn:P>", Status("held", "Hold:0", 0.0, 0.0, 1.0)),
        ("<Hold:1|MPos:0,0,1>", Status("moving", "Hold:1", 0.0, 0.0, 1.0)),
        ("<Alarm|MPos:0,0,0|FS:0,0>", Status("alarm", "Alarm", 0.0, 0.0, 0.0)),
        ("<Home|MPos:0,0,0|FS:0,0>", Status("moving", "Home", 0.0, 0.0, 0.0)),
        (
            "<Idle|MPos:1,2,3|FS:0,0|WCO:10.000,0.000,-1.000>",
            Status("idle", "Idle", 1.0, 2.0, 3.0, (10.0, 0.0, -1.0)),
        ),
        ("<Idle|MPos:1,2>", Remark("<Idle|MPos:1,2>")),
        ("<Idle|MPos:1,2,3|FS", Remark("<Idle|MPos:1,2,3|FS")),
        ("[MSG:'$H'|'$X' to unlock]", Remark("[MSG:'$H'|'$X' to unlock]")),
        ("okay", Remark("okay")),
        ("", Remark("")),
    ],
)
def test_what_a_line_means(line: str, meaning: Reply) -> None:
    assert READER.read(line) == meaning


def test_the_identity() -> None:
    assert READER.identity("[VER:1.1h.20190825:]") == "1.1h.20190825"
    assert READER.identity("[OPT:VL,15,128]") == ""


def test_a_number_too_large_to_be_a_position_is_no_status() -> None:
    assert isinstance(READER.read(f"<Idle|MPos:{'9' * 400},0,0>"), Remark)


def test_bytes_that_break_in_are_readable() -> None:
    assert [printable(data) for data in (b"!", b"\x18", b"?")] == ["!", "<0x18>", "?"]


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=120), max_size=20))
def test_any_bytes_are_read_without_a_foreign_error(chunks: list[bytes]) -> None:
    codec = LineCodec(b"\n")
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending <= LIMIT
        while (line := codec.next_line()) is not None:
            assert isinstance(READER.read(line), Reply)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_any_status_body_is_read(body: str) -> None:
    assert isinstance(READER.read(f"<Idle|MPos:{body}>"), Status | Remark)
