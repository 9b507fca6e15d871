"""A disk that refuses, and somebody who makes space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from labcore.app.running import RunUnderWay
from labcore.errors import StorageError
from labcore.model.event import Event
from labcore.ports import Journal, Link


@dataclass
class FullDisk:
    """A journal that refuses its n-th commit (and what follows) `times` times; `through`: though it said no, it is there."""

    refuse_at: int
    times: float = 1
    through: bool = False
    commits: int = 0
    refused: int = 0

    def journal(self, journal: Journal) -> Journal:
        self.real = journal
        return self  # type: ignore[return-value]

    def link(self, device: str, link: Link) -> Link:
        return link

    def append(self, events: Sequence[Event]) -> None:
        if self.commits + 1 >= self.refuse_at and self.refused < self.times:
            self.refused += 1
            if self.through and self.refused == 1:
                self.real.append(events)
                self.real._in_doubt = True  # type: ignore[attr-defined]
            raise StorageError("the journal cannot be written: disk full")
        self.commits += 1
        self.real.append(events)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


async def resume_when_paused(run: RunUnderWay) -> None:
    """Do what a person does who has freed some space."""
    while run.writer.state.status != "ended":
        changed = run.writer.changed
        if run.writer.state.status == "paused":
            await run.control.ask("resume", "somebody")
        await changed.wait()


def attended(control: Any) -> Any:
    class Nobody:
        async def ask(self, question: Any) -> Any:
            await anyio.sleep_forever()

        def withdraw(self, question: str, why: str) -> None:
            pass

    return Nobody()
