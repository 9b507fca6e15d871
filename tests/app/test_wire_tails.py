"""The ends of wire logs, as whoever has to judge an act is shown them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from labcore.app.recovering import WIRE_LINES, _WireTails

Tail = Callable[..., tuple[str, ...]]


@pytest.fixture
def tail(tmp_path: Path) -> Tail:
    """Return the tail of a log of these lines: "> text", "< text", or a word for another entry; bytes as they are."""

    def read(*lines: str | bytes, frames: tuple[str, ...] = ("DOSE 5",)) -> tuple[str, ...]:
        (tmp_path / "wire").mkdir(exist_ok=True)
        path = tmp_path / "wire" / "pump.jsonl"
        path.write_bytes(b"".join(line if isinstance(line, bytes) else entry(line) for line in lines))
        return _WireTails(tmp_path)("pump", frames)

    return read


def entry(line: str) -> bytes:
    arrow, _, text = line.partition(" ")
    directions = {">": "out", "<": "in"}
    if arrow in directions:
        return json.dumps({"t": 0.1, "port": "x", "dir": directions[arrow], "text": text}).encode() + b"\n"
    return json.dumps({"t": 0.1, "port": "x", "dir": line}).encode() + b"\n"


def test_what_went_over_the_wire_up_to_the_end_is_shown_with_the_act(tail: Tail) -> None:
    assert tail("open", "> ID", "< pump", "> DOSE 5", "< OK", "< at 3") == (
        "> ID", "< pump", "> DOSE 5", "< OK", "< at 3",
    )  # fmt: skip


def test_only_the_last_lines_are_shown(tail: Tail) -> None:
    assert WIRE_LINES == 6
    before = [f"< {n}" for n in range(9)]
    assert tail("open", *before, "> DOSE 5") == ("< 4", "< 5", "< 6", "< 7", "< 8", "> DOSE 5")
    assert tail("> DOSE 5", *before) == ("< 3", "< 4", "< 5", "< 6", "< 7", "< 8")


def test_nothing_of_a_later_connection_is_shown(tail: Tail) -> None:
    """A recovery that died had opened the line again: what it heard says nothing of the act."""
    assert tail("open", "> DOSE 5", "< OK", "open", "> ID", "< pump", "open", "> ID") == ("> DOSE 5", "< OK")
    assert tail("open", "> DOSE 5", "close", "open", "> DOSE 5", "open", "> ID") == ("> DOSE 5", "> DOSE 5")


@pytest.mark.parametrize("end", [r"\r\n", r"\n", r"\r", ""])
def test_line_ends_do_not_hide_an_act(tail: Tail, end: str) -> None:
    assert tail("open", f"> DOSE 5{end}", "open", "> ID") == (f"> DOSE 5{end}",)


def test_any_frame_of_an_act_and_no_other_is_its_beginning(tail: Tail) -> None:
    lines = ("> VALVE 1", "> DOSE 5", "< OK", "open", "> DOSE 50", "< DOSE 5")
    assert tail(*lines, frames=("VALVE 1", "DOSE 5")) == ("> VALVE 1", "> DOSE 5", "< OK")
    assert tail(*lines, frames=("VALVE 1",)) == ("> VALVE 1", "> DOSE 5", "< OK")


def test_of_an_act_that_was_never_sent_there_is_nothing(tail: Tail) -> None:
    assert tail("open", "> ID", "< pump", "< DOSE 5") == ()
    assert tail("open", "> ID", frames=()) == ()
    assert tail() == ()


def test_what_is_no_traffic_and_what_cannot_be_read_is_left_out(tail: Tail) -> None:
    assert tail(
        b"{broken\n", b'{"t": 1}\n', b'{"dir": "out"}\n', b"\xff\xfe\n", "close", "> DOSE 5", "close", b'{"dir": "in", "te'
    ) == ("> ", "> DOSE 5")  # fmt: skip


def test_a_device_without_a_log_has_said_nothing(tmp_path: Path) -> None:
    assert _WireTails(tmp_path)("pump", ("DOSE 5",)) == ()
