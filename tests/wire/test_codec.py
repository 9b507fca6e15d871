from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.errors import DeviceRefused
from labcore.wire.codec import LIMIT, LineCodec


def drained(codec: LineCodec) -> list[str]:
    lines = []
    while (line := codec.next_line()) is not None:
        lines.append(line)
    return lines


@pytest.mark.parametrize(
    ("end", "data", "lines", "pending"),
    [
        (b"\n", b"ok\r\nerror:9\r\n", ["ok", "error:9"], 0),
        (b"\n", b"ok\nhalf", ["ok"], 4),
        (b"\n", b"\n\r\n", ["", ""], 0),
        (b"\r\n", b"25.3 2\r\n25.4", ["25.3 2"], 4),
        (b"\r\n", b"a\rb\r\n", ["a\rb"], 0),
        (b"\n", b"\xff\x00x\n", ["\\xff\x00x"], 0),
    ],
)
def test_lines_of_a_chunk(end: bytes, data: bytes, lines: list[str], pending: int) -> None:
    codec = LineCodec(receive_end=end)
    codec.feed(data)
    assert drained(codec) == lines
    assert codec.pending == pending


def test_encode_adds_the_end_and_nothing_else() -> None:
    assert LineCodec(b" \r\n").encode("OUT_SP_4 300") == b"OUT_SP_4 300 \r\n"


@pytest.mark.parametrize("line", ["G0 X1\nG0 X2", "G0\r", "20 °C"])
def test_what_would_be_another_command_is_not_sent(line: str) -> None:
    with pytest.raises(ValueError, match="not one line"):
        LineCodec().encode(line)


@given(
    lines=st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126)), max_size=8),
    cuts=st.lists(st.integers(0, 60), max_size=20),
    end=st.sampled_from([b"\n", b"\r\n"]),
)
def test_splitting_and_merging_change_nothing(lines: list[str], cuts: list[int], end: bytes) -> None:
    data = b"".join(line.encode() + end for line in lines)
    codec = LineCodec(receive_end=end)
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for start, stop in zip(places, places[1:], strict=False):
        codec.feed(data[start:stop])
    assert drained(codec) == lines


def test_an_endless_line_is_reported_once_and_the_next_line_is_read() -> None:
    codec = LineCodec(limit=100)
    for _ in range(50):
        codec.feed(b"x" * 10)
        assert codec.pending <= 100
    codec.feed(b"tail\nok\n")
    with pytest.raises(DeviceRefused, match="100 bytes"):
        codec.next_line()
    assert drained(codec) == ["ok"]


def test_a_line_over_the_limit_in_one_chunk_is_reported_too() -> None:
    codec = LineCodec(limit=10)
    codec.feed(b"x" * 11 + b"\nok\n")
    with pytest.raises(DeviceRefused):
        codec.next_line()
    assert drained(codec) == ["ok"]


def test_the_end_may_be_split_while_skipping() -> None:
    codec = LineCodec(receive_end=b"\r\n", limit=10)
    codec.feed(b"x" * 20 + b"\r")
    codec.feed(b"\nok\r\n")
    with pytest.raises(DeviceRefused):
        codec.next_line()
    assert drained(codec) == ["ok"]


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=200), max_size=30), st.integers(1, 64))
def test_any_bytes_are_bounded_and_raise_nothing_foreign(chunks: list[bytes], limit: int) -> None:
    codec = LineCodec(limit=limit)
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending <= limit
        with suppress(DeviceRefused):  # a line longer than the limit
            assert all(len(line) <= 4 * limit for line in drained(codec))  # a byte is written \\xNN at most


def test_the_standard_limit_holds_for_megabytes_of_noise() -> None:
    codec = LineCodec()
    for _ in range(64):
        codec.feed(b"\x00" * 32768)
    assert codec.pending <= LIMIT
