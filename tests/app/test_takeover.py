"""Devices that no run holds, made safe one beside the other: what goes over the wire, and what is said of each."""

from __future__ import annotations

import time
from typing import Any

import anyio
import pytest
from taken_over import KEPT, NOT_SAFE, at, by_name

from labcore.app import takeover
from labcore.engine.guard_report import Report
from labcore.errors import DeviceError
from labcore.plugin.driver import Identity, SafeAct


# ------------------------------------------------------------------------------------------ sent and confirmed
def test_the_safe_frames_go_out_before_anybody_is_asked_who_they_are(plate: Any, take_over: Any) -> None:
    one = plate()
    assert take_over(f"stirrer: {at(one)}").make_safe() == [Report("stirrer", "confirmed")]
    assert one.heard == ["STOP", "NAME", "SPEED"]


def test_what_a_dead_run_left_is_sent_instead_and_the_driver_is_asked_whether_it_helped(
    plate: Any, take_over: Any
) -> None:
    one, other = plate(speed="0"), plate()
    taken = take_over(f"stirrer: {at(one)}", f"spare: {at(other)}", dead={"stirrer": KEPT})
    assert by_name(taken.make_safe()) == [Report("spare", "confirmed"), Report("stirrer", "confirmed")]
    assert one.heard == ["OFF", "NAME", "SPEED"]
    assert other.heard == ["STOP", "NAME", "SPEED"]


def test_it_is_sent_again_while_the_device_says_no(plate: Any, take_over: Any) -> None:
    one = plate(deaf=2)
    assert take_over(f"stirrer: {at(one)}").make_safe() == [Report("stirrer", "confirmed")]
    assert one.heard == ["STOP", "NAME", "SPEED", "STOP", "SPEED", "STOP", "SPEED"]


def test_one_that_never_says_so_is_left_at_sent(plate: Any, take_over: Any) -> None:
    one = plate(deaf=99)
    assert take_over(f"stirrer: {at(one)}").make_safe() == [Report("stirrer", "sent", NOT_SAFE)]
    assert one.heard == ["STOP", "NAME", *["SPEED", "STOP"] * 3]


def test_one_that_is_silent_when_asked_is_told_again_each_time(
    plate: Any, take_over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "CONFIRM_WITHIN", 0.1)
    one = plate(silent=("SPEED",))
    began = time.monotonic()
    assert take_over(f"stirrer: {at(one)}").make_safe() == [Report("stirrer", "sent", NOT_SAFE)]
    assert time.monotonic() - began >= 0.3
    assert one.heard.count("STOP") == 4


def test_every_part_of_the_safe_state_has_to_be_confirmed(
    plate: Any, take_over: Any, plate_driver: Any
) -> None:
    class Hot(plate_driver):
        def safe(self) -> tuple[SafeAct, ...]:
            cold = SafeAct("temperature", (b"COLD\n",), "after_line", self.is_cold)
            return (*super().safe(), cold)

        async def is_cold(self) -> bool:
            return False

    one = plate()
    assert take_over(f"stirrer: {at(one, 'hot')}", hot=Hot).make_safe() == [
        Report("stirrer", "sent", NOT_SAFE)
    ]
    assert one.heard[:2] == ["COLD", "STOP"], "heat first"


def test_a_driver_that_fails_when_asked_is_told_and_left_at_sent(
    plate: Any, take_over: Any, plate_driver: Any
) -> None:
    class Fails(plate_driver):
        async def stands(self) -> bool:
            raise DeviceError("error:9", device="stirrer")

    one = plate()
    [report] = take_over(f"stirrer: {at(one, 'fails')}", fails=Fails).make_safe()
    assert report == Report("stirrer", "sent", "error:9")
    assert one.heard == ["STOP", "NAME", "STOP", "STOP", "STOP"]


def test_one_garbled_answer_is_no_reason_to_stop_telling_it(
    plate: Any, take_over: Any, plate_driver: Any
) -> None:
    class Garbles(plate_driver):
        garbled = 1

        async def stands(self) -> bool:
            self.garbled -= 1
            if self.garbled == 0:
                raise ValueError("no number")
            return bool(await super().stands())

    one = plate(deaf=1)
    assert take_over(f"stirrer: {at(one, 'garbles')}", garbles=Garbles).make_safe() == [
        Report("stirrer", "confirmed")
    ]
    assert one.heard == ["STOP", "NAME", "STOP", "SPEED"]


# ------------------------------------------------------------------------------------------ not reached
def test_a_port_where_nobody_is_is_not_reached(plate: Any, take_over: Any) -> None:
    gone = plate()
    line = at(gone)
    gone.close()
    here = plate()
    reports = by_name(take_over(f"a: {line}", f"b: {at(here)}").make_safe())
    assert [(one.device, one.made) for one in reports] == [("a", "not_reached"), ("b", "confirmed")]
    assert reports[0].message.startswith(f"{gone.port}: cannot connect (Connection refused). Check cable")


def test_one_that_does_not_say_who_it_is_was_sent_its_frames_all_the_same(
    plate: Any, take_over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "CONNECT_WITHIN", 0.2)
    one = plate(silent=("NAME",))
    reports = take_over(f"stirrer: {at(one)}").make_safe()
    assert reports == [Report("stirrer", "sent", "it does not answer within 0.2 s")]
    assert one.heard == ["STOP", "NAME"]


def test_one_whose_line_never_opens_is_not_reached(
    plate: Any, take_over: Any, plate_driver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waits(plate_driver):
        async def connect(self) -> Identity:
            await anyio.sleep(60)
            return Identity("nobody")

    monkeypatch.setattr(takeover, "CONNECT_WITHIN", 0.2)
    one = plate()
    reports = take_over(f"stirrer: {at(one, 'waits')}", waits=Waits).make_safe()
    assert reports == [Report("stirrer", "not_reached", "it does not answer within 0.2 s")]
    assert one.heard == []


def test_a_bug_of_a_driver_is_shown_as_it_is(plate: Any, take_over: Any, plate_driver: Any) -> None:
    class Buggy(plate_driver):
        async def connect(self) -> Identity:
            raise ZeroDivisionError("a bug")

    reports = take_over(f"stirrer: {at(plate(), 'buggy')}", buggy=Buggy).make_safe()
    assert reports == [Report("stirrer", "not_reached", "ZeroDivisionError('a bug')")]
