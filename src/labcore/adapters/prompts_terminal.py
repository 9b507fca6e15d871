"""Questions answered in the running terminal, where control words work at any time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast

import anyio
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from labcore.adapters.photo_file import read_photo
from labcore.adapters.terminal_lines import TerminalLines
from labcore.errors import DecisionNeeded, UsageError
from labcore.model.answer import understood
from labcore.model.event import Asked
from labcore.ports import Answer

ControlWord = Literal["pause", "resume", "stop", "abort"]
CONTROL: tuple[ControlWord, ...] = ("pause", "resume", "stop", "abort")


@dataclass(slots=True, eq=False)
class _Open:
    """A question on the screen and what became of it."""

    question: Asked
    end: anyio.Event = field(default_factory=anyio.Event)
    answer: Answer | None = None
    why: str = ""


class TerminalPrompts:
    """Show questions and take lines: an answer, `ID answer` if several are open, or a control word.

    `control` gets pause, resume, stop and abort whenever one is typed alone on a line; an option of the same
    name is chosen with the question's id before it. An empty line shows the open questions again. Lifetime:
    an `async with` block. Concurrency: several questions at once; everything happens on the loop's thread,
    lines come from a thread of their own.
    """

    def __init__(
        self, console: Console, control: Callable[[ControlWord], None], *, by: str, descriptor: int = 0
    ) -> None:
        self._console = console
        self._control = control
        self._by = by
        self._lines = TerminalLines(descriptor, self._hear)
        self._open: dict[str, _Open] = {}
        self._ended = False

    async def __aenter__(self) -> Self:
        self._lines.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    async def ask(self, question: Asked) -> Answer:
        """Show the question and wait for its answer; DecisionNeeded if it is withdrawn meanwhile."""
        waiting = self._open[question.question] = _Open(question)
        self._show(question)
        try:
            await waiting.end.wait()
        finally:
            self._open.pop(question.question, None)
        if waiting.answer is None:
            raise DecisionNeeded(
                f"question {question.question} was withdrawn before it was answered: {waiting.why}"
            )
        return waiting.answer

    def withdraw(self, question: str, why: str) -> None:
        """Say that a question need not be answered any more."""
        self._say(f"{question} need not be answered any more: {why}")
        waiting = self._open.get(question)
        if waiting is not None:
            waiting.why = why
            waiting.end.set()

    # ---------------------------------------------------------------------------------------- what is typed
    def _hear(self, line: str | None) -> None:
        if line is None:
            self._ended = True
            if self._open:
                self._say("There is no more input here; answer from another terminal with `labcore answer`.")
            return
        words = line.strip()
        if words.casefold() in CONTROL:
            self._control(cast(ControlWord, words.casefold()))
        elif not words:
            self._show_all()
        else:
            self._answer(words)

    def _answer(self, words: str) -> None:
        try:
            waiting, said = self._addressed(words)
            waiting.answer = self._understood(waiting.question, said)
        except UsageError as error:
            self._say(str(error))
            return
        waiting.end.set()
        self._say(f"{waiting.question.question}: {said}")

    def _addressed(self, words: str) -> tuple[_Open, str]:
        """Return the question that a line answers, and the answer in it."""
        waiting = {name: one for name, one in self._open.items() if not one.end.is_set()}
        first, _, rest = words.partition(" ")
        named = next(
            (one for name, one in waiting.items() if name.casefold() == first.rstrip(":").casefold()), None
        )
        if named is not None and rest.strip():
            return named, rest.strip()
        if named is not None:
            raise UsageError(f"{first}: and the answer?", remedy=f"Type it after the number: {first} done")
        if not waiting:
            raise UsageError(f"No question is open. Control words: {', '.join(CONTROL)}.")
        if len(waiting) > 1:
            names = ", ".join(waiting)
            raise UsageError(
                f"Which question? {names} are open.",
                remedy=f"Type {next(iter(waiting))} first, then the answer.",
            )
        return next(iter(waiting.values())), words

    def _understood(self, question: Asked, said: str) -> Answer:
        """Turn typed words into an answer; UsageError if they cannot be one, and the question stays open."""
        if question.ask == "picture":
            data, media = read_photo(Path(said.strip("\"'")).expanduser())
            return Answer(said, self._by, data, media)
        option = _option(question, said)
        if option is not None:
            return Answer(option, self._by)
        try:
            meant = understood(
                said,
                ask=question.ask,
                options=question.options,
                expects=question.expects,
                unit=question.unit,
                most=question.most,
            )
        except ValueError as error:
            raise UsageError(f"{error}.", remedy=f"{question.question} is still open.") from None
        return Answer(meant, self._by)

    # ---------------------------------------------------------------------------------------- what is shown
    def _show_all(self) -> None:
        for waiting in self._open.values():
            self._show(waiting.question)
        if not self._open:
            self._say(f"No question is open. Control words: {', '.join(CONTROL)}.")

    def _show(self, question: Asked) -> None:
        lines = [Text(question.text)]
        if question.options:
            lines.append(Text(_choices(question), style="bold"))
        lines += [Text(text, style="dim") for text in (_limit(question), question.holds) if text]
        self._print(Panel(Group(*lines), title=f"question {question.question}", title_align="left"))
        if self._ended:
            self._say("There is no input here; answer from another terminal with `labcore answer`.")

    def _say(self, text: str) -> None:
        self._print(Text(text, style="dim"))

    def _print(self, what: RenderableType) -> None:
        with suppress(
            OSError, UnicodeError
        ):  # a closed terminal ends no question: other terminals can answer
            self._console.print(what)


def _choices(question: Asked) -> str:
    if _numbered(question):
        return "   ".join(f"{number}: {option}" for number, option in enumerate(question.options, 1))
    return " / ".join(question.options)


def _numbered(question: Asked) -> bool:
    """Say whether a number may stand for an option: not where a number may be meant as an amount."""
    return question.ask in ("choose", "decide") and question.most is None


def _option(question: Asked, said: str) -> str | None:
    """Return the option meant: by name in any case or, where they are numbered on the screen, by number."""
    if _numbered(question) and said.isdecimal() and 1 <= int(said) <= len(question.options):
        return question.options[int(said) - 1]
    return next((option for option in question.options if option.casefold() == said.casefold()), None)


def _limit(question: Asked) -> str:
    if question.limit is None:
        return ""
    after = f", then: {question.default}" if question.default is not None else ""
    return f"within {_minutes(question.limit)}{after}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
