"""Questions answered by typing, over a pipe and over a real pseudo-terminal."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from rich.console import Console

from labcore.adapters.loop import run_loop
from labcore.adapters.prompts_terminal import TerminalPrompts
from labcore.errors import DecisionNeeded
from labcore.model.event import Asked
from labcore.ports import Answer

PHOTO = b"\xff\xd8\xff\xe0 picture"


class Desk:
    """A terminal whose keyboard is `type` and whose screen is `text`."""

    def __init__(self, *, pty: bool = False) -> None:
        self.reading, self.writing = self._pty() if pty else os.pipe()
        self.screen = io.StringIO()
        self.words: list[str] = []
        self.closed = False
        console = Console(file=self.screen, width=100, color_system=None)
        self.prompts = TerminalPrompts(console, self.words.append, by="Kei", descriptor=self.reading)

    def _pty(self) -> tuple[int, int]:
        master, slave = os.openpty()
        return slave, master

    @property
    def text(self) -> str:
        return self.screen.getvalue()

    async def type(self, text: str) -> None:
        """Type and wait until it was heard."""
        os.write(self.writing, text.encode())
        await anyio.sleep(0.05)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            os.close(self.writing)


def at_desk(
    job: Callable[[Desk, dict[str, Answer]], Awaitable[Any]], *questions: Asked, pty: bool = False
) -> tuple[Desk, dict[str, Answer]]:
    """Ask `questions` at once while `job` types; return the desk and the answers."""
    desk, answers = Desk(pty=pty), dict[str, Answer]()

    async def main() -> None:
        async with desk.prompts, anyio.create_task_group() as group:
            with anyio.fail_after(10):

                async def ask(one: Asked) -> None:
                    answers[one.question] = await desk.prompts.ask(one)

                for one in questions:
                    group.start_soon(ask, one)
                await anyio.sleep(0.02)
                await job(desk, answers)
                group.cancel_scope.cancel()

    run_loop(main)
    desk.close()
    os.close(desk.reading)
    return desk, answers


def confirm(name: str = "q1", **more: Any) -> Asked:
    return Asked(name, f"Ready for {name}?", "confirm", **more)


@pytest.mark.parametrize("pty", [False, True])
def test_one_open_question_takes_the_whole_line(pty: bool) -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        assert "question q1" in desk.text
        assert "Ready for q1?" in desk.text
        assert "within 5 min, then: no" in desk.text
        await desk.type("19.5 mL, 完了\n")

    desk, answers = at_desk(job, confirm(limit=300.0, default="no"), pty=pty)
    assert answers == {"q1": Answer("19.5 mL, 完了", "Kei")}
    assert "q1: 19.5 mL, 完了" in desk.text


def test_several_open_questions_need_their_number() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        await desk.type("yes\n")
        assert "Which question? q1, q2 are open." in desk.text
        await desk.type("q2\n")
        assert "Type it after the number: q2 done" in desk.text
        await desk.type("Q2: yes\nno\n")
        await desk.type("maybe\n")
        assert "No question is open." in desk.text

    _, answers = at_desk(job, confirm(), confirm("q2"))
    assert {name: answer.value for name, answer in answers.items()} == {"q2": "yes", "q1": "no"}


def test_control_words_work_at_any_time_and_answer_nothing() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        await desk.type("pause\n")
        await desk.type(" RESUME \nstop\nabort\n")
        assert answers == {}
        await desk.type("q1 stop\n")

    question = Asked("q1", "It failed. What now?", "decide", ("retry", "skip", "stop"))
    desk, answers = at_desk(job, question)
    assert desk.words == ["pause", "resume", "stop", "abort"]
    assert answers["q1"].value == "stop"


def test_where_an_amount_may_be_meant_a_bare_number_is_no_choice() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        assert "done / not started" in desk.text
        await desk.type("2\n")
        assert answers == {}
        assert "or how much: 12 mL" in desk.text
        await desk.type("2 mL\n")

    question = Asked("q1", "What became of it?", "decide", ("done", "not started"), unit="mL", most=15.0)
    _, answers = at_desk(job, question)
    assert answers["q1"].value == "2 mL"


def test_choices_are_taken_by_name_or_number_and_nothing_else() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        assert "1: Red   2: Blue" in desk.text
        await desk.type("green\n3\n")
        assert answers == {}
        assert "none of the choices: Red, Blue" in desk.text
        assert "q1 is still open" in desk.text
        await desk.type("2\n")

    _, answers = at_desk(job, Asked("q1", "Which vial?", "choose", ("Red", "Blue")))
    assert answers["q1"].value == "Blue"


def test_an_option_in_any_case_is_the_option_and_a_number_is_no_option_of_an_act() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        assert "done / partly" in desk.text
        await desk.type("q1 DONE\n")
        await desk.type("q2 1\n")

    act = Asked("q1", "Dispense 20 mL", "act", ("done", "partly"))
    _, answers = at_desk(job, act, Asked("q2", "Dispense 1 mL", "act", ("done", "partly")))
    assert (answers["q1"].value, answers["q2"].value) == ("done", "1")


def test_a_photograph_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "my vial.jpg").write_bytes(PHOTO)
    (tmp_path / "note.txt").write_text("no picture")

    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        await desk.type(f"{tmp_path}/none.jpg\n{tmp_path}/note.txt\n{tmp_path}\n")
        assert answers == {}
        unwrapped = desk.text.replace("\n", "")
        assert "cannot be read" in unwrapped
        assert "neither PNG nor JPEG" in unwrapped
        await desk.type(f"'{tmp_path}/my vial.jpg'\n")

    _, answers = at_desk(job, Asked("q1", "Photograph the vial", "picture"))
    assert (answers["q1"].file, answers["q1"].media_type) == (PHOTO, "image/jpeg")


def test_an_empty_line_shows_what_is_open() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        await desk.type("\n")
        assert desk.text.count("Ready for q1?") == 2
        await desk.type("yes\n")
        await desk.type("\n")
        assert "No question is open." in desk.text

    at_desk(job, confirm())


def test_a_withdrawn_question_is_said_and_ends() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        async with anyio.create_task_group() as group:

            async def ask() -> None:
                with pytest.raises(DecisionNeeded, match="q9 was withdrawn.*stopped"):
                    await desk.prompts.ask(confirm("q9"))

            group.start_soon(ask)
            await anyio.sleep(0.02)
            desk.prompts.withdraw("q9", "stopped")
        assert "q9 need not be answered any more: stopped" in desk.text

    at_desk(job)


def test_the_loop_never_waits_for_the_keyboard() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        began = anyio.current_time()
        for _ in range(20):
            await anyio.sleep(0.005)
        assert anyio.current_time() - began < 0.5
        await desk.type("ye")
        await desk.type("s\r\n")

    _, answers = at_desk(job, confirm())
    assert answers["q1"].value == "yes"


def test_the_end_of_input_is_said_and_the_question_stays_open() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        os.write(desk.writing, b"\xff\xfe pau")
        desk.close()
        await anyio.sleep(0.05)
        assert "There is no more input here" in desk.text
        assert desk.words == []

    desk, answers = at_desk(job, Asked("q1", "Which?", "choose", ("a", "b")))
    assert answers == {}


def test_the_thread_ends_with_the_prompts() -> None:
    async def job(desk: Desk, answers: dict[str, Answer]) -> None:
        assert any(thread.name == "labcore-terminal" for thread in threading.enumerate())

    at_desk(job)
    assert not any(thread.name == "labcore-terminal" for thread in threading.enumerate())
