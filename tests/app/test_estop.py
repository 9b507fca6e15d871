"""Whom the emergency stop asks, what it makes of the answers, and which lab is meant."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.latch import Latch
from labcore.adapters.loopback import Loopback, Reply
from labcore.adapters.loopback_client import publish
from labcore.app.emergency import refuse_latched
from labcore.app.estop import LabAt, find_labs, forget_dead_guards, press, reset, worst_first
from labcore.app.guard_files import guard_file, guards_of
from labcore.app.places import lab_folder
from labcore.app.safe_data import safe_acts
from labcore.engine.guard_report import Report
from labcore.errors import DecisionNeeded, UsageError

NAME = "A lab"
LAB = """
lab: A lab
devices:
  stirrer: {driver: ika-namur, port: "socket://127.0.0.1:9"}
  camera: {driver: opencv-camera, source: 0}
  person: {driver: operator}
  ghost: {driver: ika-namur, port: "sim://ika-rct"}
  twin: {same_as: stirrer}
"""
SAFE = {"at": "x", "safe": [{"output": "speed", "frames": ["53"], "breaks_in": "after_line"}]}
Answers = Callable[[Reply], None]


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Callable[..., Loopback]]:
    """Serve a guard that answers as told, and publish it for a run of the lab."""
    served: list[Loopback] = []

    def make(answer: Answers, run: str = "run-1", **devices: Any) -> Loopback:
        def handle(request: Mapping[str, Any], reply: Reply) -> None:
            assert request["ask"] == "estop"
            answer(reply)

        loopback = Loopback(handle)
        loopback.start()
        served.append(loopback)
        folder = tmp_path / "runs" / run
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lab.yaml").write_text(LAB, encoding="utf-8")
        publish(
            guard_file(NAME, run), {**loopback.address, "run": str(folder), "lab": NAME, "devices": devices}
        )
        return loopback

    yield make
    for one in served:
        one.close()


def lab() -> LabAt:
    return LabAt(NAME, lab_folder(NAME))


def made(pressed: Any) -> dict[str, str]:
    return {one.device: one.made for one in pressed.reports}


def both(*reports: Mapping[str, str]) -> Answers:
    def answer(reply: Reply) -> None:
        reply({"heard": True}, last=False)
        reply({"reports": list(reports)})

    return answer


def test_the_reports_of_a_living_guard_are_taken_and_its_devices_are_not_opened(guard: Any) -> None:
    guard(both({"device": "stirrer", "made": "confirmed", "message": ""}), stirrer=SAFE)
    pressed = press(lab(), "me", "smoke")
    assert made(pressed) == {"stirrer": "confirmed"}
    assert pressed.safe
    assert str(pressed.latched).endswith(": smoke")
    assert any("person: tell them" in one or "person is a person" in one for one in pressed.remarks)
    assert any("ghost is simulated" in one for one in pressed.remarks)


def test_an_owner_that_says_nothing_is_named_within_200_ms(guard: Any) -> None:
    guard(lambda reply: None, stirrer=SAFE, balance={"at": "y", "safe": []})
    pressed = press(lab(), "me")
    assert made(pressed) == {"stirrer": "not_reached"}
    assert not pressed.safe
    [remark] = [one for one in pressed.remarks if "does not answer" in one]
    assert f"process {os.getpid()} of run run-1" in remark
    assert "stirrer, balance" in remark


def test_an_owner_that_hears_and_never_reports_is_told_apart(
    guard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcore.app.estop.LIMIT", 0.2)
    monkeypatch.setattr("labcore.app.estop.CONFIRM_WITHIN", 0.1)
    guard(lambda reply: reply({"heard": True}, last=False), stirrer=SAFE)
    pressed = press(lab(), "me")
    assert made(pressed) == {"stirrer": "not_reached"}
    assert any("was heard to begin" in one for one in pressed.remarks)


def test_several_guards_are_asked_at_once(guard: Any) -> None:
    guard(lambda reply: None, "run-1", stirrer=SAFE)
    guard(both({"device": "pump", "made": "sent", "message": "no read-back"}), "run-2", pump=SAFE)
    began = time.monotonic()
    pressed = press(lab(), "me")
    assert made(pressed) == {"stirrer": "not_reached", "pump": "sent"}
    assert time.monotonic() - began < 3


def test_a_guard_where_nobody_listens_leaves_its_devices_to_us(guard: Any) -> None:
    guard(lambda reply: None, stirrer=SAFE).close()
    pressed = press(lab(), "me")
    [report] = pressed.reports
    assert (report.device, report.made) == ("stirrer", "not_reached")  # port 9: nobody there either
    assert "127.0.0.1:9" in report.message
    assert any("has ended" in one for one in pressed.remarks)


def test_nobody_is_asked_with_a_dead_pid(tmp_path: Path) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    publish(
        guard_file(NAME, "run-1"),
        {"port": 1, "token": "t", "pid": int(dead.stdout), "run": "run-1", "lab": NAME, "devices": {}},
    )
    pressed = press(lab(), "me")
    assert any("is gone" in one for one in pressed.remarks)
    assert not pressed.known
    assert not pressed.safe, "no lab file: nobody knows which devices there are"
    reset(lab(), "me")
    forget_dead_guards(lab())
    assert list(guards_of(lab_folder(NAME))) == []


def test_a_lab_file_that_cannot_be_read_is_said_and_the_latch_stands(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text("lab: [", encoding="utf-8")
    pressed = press(LabAt(NAME, lab_folder(NAME), path), "me")
    assert pressed.latched is not None
    assert not pressed.safe
    assert any("could not be looked up" in one for one in pressed.remarks)


def test_a_latch_that_cannot_be_written_stops_nobody_from_asking(guard: Any, state: Path) -> None:
    guard(both({"device": "stirrer", "made": "confirmed", "message": ""}), stirrer=SAFE)
    (lab_folder(NAME) / "estop.json").mkdir()  # in the way
    (lab_folder(NAME) / "estop.json" / "x").touch()
    pressed = press(lab(), "me")
    assert made(pressed) == {"stirrer": "confirmed"}


def test_which_lab_is_meant(guard: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="which lab"):
        find_labs(None)
    lab_folder("one").mkdir(parents=True)
    assert [one.name for one in find_labs(None)] == ["one"]
    lab_folder("two").mkdir(parents=True)
    with pytest.raises(UsageError, match="which lab"):
        find_labs(None)
    guard(lambda reply: None)
    assert [one.name for one in find_labs(None)] == [NAME], "the one with a run"
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    [by_file] = find_labs(str(tmp_path / "lab.yaml"))
    assert (by_file.name, by_file.folder) == (NAME, lab_folder(NAME))
    assert find_labs("two")[0].folder == lab_folder("two")
    with pytest.raises(UsageError, match="no lab 'twoo'"):
        find_labs("twoo")


def test_it_is_reset_on_purpose_and_not_while_a_run_lives(guard: Any) -> None:
    with pytest.raises(UsageError, match="not set"):
        reset(lab(), "me")
    served = guard(both())
    press(lab(), "me")
    with pytest.raises(DecisionNeeded, match="emergency stop"):
        refuse_latched(NAME)
    with pytest.raises(UsageError, match="still lives"):
        reset(lab(), "me")
    served.close()
    guard_file(NAME, "run-1").unlink()
    reset(lab(), "me")
    refuse_latched(NAME)


def test_a_safe_state_that_was_kept_is_sent_as_it_was() -> None:
    [act] = safe_acts(SAFE)
    assert (act.output, act.frames, act.breaks_in) == ("speed", (b"S",), "after_line")
    assert safe_acts({}) == ()


def test_what_needs_a_person_is_named_first() -> None:
    reports = [Report("a", "confirmed"), Report("b", "sent"), Report("c", "not_reached")]
    assert [one.device for one in worst_first(reports)] == ["c", "b", "a"]


def test_a_stop_that_could_not_be_latched_does_not_claim_to_hold_anything(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from labcore.cli.estop import _show

    def refused(*args: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Latch, "set", refused)
    _show(press(LabAt(NAME, lab_folder(NAME)), "Ann"))
    shown = capsys.readouterr().out
    assert "NOT LATCHED" in shown
    assert "NOTHING HOLDS THE LAB" in shown
    assert "until then nothing starts" not in shown
