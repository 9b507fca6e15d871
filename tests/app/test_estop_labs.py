"""Which lab is meant by an emergency stop, which lab file says what stands there, and how it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.loopback import Reply
from labcore.adapters.loopback_client import publish
from labcore.app.emergency import refuse_latched
from labcore.app.estop import LabAt, find_labs, forget_dead_guards, press, reset, worst_first
from labcore.app.guard_files import guard_file
from labcore.app.places import lab_folder
from labcore.engine.guard_report import Report
from labcore.errors import DecisionNeeded, UsageError

NAME = "A lab"
Answers = Callable[[Reply], None]
pytestmark = pytest.mark.usefixtures("state")


def lab() -> LabAt:
    return LabAt(NAME, lab_folder(NAME))


def both(*reports: Mapping[str, str]) -> Answers:
    def answer(reply: Reply) -> None:
        reply({"heard": True}, last=False)
        reply({"reports": list(reports)})

    return answer


def history() -> list[dict[str, str]]:
    lines = (lab_folder(NAME) / "estop-history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: text for name, text in json.loads(line).items() if name != "at"} for line in lines]


def test_the_lab_file_is_the_one_given_else_that_of_the_newest_run(guard: Any, tmp_path: Path) -> None:
    guard(both(), "run-1")
    guard(both(), "run-2")
    for name, person in (("run-1", "Ann"), ("run-2", "Bob")):
        (tmp_path / "runs" / name / "lab.yaml").write_text(
            f"lab: A lab\ndevices: {{{person}: {{driver: operator}}}}\n", encoding="utf-8"
        )
    assert press(lab(), "me").remarks[-1] == "Bob is a person: tell them"
    (tmp_path / "runs" / "run-2" / "lab.yaml").unlink()
    assert press(lab(), "me").remarks[-1] == "Ann is a person: tell them"
    given = tmp_path / "given.yaml"
    given.write_text("lab: A lab\ndevices: {Cid: {driver: operator}}\n", encoding="utf-8")
    assert press(LabAt(NAME, lab_folder(NAME), given), "me").remarks[-1] == "Cid is a person: tell them"


def test_without_a_guard_it_is_the_last_run_that_the_lab_remembers(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "run-9"
    folder.mkdir(parents=True)
    (folder / "lab.yaml").write_text("lab: A lab\ndevices: {Ann: {driver: operator}}\n", encoding="utf-8")
    lab_folder(NAME).mkdir(parents=True)
    (lab_folder(NAME) / "lab.json").write_text(json.dumps({"last_run": str(folder)}), encoding="utf-8")
    pressed = press(lab(), "me")
    assert pressed.remarks == ["Ann is a person: tell them"]
    assert pressed.safe
    assert pressed.reports == []


def test_which_lab_is_meant(guard: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_labs(None)
    assert caught.value.message == "which lab? Say it with --lab NAME or --lab FILE"
    assert caught.value.remedy == "Give a lab file: --lab lab.yaml."
    with pytest.raises(UsageError) as caught:
        find_labs("one")
    assert caught.value.remedy == "Known: none. Or give its file: --lab lab.yaml."
    lab_folder("one").mkdir(parents=True)
    assert [one.name for one in find_labs(None)] == ["one"]
    lab_folder("two").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        find_labs(None)
    assert caught.value.remedy == "Known: one, two."
    LabAt("two", lab_folder("two")).latch.set("me")
    assert find_labs(None) == [LabAt("two", lab_folder("two"))], "the one that is latched"
    (lab_folder("two").parent / "a file").touch()
    guard(lambda reply: None)
    assert find_labs(None) == [LabAt(NAME, lab_folder(NAME))], "the one with a run"
    (tmp_path / "lab.yaml").write_text("lab: A lab\n", encoding="utf-8")
    [by_file] = find_labs(str(tmp_path / "lab.yaml"))
    assert by_file == LabAt(NAME, lab_folder(NAME), tmp_path / "lab.yaml")
    (tmp_path / "lab.yml").write_text("lab: two\n", encoding="utf-8")
    assert find_labs(str(tmp_path / "lab.yml")) == [LabAt("two", lab_folder("two"), tmp_path / "lab.yml")]
    assert find_labs("two") == [LabAt("two", lab_folder("two"))]
    with pytest.raises(UsageError) as caught:
        find_labs("twoo")
    assert caught.value.message == "no lab 'twoo' was ever used here"
    assert caught.value.remedy == f"Known: {NAME}, one, two. Or give its file: --lab lab.yaml."
    with pytest.raises(UsageError, match="no lab '.*absent.yaml' was ever used here"):
        find_labs(str(tmp_path / "absent.yaml"))


def test_several_labs_with_runs_are_all_meant(guard: Any) -> None:
    guard(lambda reply: None)
    publish(
        lab_folder("other") / "guards" / "r.json",
        {"port": 1, "token": "t", "pid": os.getpid(), "lab": "other"},
    )
    lab_folder("idle").mkdir(parents=True)
    assert find_labs(None) == [LabAt(NAME, lab_folder(NAME)), LabAt("other", lab_folder("other"))]


def test_it_is_reset_on_purpose_and_not_while_a_run_lives(guard: Any) -> None:
    with pytest.raises(UsageError) as caught:
        reset(lab(), "me")
    assert caught.value.message == "the emergency stop of 'A lab' is not set"
    served = guard(both())
    press(lab(), "me")
    with pytest.raises(DecisionNeeded) as held:
        refuse_latched(NAME)
    assert held.value.message == f"the emergency stop of 'A lab' is set {lab().latch.read()}"
    assert held.value.remedy == "`labcore estop --reset` says what to check and ends it."
    with pytest.raises(UsageError) as caught:
        reset(lab(), "me")
    assert caught.value.message == (
        f"run run-1 of process {os.getpid()} still lives; reset when it has ended"
    )
    assert caught.value.remedy == "If it does not end by itself, end the process."
    served.close()
    forget_dead_guards(lab())
    assert guard_file(NAME, "run-1").exists(), "its process lives: what it says is not forgotten"
    guard_file(NAME, "run-1").unlink()
    reset(lab(), "Ann", "looked at")
    refuse_latched(NAME)
    assert history()[-1] == {"what": "reset", "by": "Ann", "why": "looked at"}
    lab().latch.set("me")
    reset(lab(), "Bob")
    assert history()[-1] == {"what": "reset", "by": "Bob", "why": ""}


def test_what_needs_a_person_is_named_first() -> None:
    a, b, c, d = (
        Report("a", "confirmed"),
        Report("b", "sent", "x"),
        Report("d", "sent"),
        Report("c", "not_reached"),
    )
    assert worst_first([a, c, b, d]) == [d, b, c, a]
