"""The gantry on its wire: documented GRBL exchanges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Lines = Callable[..., Any]


def test_opening_resets_and_boots_locked(line: Lines) -> None:
    wire = line(home=False)
    assert wire.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000>"
    assert wire.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0|Ov:100,100,100>"
    assert wire.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0>"
    assert wire.ask("G0X1\n") == "error:9\r\n"
    assert wire.ask("$X\n") == "[MSG:Caution: Unlocked]\r\nok\r\n"
    assert wire.ask("G0X1\n") == "ok\r\n"


def test_bytes_during_boot_are_lost(line: Lines) -> None:
    wire = line(opened=False)
    wire.gantry.opened(0.0)
    assert wire.ask("$X\n", 1.0) == ""
    assert wire.wait(1.0) == wire.BANNER + wire.LOCKED


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("\n", "ok"),
        ("(comment) ; more\n", "ok"),
        ("G1X10\n", "error:22"),
        ("G1 X10 F\n", "error:2"),
        ("X\n", "error:2"),
        ("1\n", "error:1"),
        ("G5\n", "error:20"),
        ("M7\n", "error:20"),
        ("G2X1Y1I1\n", "error:20"),
        ("M3.5\n", "error:23"),
        ("G0G1X1F100\n", "error:21"),
        ("G90G91\n", "error:21"),
        ("G28G0X1\n", "error:24"),
        ("X1X2\n", "error:25"),
        ("G92\n", "error:26"),
        ("G4\n", "error:28"),
        ("G80\nG53X1\n", "ok error:30"),
        ("G80\nX1\n", "ok error:31"),
        ("G0X1P2\n", "error:36"),
        ("F-1\n", "error:4"),
        ("$99=1\n", "error:3"),
        ("$J=X1\n", "error:22"),
        ("$J=X1F10M3\n", "error:16"),
        ("$J=X999F100\n", "error:15"),
        ("$110=-1\n", "error:4"),
        ("$Q\n", "error:2"),
        ("$HX\n", "error:3"),
        ("$10\n", "error:3"),
        ("$10=x\n", "error:2"),
        ("$0=1\n", "error:6"),
        ("G1X" + "0" * 90 + "\n", "error:11"),
    ],
)
def test_errors_have_the_documented_numbers(line: Lines, text: str, answer: str) -> None:
    assert line().ask(text).split() == answer.split()


def test_homing_disabled_is_error_5_and_soft_limits_then_error_10(line: Lines) -> None:
    wire = line()
    assert wire.ask("$22=0\n$H\n$20=1\n") == "ok\r\nerror:5\r\nerror:10\r\n"


def test_carriage_return_and_line_feed_are_two_line_ends(line: Lines) -> None:
    assert line().ask("G21\r\n") == "ok\r\nok\r\n"


def test_chunks_may_be_split_anywhere_and_merged(line: Lines) -> None:
    wire = line()
    for byte in "g0 x1\ng0":
        wire.gantry.feed(byte.encode(), wire.now)
    assert wire.ask("x2\nG0X3\n") == "ok\r\nok\r\nok\r\n"
    assert "MPos:3.000," in wire.status()


def test_settings_listing_and_storing(line: Lines) -> None:
    wire = line()
    listing = wire.ask("$$\n")
    assert "$22=1\r\n" in listing
    assert "$130=420.000\r\n$131=300.000\r\n$132=60.000\r\nok\r\n" in listing
    assert wire.ask("$10=2\n") == "ok\r\n"
    assert "|WPos:0.000,0.000,0.000|Bf:15,128|" in wire.status()


def test_parser_state_and_build(line: Lines) -> None:
    wire = line()
    assert wire.ask("$G\n") == "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]\r\nok\r\n"
    assert wire.ask("G91 G20 M8 F10\n$G\n").splitlines()[1] == "[GC:G0 G54 G17 G20 G91 G94 M5 M8 T0 F10 S0]"
    assert wire.ask("$I\n") == "[VER:1.1h.20190830:]\r\n[OPT:VZ,15,128]\r\nok\r\n"


def test_work_offset_is_told_in_reports(line: Lines) -> None:
    wire = line()
    wire.ask("G0 X10\nG92 X0\n")
    assert "|WCO:10.000,0.000,0.000" in wire.status()
    wire.ask("G0 X5\n")
    assert "MPos:15.000," in wire.status()
    wire.ask("G53 G0 X5\nG92.1\n")
    assert "MPos:5.000," in wire.status()


def test_inches_and_relative(line: Lines) -> None:
    wire = line()
    wire.ask("G20 G91\nG0 X1\nX1\n")
    assert "MPos:50.800," in wire.status()
