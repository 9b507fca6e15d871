"""What is refused leaves nothing behind, and says so with the right exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import labcore
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.prompts_folder import FolderPrompts, write_answer
from labcore.cli.errors import report
from labcore.errors import UsageError
from labcore.model.event import Asked

Call = Callable[..., Any]


def test_a_reset_that_nobody_confirms_needs_a_decision(call: Call) -> None:
    result = call("lab", "reset", "some bench")
    assert (result.code, "nothing was forgotten" in result.err) == (5, True)
    assert call("lab", "reset", "some bench", "--yes").code == 0


class WithoutSimulators(EntryPointCatalog):
    """An installation in which labcore-simulators is missing."""

    def load(self, kind: Any, name: str) -> Any:
        if kind in ("simulators", "worlds"):
            raise KeyError(name)
        return super().load(kind, name)


def test_a_run_that_never_began_leaves_nothing_that_could_be_called_interrupted(
    protocol: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="there is no"):
        labcore.simulate(protocol, data=tmp_path / "fresh", catalog=WithoutSimulators())
    assert [one.name for one in (tmp_path / "fresh" / "runs").iterdir()] == []


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    prompts = FolderPrompts(tmp_path)
    prompts._publish(
        Asked(
            "q1",
            "Clear?",
            "choose",
            ("clear", "cloudy"),
            limit=60.0,
            default="clear",
            holds="stirring goes on",
        ),
        "t",
    )
    prompts._publish(Asked("q2", "How much?", "ask", (), "mL", "mL"), "t")
    return tmp_path


def test_a_wrong_answer_is_told_to_who_gave_it_and_the_question_stays_open(asking: Path) -> None:
    for question, value in (("q1", "blue"), ("q2", "12.5")):
        with pytest.raises(UsageError, match=f"{question} is still open"):
            write_answer(asking, question, value, "me")
    write_answer(asking, "q1", "CLOUDY", "me")
    assert '"cloudy"' in (asking / "inbox" / "answer-q1.json").read_text(encoding="utf-8")


def test_answer_lists_what_an_answer_needs(asking: Path, call: Call) -> None:
    (asking / "header.json").write_text("{}", encoding="utf-8")
    shown = call("answer", asking).out
    for part in (
        "q1: Clear?",
        "choose: clear, cloudy",
        "within 60 s, 'clear' counts",
        "stirring goes on",
        "like 12.5 mL",
    ):
        assert part in shown


BROKEN = "lab: broken\ndevices: {stirrer: {driver: ika-namurr, port: 'sim://ika-rct'}}\n"


@pytest.mark.parametrize("command", [("devices",), ("lab", "show")])
def test_what_is_wrong_with_a_lab_file_is_json_where_json_is_wanted(
    call: Call, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "lab.yaml").write_text(BROKEN if command == ("devices",) else "lab: [1]\n", encoding="utf-8")
    result = call(*command, "lab.yaml", "--json")
    assert (result.code, result.err) == (1, "")
    told = result.json()
    assert not told["ok"]
    assert told["problems"][0]["line"] > 0
    assert call(*command, "lab.yaml").code == 1


def test_devices_at_one_port_are_told(call: Call, tmp_path: Path) -> None:
    text = "lab: one\ndevices: {a: {driver: ika-namur, port: COM3}, b: {driver: ika-namur, port: com3}}\n"
    (tmp_path / "lab.yaml").write_text(text, encoding="utf-8")
    result = call("devices", "lab.yaml")
    assert (result.code, "E409" in result.err) == (1, True)


def test_places_that_cannot_be_used_are_named_with_what_is_kept_there(
    call: Call, tmp_path: Path, protocol: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    result = call("simulate", protocol, "--data", "file")
    assert (result.code, "runs cannot be kept in file" in result.err, "--data" in result.err) == (
        2,
        True,
        True,
    )
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "file"))
    (tmp_path / "notes.yaml").write_text("{labcore: 1, name: p, steps: [{note: here}]}", encoding="utf-8")
    result = call("run", "notes.yaml", "--yes")
    assert (result.code, "LABCORE_STATE" in result.err) == (2, True)


def test_a_link_that_leads_to_itself_cannot_be_read(call: Call, tmp_path: Path) -> None:
    try:
        (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    except OSError:
        pytest.skip("no symbolic links here")
    result = call("check", "loop.yaml")
    assert (result.code, "cannot be read" in result.err) == (2, True)


def test_a_plan_says_how_many_rounds_follow(call: Call, tmp_path: Path) -> None:
    text = "{labcore: 1, name: p, steps: [{wait: 1 s, every: 5 s, times: 10}, {note: done}]}"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    lines = call("plan", "p.yaml").out.splitlines()
    told = next(index for index, line in enumerate(lines) if "more rounds" in line)
    assert "... and 8 more rounds of step 1 like these" in lines[told]
    assert "1#2" in lines[told - 1]
    assert "note: done" in lines[told + 1]
    assert call("plan", "p.yaml", "--json").json()["more_rounds"] == {"1": 8}


@pytest.mark.parametrize("name", [None, "/data/plan.json"])
def test_a_disk_without_room_is_named_with_a_remedy(
    name: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(OSError(28, "No space left on device", name)) == 2
    said = capsys.readouterr().err
    assert (name or "LABCORE_DATA") in said
    assert "the disk is full. Free space there" in said
