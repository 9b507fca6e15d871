"""Where a run says how it is reached, and what it does when its lab's emergency stop is pressed."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from labcore.adapters.latch import Latch
from labcore.adapters.loopback_client import NoAnswer, ask, read_address
from labcore.app import reachable as reaching
from labcore.app.guard_files import guard_file
from labcore.app.places import lab_folder
from labcore.app.reachable import CONTROL
from labcore.model.event import ControlAsked
from labcore.plugin.driver import SafeAct

NAME = "A lab"


# ------------------------------------------------------------------------------------------ where it is found
def test_it_says_where_it_is_reached_and_what_is_safe_for_its_devices(reached: Any) -> None:
    async def job(run: Any) -> Any:
        return read_address(run.folder / CONTROL), read_address(guard_file(NAME, "run-1")), run.folder

    control, guard, folder = reached(job)
    assert control.keys() == {"port", "token", "pid"}
    assert control["pid"] == os.getpid()
    safe = [{"output": "speed", "frames": [b"STOP\n".hex()], "breaks_in": "after_line"}]
    assert guard == {
        **control,
        "run": str(folder.resolve()),
        "lab": NAME,
        "devices": {"stirrer": {"at": "a line", "safe": safe}},
    }


def test_a_simulation_has_no_guard_and_is_nobodys_emergency(reached: Any) -> None:
    async def job(run: Any) -> Any:
        Latch(lab_folder(NAME)).set("Ann")
        await anyio.sleep(0.5)
        return guard_file(NAME, "run-1").exists(), run.asked, run.line.wire

    assert reached(job, True) == (False, [], [])


def test_the_file_keeps_up_with_what_is_safe(reached: Any) -> None:
    async def job(run: Any) -> Any:
        run.frames[:] = [b"HOLD\n"]
        await run.stream.send(b"GRIP\n")
        address = read_address(guard_file(NAME, "run-1"))
        assert address is not None
        return address["devices"]["stirrer"]["safe"][0]["frames"]

    assert reached(job) == [b"HOLD\n".hex()]


def test_a_disk_that_is_full_does_not_stop_a_driver_in_its_sending(
    reached: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "no space left")

    async def job(run: Any) -> Any:
        monkeypatch.setattr(reaching, "publish", full)
        run.frames[:] = [b"HOLD\n"]
        await run.stream.send(b"GRIP\n")
        return run.line.wire

    assert reached(job) == [b"GRIP\n"]


# ------------------------------------------------------------------------------------------ the emergency stop
def test_the_emergency_stop_is_heard_at_once_reported_and_recorded(reached: Any) -> None:
    async def job(run: Any) -> Any:
        said = await run.asks(ask="estop", by="Ann", why="smoke", now=True)
        await run.until(lambda: run.asked)
        post = run.setting.sessions["stirrer"].post
        assert post is not None
        return said, run.asked, run.line.wire, post.closed

    said, asked, wire, closed = reached(job)
    assert said == [
        {"heard": True, "devices": ["stirrer"]},
        {"reports": [{"device": "stirrer", "made": "confirmed", "message": ""}]},
    ]
    assert asked == [ControlAsked("estop", "Ann", "smoke", False)]
    assert wire == [b"STOP\n"]
    assert closed == "emergency stop by Ann"


def test_asked_twice_it_makes_safe_twice_and_is_recorded_once(reached: Any) -> None:
    async def job(run: Any) -> Any:
        first = await run.asks(ask="estop", by="Ann")
        second = await run.asks(ask="estop", by="Bob")
        return first, second, run.asked, run.line.wire

    first, second, asked, wire = reached(job)
    assert first == second
    assert [one.by for one in asked] == ["Ann"]
    assert wire == [b"STOP\n"] * 2


def test_a_latch_is_seen_though_nobody_asked_and_by_that_only_once(reached: Any) -> None:
    async def job(run: Any) -> Any:
        before = list(run.asked)
        Latch(lab_folder(NAME)).set("Ann", "smoke")
        began = time.monotonic()
        await run.until(lambda: run.asked)
        took = time.monotonic() - began
        await anyio.sleep(0.5)
        return before, run.asked, run.line.wire, took

    before, asked, wire, took = reached(job)
    assert before == []
    assert asked == [ControlAsked("estop", "Ann", "smoke", False)]
    assert wire == [b"STOP\n"], "it is not fired again at every look"
    assert took < 1.0


def test_a_run_does_not_end_before_its_devices_have_their_reports(reached: Any) -> None:
    with ThreadPoolExecutor(1) as others:

        async def slow() -> bool:
            await anyio.sleep(0.4)
            return True

        async def job(run: Any) -> Any:
            post = run.setting.sessions["stirrer"].post
            assert post is not None
            post.keep(lambda: (SafeAct("speed", (b"STOP\n",), "after_line", slow),))
            post.refresh()
            address = read_address(run.folder / CONTROL)
            assert address is not None
            request = {"ask": "estop", "by": "Ann"}
            told = others.submit(lambda: list(ask(address, request, first=5.0, within=5.0)))
            await run.until(lambda: run.line.wire)
            return told

        told = reached(job).result(5)
    assert told[-1] == {"reports": [{"device": "stirrer", "made": "confirmed", "message": ""}]}


def test_who_fails_inside_leaves_nothing_behind(reached: Any, tmp_path: Path) -> None:
    addresses: list[Any] = []

    async def job(run: Any) -> None:
        addresses.append(read_address(run.folder / CONTROL))
        raise ZeroDivisionError

    with pytest.raises(BaseExceptionGroup) as caught:
        reached(job)
    assert caught.group_contains(ZeroDivisionError)
    with pytest.raises(NoAnswer) as nobody:
        list(ask(addresses[0], {"ask": "stop"}, first=1.0, within=1.0))
    assert nobody.value.gone


def test_where_a_run_says_how_it_is_reached() -> None:
    assert CONTROL == "control.json"
    assert guard_file(NAME, "run-1") == lab_folder(NAME) / "guards" / "run-1.json"
