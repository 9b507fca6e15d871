"""The gantry in motion: queue, limits, hold, reset, homing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Lines = Callable[..., Any]


def test_ok_means_queued_not_done(line: Lines) -> None:
    wire = line()
    assert wire.ask("G1 X100 F600\n", 0.1) == "ok\r\n"
    assert wire.status().startswith("<Run|MPos:")
    wire.wait(11.0)
    assert wire.status().startswith("<Idle|MPos:100.000,0.000,0.000|FS:0,0")


def test_dwell_waits_for_the_motion_before_it(line: Lines) -> None:
    wire = line()
    assert wire.ask("G1 X10 F600\nG4 P0\n", 0.9) == "ok\r\n"
    assert wire.wait(0.3) == "ok\r\n"


def test_planner_holds_fifteen_moves(line: Lines) -> None:
    wire = line()
    moves = "".join(f"G1 X{1 + n % 2} F60\n" for n in range(17))
    assert wire.ask(moves, 0.0).count("ok") == 15
    wire.ask("$10=3\n", 0.0)
    assert wire.wait(60.0).count("ok") == 2
    assert wire.ask("$10=3\n", 0) == "ok\r\n"
    assert "|Bf:15,128|" in wire.status()


def test_receive_buffer_holds_128_bytes(line: Lines) -> None:
    wire = line()
    wire.ask("$10=3\n", 0.0)
    assert wire.ask("G4 P5\n" + "G0 X5.000\n" * 20, 0.0) == ""
    assert "|Bf:15,0|" in wire.status()
    assert wire.gantry.board.receiver.lost == 72
    assert wire.wait(10.0).count("ok") == 13


def test_soft_limit_is_alarm_2_and_needs_a_reset(line: Lines) -> None:
    wire = line()
    assert wire.ask("G0 X421\n") == "ALARM:2\r\n[MSG:Reset to continue]\r\n"
    assert wire.ask("?$X\n") == ""
    assert wire.ask("\x18") == wire.BANNER + wire.LOCKED
    assert wire.ask("$X\nG0 X420\n") == "[MSG:Caution: Unlocked]\r\nok\r\nok\r\n"


def test_reopening_the_port_ends_a_soft_limit_alarm(line: Lines) -> None:
    wire = line()
    wire.ask("G0 X421\n")
    wire.gantry.opened(wire.now)
    assert wire.wait(2.0) == wire.BANNER + wire.LOCKED
    assert wire.ask("$X\n") == "[MSG:Caution: Unlocked]\r\nok\r\n"


def test_soft_limit_in_motion_brakes_first(line: Lines) -> None:
    wire = line()
    wire.ask("G1 X400 F3000\n", 1.0)
    assert wire.ask("G1 X500\n", 0.01) == ""
    assert wire.wait(5.0) == "ALARM:2\r\n[MSG:Reset to continue]\r\n"
    wire.ask("\x18$X\n")
    x = float(wire.status().split("MPos:")[1].split(",")[0])
    assert 49.0 < x < 52.0


def test_feed_hold_decelerates_and_resumes(line: Lines) -> None:
    wire = line()
    wire.ask("G1 X100 F3000\n", 1.0)
    wire.ask("!", 0.02)
    assert wire.status().startswith("<Hold:1|")
    wire.wait(1.0)
    held = wire.status()
    assert held.startswith("<Hold:0|")
    assert "|FS:0," in held
    x = float(held.split("MPos:")[1].split(",")[0])
    assert 47.0 < x < 53.0
    assert wire.ask("G0 X1\n", 5.0) == ""  # nothing is read while it holds
    assert wire.ask("~", 20.0) == "ok\r\n"
    assert "<Idle|MPos:1.000," in wire.status()


def test_hold_at_rest_and_reset_out_of_it_is_no_alarm(line: Lines) -> None:
    wire = line()
    wire.ask("!")
    assert wire.status().startswith("<Hold:0|")
    assert wire.ask("\x18") == wire.BANNER
    assert wire.status().startswith("<Idle|")


def test_reset_in_motion_is_alarm_3(line: Lines) -> None:
    wire = line()
    wire.ask("G1 X100 F600\n", 1.0)
    assert wire.ask("\x18", 0.0) == "ALARM:3\r\n"
    assert wire.wait(1.0) == wire.BANNER + wire.LOCKED
    assert wire.status().startswith("<Alarm|MPos:9.9")


def test_homing_takes_its_time_and_answers_no_status(line: Lines) -> None:
    wire = line()
    wire.ask("G0 X400 Y290\n")
    assert wire.ask("$H\n?", 5.0) == ""
    late = wire.wait(30.0)
    assert late.startswith("<Home|")
    assert late.endswith("ok\r\n")
    assert wire.status().startswith("<Idle|MPos:0.000,0.000,0.000")


def test_reset_while_homing_is_alarm_6(line: Lines) -> None:
    wire = line()
    wire.ask("G0 X400\n")
    wire.ask("$H\n", 2.0)
    assert wire.ask("\x18", 2.0) == "ALARM:6\r\n" + wire.BANNER + wire.LOCKED


def test_jog_runs_and_can_be_cancelled(line: Lines) -> None:
    wire = line()
    assert wire.ask("$J=G91 X100 F600\n", 1.0) == "ok\r\n"
    assert wire.status().startswith("<Jog|")
    assert wire.ask("G0X1\n", 0.0) == "error:9\r\n"
    assert wire.ask("\x85", 1.0) == ""
    assert wire.status().startswith("<Idle|")
    wire.ask("G91\nG0 X0\n")
    x = float(wire.status().split("MPos:")[1].split(",")[0])
    assert 9.0 < x < 12.0


def test_check_mode_moves_nothing(line: Lines) -> None:
    wire = line()
    assert wire.ask("$C\nG0 X10\nG9\n") == "[MSG:Enabled]\r\nok\r\nok\r\nerror:20\r\n"
    assert wire.status().startswith("<Check|MPos:0.000")
    assert wire.ask("$C\n") == "[MSG:Disabled]\r\nok\r\n" + wire.BANNER


def test_power_up_forgets_where_the_head_is(line: Lines) -> None:
    wire = line()
    wire.ask("G0 X100\n")
    wire.gantry.opened(wire.now)
    wire.wait(2.0)
    assert "MPos:0.000" in wire.status()
    assert wire.gantry.head.true[0] == pytest.approx(100.0)
    wire.ask("$H\n")
    assert wire.gantry.head.true[0] == pytest.approx(0.0)
