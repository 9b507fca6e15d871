"""What is refused leaves nothing behind, and says so with the right exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import labcore
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.prompts_folder import FolderPrompts, write_answer
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
