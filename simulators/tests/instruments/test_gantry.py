"""The gantry: documented GRBL exchanges, and what they do to the bench."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore_simulators.instruments import Gantry, IkaRct
from labcore_simulators.instruments.gantry import millilitres

BANNER = "\r\nGrbl 1.1h ['$' for help]\r\n"
LOCKED = "[MSG:'$H'|'$X' to unlock]\r\n"
LAB = {"positions": {"rack/A1": {}, "rack/A2": {}, "stirrer": {}}, "stock": {"acetone": {"in": "bottle/1"}}}


class Line:
    """Drives an instrument through time as a host would, always stopping where it is due."""

    def __init__(self, gantry: Gantry, now: float = 0.0) -> None:
        self.gantry, self.now = gantry, now

    def wait(self, seconds: float) -> str:
        said, end = b"", self.now + seconds
        while (due := self.gantry.due()) is not None and due <= end:
            self.now = max(self.now, due)
            said += self.gantry.poll(self.now)
        self.now = end
        return (said + self.gantry.poll(end)).decode("ascii")

    def ask(self, text: str, seconds: float = 120.0) -> str:
        self.gantry.feed(text.encode("latin-1"), self.now)
        return self.wait(seconds)

    def status(self) -> str:
        return self.ask("?", 0.0).strip()


def line(books: Any, *, home: bool = True, **options: Any) -> Line:
    wire = Line(Gantry(books, device="robot", options=options, lab=LAB, seed=3), books.clock)
    wire.gantry.opened(wire.now)
    assert wire.wait(2.0) == BANNER + LOCKED
    if home:
        assert wire.ask("$H\n") == "ok\r\n"
    return wire


def exact(books: Any, **options: Any) -> Line:
    return line(books, calibration_error=0.0, backlash=0.0, **options)


# --------------------------------------------------------------------------------------------- the wire
def test_opening_resets_and_boots_locked(books: Any) -> None:
    wire = line(books, home=False)
    assert wire.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000>"
    assert wire.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0|Ov:100,100,100>"
    assert wire.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0>"
    assert wire.ask("G0X1\n") == "error:9\r\n"
    assert wire.ask("$X\n") == "[MSG:Caution: Unlocked]\r\nok\r\n"
    assert wire.ask("G0X1\n") == "ok\r\n"


def test_bytes_during_boot_are_lost(books: Any) -> None:
    wire = Line(Gantry(books, device="robot", options={}, lab=LAB, seed=3))
    wire.gantry.opened(0.0)
    assert wire.ask("$X\n", 1.0) == ""
    assert wire.wait(1.0) == BANNER + LOCKED


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
def test_errors_have_the_documented_numbers(books: Any, text: str, answer: str) -> None:
    assert line(books).ask(text).split() == answer.split()


def test_homing_disabled_is_error_5_and_soft_limits_then_error_10(books: Any) -> None:
    wire = line(books)
    assert wire.ask("$22=0\n$H\n$20=1\n") == "ok\r\nerror:5\r\nerror:10\r\n"


def test_carriage_return_and_line_feed_are_two_line_ends(books: Any) -> None:
    assert line(books).ask("G21\r\n") == "ok\r\nok\r\n"


def test_chunks_may_be_split_anywhere_and_merged(books: Any) -> None:
    wire = line(books)
    for byte in "g0 x1\ng0":
        wire.gantry.feed(byte.encode(), wire.now)
    assert wire.ask("x2\nG0X3\n") == "ok\r\nok\r\nok\r\n"
    assert "MPos:3.000," in wire.status()


def test_settings_listing_and_storing(books: Any) -> None:
    wire = line(books)
    listing = wire.ask("$$\n")
    assert "$22=1\r\n" in listing
    assert "$130=420.000\r\n$131=300.000\r\n$132=60.000\r\nok\r\n" in listing
    assert wire.ask("$10=2\n") == "ok\r\n"
    assert "|WPos:0.000,0.000,0.000|Bf:15,128|" in wire.status()


def test_parser_state_and_build(books: Any) -> None:
    wire = line(books)
    assert wire.ask("$G\n") == "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]\r\nok\r\n"
    assert wire.ask("G91 G20 M8 F10\n$G\n").splitlines()[1] == "[GC:G0 G54 G17 G20 G91 G94 M5 M8 T0 F10 S0]"
    assert wire.ask("$I\n") == "[VER:1.1h.20190830:]\r\n[OPT:VZ,15,128]\r\nok\r\n"


def test_work_offset_is_told_in_reports(books: Any) -> None:
    wire = line(books)
    wire.ask("G0 X10\nG92 X0\n")
    assert "|WCO:10.000,0.000,0.000" in wire.status()
    wire.ask("G0 X5\n")
    assert "MPos:15.000," in wire.status()
    wire.ask("G53 G0 X5\nG92.1\n")
    assert "MPos:5.000," in wire.status()


def test_inches_and_relative(books: Any) -> None:
    wire = line(books)
    wire.ask("G20 G91\nG0 X1\nX1\n")
    assert "MPos:50.800," in wire.status()


# ----------------------------------------------------------------------------------------------- motion
def test_ok_means_queued_not_done(books: Any) -> None:
    wire = line(books)
    assert wire.ask("G1 X100 F600\n", 0.1) == "ok\r\n"
    assert wire.status().startswith("<Run|MPos:")
    wire.wait(11.0)
    assert wire.status().startswith("<Idle|MPos:100.000,0.000,0.000|FS:0,0")


def test_dwell_waits_for_the_motion_before_it(books: Any) -> None:
    wire = line(books)
    assert wire.ask("G1 X10 F600\nG4 P0\n", 0.9) == "ok\r\n"
    assert wire.wait(0.3) == "ok\r\n"


def test_planner_holds_fifteen_moves(books: Any) -> None:
    wire = line(books)
    moves = "".join(f"G1 X{1 + n % 2} F60\n" for n in range(17))
    assert wire.ask(moves, 0.0).count("ok") == 15
    wire.ask("$10=3\n", 0.0)
    assert wire.wait(60.0).count("ok") == 2
    assert wire.ask("$10=3\n", 0) == "ok\r\n"
    assert "|Bf:15,128|" in wire.status()


def test_receive_buffer_holds_128_bytes(books: Any) -> None:
    wire = line(books)
    wire.ask("$10=3\n", 0.0)
    assert wire.ask("G4 P5\n" + "G0 X5.000\n" * 20, 0.0) == ""
    assert "|Bf:15,0|" in wire.status()
    assert wire.gantry.board.receiver.lost == 72
    assert wire.wait(10.0).count("ok") == 13


def test_soft_limit_is_alarm_2_and_needs_a_reset(books: Any) -> None:
    wire = line(books)
    assert wire.ask("G0 X421\n") == "ALARM:2\r\n[MSG:Reset to continue]\r\n"
    assert wire.ask("?$X\n") == ""
    assert wire.ask("\x18") == BANNER + LOCKED
    assert wire.ask("$X\nG0 X420\n") == "[MSG:Caution: Unlocked]\r\nok\r\nok\r\n"


def test_reopening_the_port_ends_a_soft_limit_alarm(books: Any) -> None:
    wire = line(books)
    wire.ask("G0 X421\n")
    wire.gantry.opened(wire.now)
    assert wire.wait(2.0) == BANNER + LOCKED
    assert wire.ask("$X\n") == "[MSG:Caution: Unlocked]\r\nok\r\n"


def test_soft_limit_in_motion_brakes_first(books: Any) -> None:
    wire = line(books)
    wire.ask("G1 X400 F3000\n", 1.0)
    assert wire.ask("G1 X500\n", 0.01) == ""
    assert wire.wait(5.0) == "ALARM:2\r\n[MSG:Reset to continue]\r\n"
    wire.ask("\x18$X\n")
    x = float(wire.status().split("MPos:")[1].split(",")[0])
    assert 49.0 < x < 52.0


def test_feed_hold_decelerates_and_resumes(books: Any) -> None:
    wire = line(books)
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


def test_hold_at_rest_and_reset_out_of_it_is_no_alarm(books: Any) -> None:
    wire = line(books)
    wire.ask("!")
    assert wire.status().startswith("<Hold:0|")
    assert wire.ask("\x18") == BANNER
    assert wire.status().startswith("<Idle|")


def test_reset_in_motion_is_alarm_3(books: Any) -> None:
    wire = line(books)
    wire.ask("G1 X100 F600\n", 1.0)
    assert wire.ask("\x18", 0.0) == "ALARM:3\r\n"
    assert wire.wait(1.0) == BANNER + LOCKED
    assert wire.status().startswith("<Alarm|MPos:9.9")


def test_homing_takes_its_time_and_answers_no_status(books: Any) -> None:
    wire = line(books)
    wire.ask("G0 X400 Y290\n")
    assert wire.ask("$H\n?", 5.0) == ""
    late = wire.wait(30.0)
    assert late.startswith("<Home|")
    assert late.endswith("ok\r\n")
    assert wire.status().startswith("<Idle|MPos:0.000,0.000,0.000")


def test_reset_while_homing_is_alarm_6(books: Any) -> None:
    wire = line(books)
    wire.ask("G0 X400\n")
    wire.ask("$H\n", 2.0)
    assert wire.ask("\x18", 2.0) == "ALARM:6\r\n" + BANNER + LOCKED


def test_jog_runs_and_can_be_cancelled(books: Any) -> None:
    wire = line(books)
    assert wire.ask("$J=G91 X100 F600\n", 1.0) == "ok\r\n"
    assert wire.status().startswith("<Jog|")
    assert wire.ask("G0X1\n", 0.0) == "error:9\r\n"
    assert wire.ask("\x85", 1.0) == ""
    assert wire.status().startswith("<Idle|")
    wire.ask("G91\nG0 X0\n")
    x = float(wire.status().split("MPos:")[1].split(",")[0])
    assert 9.0 < x < 12.0


def test_check_mode_moves_nothing(books: Any) -> None:
    wire = line(books)
    assert wire.ask("$C\nG0 X10\nG9\n") == "[MSG:Enabled]\r\nok\r\nok\r\nerror:20\r\n"
    assert wire.status().startswith("<Check|MPos:0.000")
    assert wire.ask("$C\n") == "[MSG:Disabled]\r\nok\r\n" + BANNER


def test_power_up_forgets_where_the_head_is(books: Any) -> None:
    wire = line(books)
    wire.ask("G0 X100\n")
    wire.gantry.opened(wire.now)
    wire.wait(2.0)
    assert "MPos:0.000" in wire.status()
    assert wire.gantry.head.true[0] == pytest.approx(100.0)
    wire.ask("$H\n")
    assert wire.gantry.head.true[0] == pytest.approx(0.0)


# -------------------------------------------------------------------------------------------- the bench
DOSE = "G0 X40 Y270\nM8\nG4 P0.7\nG1 Z48 F600\nM9\nG4 P0.7\nG0 X40 Y30\nM8\nG4 P0.7\nG1 Z0 F600\nM9\n"


def test_a_dose_moves_what_the_plunger_moves(books: Any) -> None:
    wire = exact(books)
    assert wire.ask(DOSE).count("ok") == 11
    assert books.volumes["reactor"] == pytest.approx(20.0)
    assert books.volumes["bottle/1"] == pytest.approx(230.0)
    pours = [act[1] for act in books.did if act[0] == "pour"]
    assert max(b - a for a, b in zip(pours, pours[1:], strict=False)) <= 0.25 + 1e-6


def test_a_reset_in_the_middle_leaves_a_partial_dose(books: Any) -> None:
    wire = exact(books)
    wire.ask(DOSE.rsplit("G1", 1)[0])
    wire.ask("G1 Z0 F600\n", 2.4)
    wire.ask("\x18", 0.0)
    pushed = books.volumes["reactor"]
    assert pushed == pytest.approx((2.4 - 10 / 250 / 2) * 10 * 25 / 60, abs=1e-6)
    assert pushed + wire.gantry.head.syringe.filled == pytest.approx(20.0)


def test_the_syringe_is_off_by_its_seed_and_nothing_vanishes(books: Any) -> None:
    doses = []
    for seed in range(8):
        wire = Line(Gantry(books, device="robot", options={}, lab=LAB, seed=seed), books.clock)
        wire.gantry.opened(wire.now)
        wire.wait(2.0)
        books.volumes["reactor"], books.volumes["bottle/1"] = 0.0, 250.0
        before = sum(books.volumes.values())
        wire.ask("$H\n" + DOSE)
        doses.append(books.volumes["reactor"])
        assert sum(books.volumes.values()) + wire.gantry.head.syringe.filled == pytest.approx(before)
    assert len(set(doses)) == 8
    assert all(abs(dose / 20 - 1) < 0.011 for dose in doses)


def test_an_empty_bottle_gives_air(books: Any) -> None:
    books.volumes["bottle/1"] = 3.0
    exact(books).ask(DOSE)
    assert books.volumes["bottle/1"] == 0.0
    assert books.volumes["reactor"] == pytest.approx(3.0)


def test_a_needle_that_is_not_down_yet_draws_air(books: Any) -> None:
    wire = exact(books)
    wire.ask("G0 X40 Y270\nM8\nG1 Z48 F3000\n")
    assert 237.0 < books.volumes["bottle/1"] < 240.0


def test_pushing_with_the_head_up_spills_but_reaches_the_waste(books: Any) -> None:
    wire = exact(books)
    wire.ask(DOSE.split("M9")[0] + "M9\nG4 P1\n")
    wire.ask("G0 X380 Y270\nG1 Z24 F600\n")
    assert books.volumes["waste"] == pytest.approx(10.0)
    wire.ask("G0 X200 Y200\nG1 Z0\n")
    spilled = [m["volume_ml"] for m in wire.gantry.head.mishaps if m["what"] == "spilled"]
    assert sum(spilled) == pytest.approx(10.0)


CARRY = "M8\nG4P0.7\nM3 S1000\nG4P0.6\nM9\nG4P0.7\n"
RELEASE = "M8\nG4P0.7\nM5\nG4P0.6\nM9\nG4P0.7\n"


def test_the_gripper_carries_a_vessel(books: Any) -> None:
    wire = line(books)
    wire.ask("G0 X40 Y30\n" + CARRY)
    assert books.place_of("reactor") is None
    assert "A:SF" not in wire.status()
    wire.ask("G0 X320 Y60\n" + RELEASE)
    assert books.place_of("reactor") == "stirrer"
    assert [act[0] for act in books.did] == ["lift", "put"]
    assert {act[2] for act in books.did} == {"robot"}


def test_m3_without_a_speed_does_not_close_the_gripper(books: Any) -> None:
    wire = line(books)
    wire.ask("G0 X40 Y30\n" + CARRY.replace("S1000", ""))
    assert books.place_of("reactor") == "rack/A1"


def test_a_gripper_opened_in_the_air_drops_the_vessel(books: Any) -> None:
    wire = line(books)
    wire.ask("G0 X40 Y30\n" + CARRY + "M5\n")
    assert books.place_of("reactor") is None
    assert wire.gantry.head.mishaps[-1]["what"] == "dropped"


@pytest.mark.parametrize(("gripper", "held"), [("holds", "reactor"), ("springs-open", None)])
def test_a_reset_with_a_vessel_in_the_gripper(books: Any, gripper: str, held: str | None) -> None:
    wire = line(books, gripper=gripper)
    wire.ask("G0 X40 Y30\n" + CARRY)
    wire.ask("\x18")
    assert wire.gantry.head.holding == held


def test_wrong_coordinates_reach_nothing(books: Any) -> None:
    wire = exact(books)
    wire.ask(DOSE.replace("X40 Y270", "X47 Y270"))
    assert books.volumes["bottle/1"] == 250.0


def test_places_can_be_moved(books: Any) -> None:
    wire = exact(books, deck={"bottle/1": [200, 100]})
    wire.ask(DOSE.replace("X40 Y270", "X203 Y101"))
    assert books.volumes["reactor"] == pytest.approx(20.0)


# ------------------------------------------------------------------------------------------- robustness
def test_snapshot_goes_on_as_if_nothing_had_happened(books: Any) -> None:
    wire = line(books)
    wire.ask(DOSE[:-3], 9.0)
    state = copy.deepcopy(wire.gantry.snapshot())
    others = copy.deepcopy(books)
    del others.company  # the copy's instruments are not those of this test
    twin = Line(Gantry(others, device="robot", options={}, lab=LAB, seed=99))
    twin.gantry.head.syringe.per_mm = wire.gantry.head.syringe.per_mm
    twin.gantry.restore(state)
    twin.now = wire.now
    assert twin.wait(60.0) == wire.wait(60.0)
    assert others.volumes == books.volumes
    assert twin.status() == wire.status()


def test_board_state_is_plain_data(books: Any) -> None:
    wire = line(books)
    wire.ask("G1 X100 F600\nG1 X0\nM3 S1000\n", 1.0)
    json.dumps(wire.gantry.snapshot()["board"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.binary(max_size=200),
                st.text("GMXYZFSPJT0123456789.-+$=#!?~\n \r()N", max_size=120).map(str.encode),
                st.sampled_from([b"$H\n", b"$X\n", b"G0X10\n", b"M8\n", b"M3S9\n", b"G1Z9F99\n", b"\x18"]),
            ),
            st.floats(0, 30),
        ),
        max_size=25,
    )
)
def test_no_input_makes_it_raise(chunks: list[tuple[bytes, float]]) -> None:
    books = _books()
    gantry = Gantry(books, device="robot", options={}, lab=LAB, seed=1)
    now = 0.0
    gantry.opened(now)
    for data, pause in chunks:
        gantry.feed(data, now)
        now += pause
        gantry.board.advance(now)
        due = gantry.due()
        assert due is None or len(gantry.board.out) or due > now
        assert len(gantry.board.out) <= 65536
        assert len(gantry.board.receiver.ring) <= 128
    gantry.poll(now)


def _books() -> Any:
    class Nothing:
        clock = 0.0

        def advance(self, now: float) -> None:
            self.clock = now

        def acts(self) -> list[Any]:
            return []

        def vessel_at(self, place: str) -> None:
            return None

    return Nothing()


def test_output_nobody_reads_stays_bounded(books: Any) -> None:
    gantry = line(books).gantry
    for _ in range(40):
        gantry.feed(b"$$\n" * 40, 200.0)
    assert len(gantry.board.out) <= 65536


@pytest.mark.parametrize(("text", "value"), [("25 mL", 25.0), (10, 10.0), ("500 uL", 0.5), ("0.1 L", 100.0)])
def test_syringe_volume(text: Any, value: float) -> None:
    assert millilitres(text) == pytest.approx(value)


def test_wrong_syringe_volume_says_so() -> None:
    with pytest.raises(ValueError, match="25 mL"):
        millilitres("a lot")


def test_a_new_start_finds_the_vessel_in_a_gripper_that_holds(books: Any) -> None:
    line(books).ask("G0 X40 Y30\n" + CARRY)
    wire = line(books, gripper="holds")
    assert wire.gantry.head.holding == "reactor"
    wire.ask("G0 X320 Y60\nM3 S1000\n" + RELEASE)
    assert books.place_of("reactor") == "stirrer"


def test_what_was_due_happens_before_somebody_else_looks(books: Any) -> None:
    wire = exact(books)
    wire.ask(DOSE.split("G1")[0])
    began = wire.now
    wire.gantry.feed(b"G1 Z48 F600\n", began)
    plate = IkaRct(books, device="stirrer", options={}, lab=LAB, seed=0)
    plate.feed(b"IN_PV_4\r\n", began + 2.5)
    draws = [act for act in books.did if act[0] == "draw"]
    assert [act[1] - began for act in draws] == pytest.approx([0.25 * n for n in range(1, 11)])
    assert 9.8 < sum(act[4] for act in draws) < 10.5


def test_options_for_the_simulator_alone_stand_in_the_world_part(books: Any) -> None:
    lab = {**LAB, "world": {"instruments": {"robot": {"boot": 9.0, "syringe": "10 mL"}}}}
    gantry = Gantry(books, device="robot", options={"syringe": "25 mL"}, lab=lab, seed=3)
    assert gantry.board.boot == 9.0
    assert gantry.head.syringe.per_mm == pytest.approx(10 / 60, rel=0.01)
