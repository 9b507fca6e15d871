"""Whom the emergency stop asks, what it makes of the answers, and which lab is meant."""

from __future__ import annotations

import json
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
from labcore.adapters.loopback_client import NoAnswer, publish
from labcore.app.estop import ANSWER_WITHIN, LabAt, forget_dead_guards, press, reset
from labcore.app.guard_files import guard_file, guards_of
from labcore.app.places import lab_folder
from labcore.engine.guard_report import Report

NAME = "A lab"
SAFE = {"at": "x", "safe": [{"output": "speed", "frames": ["53"], "breaks_in": "after_line"}]}
Answers = Callable[[Reply], None]
pytestmark = pytest.mark.usefixtures("state")


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
    assert pressed.reports == [Report("stirrer", "confirmed")]
    assert pressed.safe
    assert pressed.lab == lab()
    assert (pressed.latched.by, pressed.latched.why) == ("me", "smoke")
    assert pressed.remarks == [
        "run run-1 is being aborted",
        "person is a person: tell them",
        "ghost is simulated inside a run: without a run it does nothing",
    ]
    assert history()[-1] == {"what": "confirmed", "device": "stirrer", "why": ""}


def history() -> list[dict[str, str]]:
    lines = (lab_folder(NAME) / "estop-history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: text for name, text in json.loads(line).items() if name != "at"} for line in lines]


def test_a_guard_is_told_who_pressed_it_and_why(tmp_path: Path) -> None:
    heard: list[Any] = []

    def handle(request: Mapping[str, Any], reply: Reply) -> None:
        heard.append(dict(request))
        reply({"reports": []})

    served = Loopback(handle)
    served.start()
    publish(guard_file(NAME, "run-1"), {**served.address, "run": str(tmp_path / "run-1"), "lab": NAME})
    try:
        pressed = press(lab(), "me", "smoke")
    finally:
        served.close()
    assert heard == [{"ask": "estop", "by": "me", "why": "smoke"}]
    assert pressed.reports == []
    assert pressed.remarks[0] == "run run-1 is being aborted"
    assert history() == [{"what": "set", "by": "me", "why": "smoke"}]
    assert not pressed.safe, "there is no lab file beside the run: nobody knows its other devices"


def test_an_owner_that_says_nothing_is_named_within_200_ms(guard: Any) -> None:
    guard(lambda reply: None, stirrer=SAFE, balance={"at": "y", "safe": []})
    began = time.monotonic()
    pressed = press(lab(), "me")
    took = time.monotonic() - began
    why = f"process {os.getpid()} does not answer"
    assert pressed.reports == [Report("stirrer", "not_reached", why)], (
        "what has no safe state is not reported"
    )
    assert not pressed.safe
    assert pressed.remarks[0] == (
        f"process {os.getpid()} of run run-1 lives and does not answer; it holds stirrer, balance. "
        "Nobody else can reach them"
    )
    assert took < 1.5
    assert ANSWER_WITHIN == 0.2
    assert history()[-1] == {"what": "not_reached", "device": "stirrer", "why": why}


def test_one_that_hangs_up_before_it_reports_is_told_apart(guard: Any) -> None:
    guard(lambda reply: reply({"heard": True}))
    pressed = press(lab(), "me")
    assert pressed.remarks[0] == (
        f"process {os.getpid()} of run run-1 lives and hung up; it holds no device. Nobody else can reach them"
    )


def test_an_owner_that_hears_and_never_reports_is_told_apart(
    guard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcore.app.estop.LIMIT", 0.2)
    monkeypatch.setattr("labcore.app.estop.CONFIRM_WITHIN", 0.1)
    guard(lambda reply: reply({"heard": True}, last=False), stirrer=SAFE)
    began = time.monotonic()
    pressed = press(lab(), "me")
    assert 0.3 <= time.monotonic() - began < 2, "it is given the time that a guard may take"
    why = f"process {os.getpid()} was heard to begin and does not report"
    assert pressed.reports == [Report("stirrer", "not_reached", why)]
    assert (
        f"process {os.getpid()} of run run-1 lives and was heard to begin and does not report; it holds stirrer"
        in (pressed.remarks[0])
    )


def test_one_that_stops_listening_after_it_was_heard_is_no_dead_one(
    guard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its devices are still its own: they are not opened a second time."""

    def gone(*_: Any, **__: Any) -> Iterator[Any]:
        yield {"heard": True}
        raise NoAnswer("nobody listens there any more", gone=True)

    monkeypatch.setattr("labcore.app.estop.ask", gone)
    guard(lambda reply: None, stirrer=SAFE)
    [report] = press(lab(), "me").reports
    assert report == Report(
        "stirrer", "not_reached", f"process {os.getpid()} was heard to begin and does not report"
    )


def test_several_guards_are_asked_at_once(guard: Any) -> None:
    guard(lambda reply: None, "run-1", stirrer=SAFE)
    guard(both({"device": "pump", "made": "sent", "message": "no read-back"}), "run-2", pump=SAFE)
    began = time.monotonic()
    pressed = press(lab(), "me")
    assert made(pressed) == {"stirrer": "not_reached", "pump": "sent"}
    assert pressed.reports[1] == Report("pump", "sent", "no read-back")
    assert time.monotonic() - began < 3


def test_a_guard_where_nobody_listens_leaves_its_devices_to_us(guard: Any) -> None:
    guard(lambda reply: None, stirrer=SAFE).close()
    pressed = press(lab(), "me")
    [report] = pressed.reports
    assert (report.device, report.made) == ("stirrer", "not_reached")  # port 9: nobody there either
    assert "127.0.0.1:9" in report.message
    assert pressed.remarks[0] == f"run run-1 of process {os.getpid()} has ended"
    assert pressed.known


def test_what_a_dead_run_left_as_safe_is_sent_to_its_device(
    guard: Any, plate: Any, catalog_with: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    catalog = catalog_with()
    monkeypatch.setattr("labcore.app.takeover.EntryPointCatalog", lambda: catalog)
    one = plate(speed="0")
    kept = {"at": "x", "safe": [{"output": "speed", "frames": [b"OFF\n".hex()], "breaks_in": "after_line"}]}
    guard(lambda reply: None, stirrer=kept).close()
    text = f'lab: A lab\ndevices:\n  stirrer: {{driver: plate, port: "{one.port}"}}\n'
    (tmp_path / "runs" / "run-1" / "lab.yaml").write_text(text, encoding="utf-8")
    pressed = press(lab(), "me")
    assert pressed.reports == [Report("stirrer", "confirmed")]
    assert pressed.safe
    assert one.heard == ["OFF", "NAME", "SPEED"]


def test_nobody_is_asked_with_a_dead_pid(tmp_path: Path) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    publish(
        guard_file(NAME, "run-1"),
        {"port": 1, "token": "t", "pid": int(dead.stdout), "run": "run-1", "lab": NAME, "devices": {}},
    )
    pressed = press(lab(), "me")
    assert pressed.remarks == [
        f"process {int(dead.stdout)} of run run-1 is gone",
        "no lab file is known here: name it with --lab FILE to reach its other devices",
    ]
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
    assert pressed.remarks == ["the lab's other devices could not be looked up: 1 problem(s) found"]
    assert not pressed.known


def test_a_latch_that_cannot_be_written_is_said_and_the_guards_are_asked_all_the_same(
    guard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("labcore.adapters.latch._write_whole", full)
    guard(both({"device": "stirrer", "made": "confirmed", "message": ""}), stirrer=SAFE)
    pressed = press(lab(), "me")
    assert pressed.latched is None
    assert pressed.reports == [Report("stirrer", "confirmed")]
    assert not pressed.safe, "nothing holds the next run"
    assert pressed.remarks[0] == (
        "the latch could not be written ([Errno 28] No space left on device): runs may start and go on"
    )


@pytest.mark.parametrize(("made", "safe"), [("confirmed", True), ("sent", False), ("not_reached", False)])
def test_only_what_is_confirmed_is_safe(guard: Any, made: str, safe: bool) -> None:
    confirmed = {"device": "stirrer", "made": "confirmed", "message": ""}
    guard(both(confirmed, {"device": "pump", "made": made, "message": "x"}), stirrer=SAFE, pump=SAFE)
    assert press(lab(), "me").safe is safe


def test_a_latch_that_cannot_be_written_stops_nobody_from_asking(guard: Any, state: Path) -> None:
    guard(both({"device": "stirrer", "made": "confirmed", "message": ""}), stirrer=SAFE)
    (lab_folder(NAME) / "estop.json").mkdir()  # in the way
    (lab_folder(NAME) / "estop.json" / "x").touch()
    pressed = press(lab(), "me")
    assert made(pressed) == {"stirrer": "confirmed"}


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
