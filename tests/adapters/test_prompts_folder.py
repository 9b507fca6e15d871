"""Questions answered from another process, through files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_loop, run_virtual
from labcore.adapters.prompts_folder import FolderPrompts, open_questions, write_answer
from labcore.errors import DecisionNeeded, UsageError
from labcore.model.event import Asked
from labcore.ports import Answer

PHOTO = b"\x89PNG\r\n\x1a\n picture"


def question(name: str = "q1", text: str = "Ready?") -> Asked:
    return Asked(name, text, "confirm", ("yes", "no"))


def asked(
    prompts: FolderPrompts, *questions: Asked, then: Callable[[], Any], after: float = 1.0
) -> list[Answer]:
    """Ask all at once and do `then` a while later; return the answers in the order of the questions."""
    answers: dict[str, Answer] = {}

    async def main() -> None:
        async with anyio.create_task_group() as group:

            async def ask(one: Asked) -> None:
                answers[one.question] = await prompts.ask(one)

            for one in questions:
                group.start_soon(ask, one)
            await anyio.sleep(after)
            then()

    run_virtual(main)
    return [answers[one.question] for one in questions]


def test_an_answer_reaches_its_question(tmp_path: Path) -> None:
    prompts = FolderPrompts(tmp_path)

    def answer() -> None:
        assert [one["text"] for one in open_questions(tmp_path)] == ["Ready?", "And you?"]
        write_answer(tmp_path, "q2", {"value": 19.5, "unit": "mL"}, "Aoi")
        write_answer(tmp_path, "q1", "はい", "Kei")

    answers = asked(prompts, question(), question("q2", "And you?"), then=answer)
    assert answers == [Answer("はい", "Kei"), Answer({"value": 19.5, "unit": "mL"}, "Aoi")]
    assert open_questions(tmp_path) == []
    assert list((tmp_path / "inbox").iterdir()) == []
    assert list((tmp_path / "questions").iterdir()) == []


def test_an_answer_is_seen_within_the_poll(tmp_path: Path) -> None:
    async def main() -> float:
        prompts = FolderPrompts(tmp_path)
        async with anyio.create_task_group() as group:

            async def answer() -> None:
                await anyio.sleep(1.05)
                write_answer(tmp_path, "q1", "yes", "Kei")

            group.start_soon(answer)
            await prompts.ask(question())
            return anyio.current_time()

    assert run_virtual(main) == pytest.approx(1.2)


def test_a_photograph_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "vial.png").write_bytes(PHOTO)
    prompts = FolderPrompts(tmp_path)
    name = "4#7/photo"
    hand_over = partial(write_answer, tmp_path, name, "done", "Kei", tmp_path / "vial.png")
    [answer] = asked(prompts, question(name), then=hand_over)
    assert answer == Answer("done", "Kei", PHOTO, "image/png")
    assert list((tmp_path / "inbox").iterdir()) == []


def test_an_unknown_question_is_refused_with_the_open_ones(tmp_path: Path) -> None:
    prompts = FolderPrompts(tmp_path)

    def answer() -> None:
        with pytest.raises(UsageError, match=r"no open question 'q7'.*Open: q1: Ready\?"):
            write_answer(tmp_path, "q7", "yes", "Kei")
        write_answer(tmp_path, "q1", "yes", "Kei")

    asked(prompts, question(), then=answer)
    with pytest.raises(UsageError, match="No question is open there"):
        write_answer(tmp_path, "q1", "yes", "Kei")
    with pytest.raises(UsageError, match="No question is open there"):
        write_answer(tmp_path / "no run", "q1", "yes", "Kei")


def test_only_the_first_of_two_answers_is_taken(tmp_path: Path) -> None:
    prompts = FolderPrompts(tmp_path)

    def answer() -> None:
        write_answer(tmp_path, "q1", "yes", "Kei")
        with pytest.raises(UsageError, match="has an answer already"):
            write_answer(tmp_path, "q1", "no", "Aoi")

    assert asked(prompts, question(), then=answer) == [Answer("yes", "Kei")]


@pytest.mark.parametrize(("name", "data"), [("none.png", None), ("text.png", b"hello")])
def test_a_file_that_is_no_photograph_is_refused(tmp_path: Path, name: str, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    prompts = FolderPrompts(tmp_path / "run")

    def answer() -> None:
        with pytest.raises(UsageError, match=name):
            write_answer(tmp_path / "run", "q1", "done", "Kei", tmp_path / name)
        write_answer(tmp_path / "run", "q1", "done", "Kei")

    assert asked(prompts, question(), then=answer) == [Answer("done", "Kei")]


def test_what_was_not_written_as_an_answer_is_passed_over(tmp_path: Path) -> None:
    prompts = FolderPrompts(tmp_path)
    inbox = tmp_path / "inbox"

    async def main() -> Answer:
        async with anyio.create_task_group() as group:

            async def answer() -> None:
                token = open_questions(tmp_path)[0]["token"]
                for data in (
                    "{",
                    "[]",
                    '{"value": 1}',
                    json.dumps({"token": "old", "value": "no", "by": "x"}),
                ):
                    (inbox / "answer-q1.json").write_text(data)
                    await anyio.sleep(0.5)
                    assert not (inbox / "answer-q1.json").exists()
                secret = {"token": token, "value": "yes", "by": "Kei", "photo": "../../secret"}
                (tmp_path.parent / "secret").write_text("secret")
                (inbox / "answer-q1.json").write_text(json.dumps(secret))
                await anyio.sleep(0.5)
                write_answer(tmp_path, "q1", "yes", "Kei")

            group.start_soon(answer)
            return await prompts.ask(question())

    assert run_virtual(main) == Answer("yes", "Kei")


def test_an_answer_to_a_run_that_died_is_not_taken_for_its_next_question(tmp_path: Path) -> None:
    prompts = FolderPrompts(tmp_path)
    (tmp_path / "left").mkdir()

    async def die() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(prompts.ask, question(text="Throw it away?"))
            await anyio.sleep(0.1)
            write_answer(tmp_path, "q1", "yes", "Kei")
            for name in ("questions/q1.json", "inbox/answer-q1.json"):
                (tmp_path / "left" / Path(name).name).write_bytes((tmp_path / name).read_bytes())
            group.cancel_scope.cancel()

    run_virtual(die)
    (tmp_path / "questions/q1.json").write_bytes((tmp_path / "left/q1.json").read_bytes())
    again = FolderPrompts(tmp_path)
    assert open_questions(tmp_path) == []

    def answer() -> None:
        write_answer(tmp_path, "q1", "no", "Kei")

    def late() -> None:
        (tmp_path / "inbox/answer-q1.json").write_bytes((tmp_path / "left/answer-q1.json").read_bytes())

    async def main() -> Answer:
        async with anyio.create_task_group() as group:

            async def others(*acts: Callable[[], None]) -> None:
                for act in acts:
                    await anyio.sleep(1)
                    act()

            group.start_soon(others, late, answer)
            return await again.ask(question(text="Keep it?"))

    assert run_virtual(main).value == "no"


def test_a_withdrawn_or_cancelled_question_disappears(tmp_path: Path) -> None:
    prompts = FolderPrompts(tmp_path)

    async def withdrawn() -> None:
        async with anyio.create_task_group() as group:

            async def withdraw() -> None:
                await anyio.sleep(1)
                prompts.withdraw("q1", "stopped")
                assert open_questions(tmp_path) == []

            group.start_soon(withdraw)
            with pytest.raises(DecisionNeeded, match="question q1 was withdrawn.*stopped"):
                await prompts.ask(question())
        with anyio.move_on_after(1):
            await prompts.ask(question("q2"))
        prompts.withdraw("q2", "too late")

    run_virtual(withdrawn)
    assert open_questions(tmp_path) == []


def test_a_real_other_process_answers(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from labcore.adapters.prompts_folder import write_answer; "
        "write_answer(pathlib.Path(sys.argv[1]), 'q1', 'yes', 'Kei', pathlib.Path(sys.argv[2]))"
    )
    (tmp_path / "vial.png").write_bytes(PHOTO)
    run = tmp_path / "run"

    async def main() -> Answer:
        prompts = FolderPrompts(run)
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:

                async def other() -> None:
                    await anyio.sleep(0.05)
                    command = [sys.executable, "-c", code, str(run), str(tmp_path / "vial.png")]
                    done = await anyio.run_process(command, stdout=subprocess.PIPE)
                    assert done.returncode == 0

                group.start_soon(other)
                return await prompts.ask(question())

    assert run_loop(main) == Answer("yes", "Kei", PHOTO, "image/png")
