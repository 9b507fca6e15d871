"""What plugin code may raise, and a strict look at the journal afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from labcore.model.event_json import as_line


class Sulk(BaseException):
    """A plugin's own way to end everything."""


ESCAPES = [
    SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError(), Sulk("enough"), RuntimeError("bug"),
    MemoryError(), RecursionError(), StopAsyncIteration(), BaseExceptionGroup("several", [SystemExit(1)]),
]  # fmt: skip


@pytest.fixture(params=ESCAPES, ids=lambda one: type(one).__name__)
def escape(request: pytest.FixtureRequest) -> Any:
    """Return something that plugin code may raise."""
    return request.param


@pytest.fixture
def later() -> Callable[[BaseException], Callable[..., Awaitable[Any]]]:
    """Make an async method that works for a moment and then raises."""

    def make(error: BaseException) -> Callable[..., Awaitable[Any]]:
        async def method(*args: Any, **kwargs: Any) -> Any:
            await anyio.sleep(0.1)
            raise error

        return method

    return make


@pytest.fixture
def ended() -> Callable[[Any], Any]:
    """Read a journal as a strict reader of JSON does, and return how the first step ended."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} in the journal")

    def look(done: Any) -> Any:
        for event in done.events:
            json.loads(as_line(event), parse_constant=refuse)
        assert done.of("run_ended")
        return next((event.body for event in done.of("step_ended") if event.step == "1"), None)

    return look
