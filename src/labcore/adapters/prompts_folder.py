"""Questions answered from another process through the run's folder.

    <run folder>/questions/<id>.json      an open question, for everybody to read
    <run folder>/inbox/answer-<id>.json   its answer, put there at once and whole, at most one

A question carries a token and its answer must carry the same: an answer meant for an earlier question of the
same number (before a restart) is never taken for this one. A folder that cannot be watched portably is
polled.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio

from labcore.adapters.photo_file import read_photo
from labcore.errors import DecisionNeeded, UsageError
from labcore.model.answer import understood
from labcore.model.event import Asked, Value
from labcore.ports import Answer

POLL = 0.2  # s on the loop's clock
LARGEST_ANSWER = 1_000_000  # bytes


@dataclass(slots=True, eq=False)
class _Open:
    """A question that waits; `end` says that it was withdrawn, and why."""

    token: str
    end: anyio.Event = field(default_factory=anyio.Event)
    why: str = ""


class FolderPrompts:
    """Ask by writing a file and wait for `write_answer` from any process.

    Lifetime: one run, one process. Concurrency: several questions at once.
    """

    def __init__(self, folder: Path) -> None:
        self._questions = folder / "questions"
        self._inbox = folder / "inbox"
        self._open: dict[str, _Open] = {}
        for place in (self._questions, self._inbox):
            place.mkdir(parents=True, exist_ok=True)
        for stale in (*self._questions.glob("*.json"), *self._inbox.iterdir()):
            stale.unlink(missing_ok=True)  # of a process that is gone; its questions are asked anew

    async def ask(self, question: Asked) -> Answer:
        """Wait for the answer; DecisionNeeded if the question is withdrawn meanwhile."""
        name = question.question
        waiting = self._open[name] = _Open(secrets.token_hex(8))
        self._publish(question, waiting.token)
        try:
            while not waiting.end.is_set():
                answer = self._take(name, waiting.token)
                if answer is not None:
                    return answer
                with anyio.move_on_after(POLL):
                    await waiting.end.wait()
        finally:
            self._close(name)
        raise DecisionNeeded(f"question {name} was withdrawn before it was answered: {waiting.why}")

    def withdraw(self, question: str, why: str) -> None:
        """Take a question back: its file disappears."""
        waiting = self._open.get(question)
        if waiting is not None:
            waiting.why = why
            waiting.end.set()
        self._close(question)

    def _publish(self, question: Asked, token: str) -> None:
        data = {**asdict(question), "token": token}
        _write_whole(_question_file(self._questions, question.question), _as_json(data))

    def _take(self, name: str, token: str) -> Answer | None:
        """Return the answer if it is there and meant for this question; remove whatever was there."""
        path = _answer_file(self._inbox, name)
        if not path.exists():
            return None
        try:
            return self._read(path, token)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not written by write_answer: the question stays open
        finally:
            _clear(self._inbox, name)

    def _read(self, path: Path, token: str) -> Answer | None:
        data = json.loads(path.read_bytes()[:LARGEST_ANSWER])
        if data["token"] != token:
            return None
        photo = data.get("photo")
        file = (self._inbox / Path(photo).name).read_bytes() if photo else None
        return Answer(data["value"], str(data["by"]), file, str(data.get("media_type", "")))

    def _close(self, name: str) -> None:
        self._open.pop(name, None)
        _question_file(self._questions, name).unlink(missing_ok=True)
        _clear(self._inbox, name)


def open_questions(folder: Path) -> list[dict[str, Any]]:
    """Return the open questions of a run, as plain data, in the order in which they were asked."""
    return [data for _, data in sorted(_read_questions(folder / "questions"), key=lambda pair: pair[0])]


def write_answer(folder: Path, question: str, value: Value, by: str, file: Path | None = None) -> None:
    """Answer an open question of the run in `folder`, from any process.

    `file` is a photograph to hand over (PNG or JPEG). UsageError if there is no such open question, if it is
    answered already, if the value cannot be an answer to it (the question stays open under its id), or if the file
    cannot be read as a picture.
    """
    data = _find(folder, question)
    value = _meant(data, value)
    inbox = folder / "inbox"
    answer: dict[str, Any] = {"question": question, "token": data["token"], "value": value, "by": by}
    if _answer_file(inbox, question).exists():
        raise _already(question)
    if file is not None:
        answer |= _hand_over(file, inbox, question)
    try:
        _write_once(_answer_file(inbox, question), _as_json(answer))
    except FileExistsError as error:
        raise _already(question) from error


def _meant(data: dict[str, Any], value: Value) -> Value:
    if not isinstance(value, str):
        return value
    told = {key: str(data.get(key) or "") for key in ("ask", "expects", "unit")}
    try:
        return understood(value, options=tuple(data.get("options") or ()), most=data.get("most"), **told)
    except ValueError as error:
        raise UsageError(
            f"{data['question']} is not answered: {error}",
            remedy=f"{data['question']} is still open; answer it again.",
        ) from None


def _find(folder: Path, question: str) -> dict[str, Any]:
    there = open_questions(folder)
    for data in there:
        if data["question"] == question:
            return data
    known = "; ".join(f"{data['question']}: {data['text']}" for data in there)
    raise UsageError(
        f"there is no open question {question!r} in {folder}",
        remedy=f"Open: {known}" if known else "No question is open there.",
    )


def _read_questions(folder: Path) -> Iterator[tuple[tuple[int, str], dict[str, Any]]]:
    for path in folder.glob("*.json") if folder.is_dir() else ():
        with suppress(OSError, ValueError):  # it was withdrawn while we looked
            data = json.loads(path.read_bytes())
            yield (path.stat().st_mtime_ns, path.name), data


def _already(question: str) -> UsageError:
    return UsageError(f"question {question!r} has an answer already, which is about to be taken")


def _hand_over(file: Path, inbox: Path, question: str) -> dict[str, str]:
    data, media = read_photo(file)
    target = inbox / f"{_photo_prefix(question)}{secrets.token_hex(4)}.bin"
    _write_whole(target, data)
    return {"photo": target.name, "media_type": media}


def _clear(inbox: Path, name: str) -> None:
    """Remove the answer to a question and the photographs that came with it."""
    _answer_file(inbox, name).unlink(missing_ok=True)
    for photo in inbox.iterdir():
        if photo.name.startswith(_photo_prefix(name)):
            photo.unlink(missing_ok=True)


def _as_json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _question_file(folder: Path, name: str) -> Path:
    return folder / f"{quote(name, safe='')}.json"


def _answer_file(folder: Path, name: str) -> Path:
    return folder / f"answer-{quote(name, safe='')}.json"


def _photo_prefix(name: str) -> str:
    return f"photo-{quote(name, safe='')}--"


def _write_whole(path: Path, data: bytes) -> None:
    """Write so that a reader sees all of it or nothing."""
    part = _part(path)
    part.write_bytes(data)
    os.replace(part, path)


def _write_once(path: Path, data: bytes) -> None:
    """Write whole, and only if there is nothing yet; FileExistsError if there is."""
    part = _part(path)
    part.write_bytes(data)
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the gap between looking and moving is accepted
        if path.exists():
            raise FileExistsError(path) from None
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
