"""Who asks a process to end, and how often that counts."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import anyio
import anyio.lowlevel
import pytest

from labcore.adapters.signals import interrupts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")


@pytest.fixture(autouse=True)
def nothing_changes() -> Iterator[None]:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    assert {one: signal.getsignal(one) for one in before} == before


def told(*signals: str) -> list[tuple[int, str]]:
    heard: list[tuple[int, str]] = []

    async def listen() -> None:
        with interrupts(lambda times, by: heard.append((times, by))):
            for one in signals:
                signal.raise_signal(getattr(signal, one))
                await anyio.lowlevel.checkpoint()
                await anyio.lowlevel.checkpoint()

    anyio.run(listen)
    return heard


def test_each_signal_is_named_and_counted() -> None:
    assert told("SIGINT", "SIGTERM") == [(1, "Ctrl-C"), (2, "SIGTERM")]


def test_a_closed_terminal_counts_once_however_many_tell_of_it() -> None:
    assert told("SIGHUP", "SIGHUP", "SIGINT") == [(1, "SIGHUP"), (2, "Ctrl-C")]
    assert told("SIGTERM", "SIGHUP") == [(1, "SIGTERM")]


def test_under_nohup_a_closed_terminal_is_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert told("SIGHUP") == []
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
