from __future__ import annotations

from collections.abc import Callable

import pytest


class Parrot:
    """A byte device that answers every line with itself, `delay` s later."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.heard = b""
        self.opened_at: list[float] = []
        self._said: list[tuple[float, bytes]] = []
        self._rest = b""

    def opened(self, now: float) -> None:
        self.opened_at.append(now)

    def feed(self, data: bytes, now: float) -> None:
        self.heard += data
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self.say(line + b"\n", now + self.delay)

    def say(self, data: bytes, at: float) -> None:
        self._said.append((at, data))

    def poll(self, now: float) -> bytes:
        due = [data for at, data in self._said if at <= now]
        self._said = [(at, data) for at, data in self._said if at > now]
        return b"".join(due)

    def due(self) -> float | None:
        return min((at for at, _ in self._said), default=None)


@pytest.fixture
def parrot() -> Callable[..., Parrot]:
    return Parrot


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
