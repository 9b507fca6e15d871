"""Devices that no run holds: which of them are reached, with what, in which order, and how they are left again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import anyio
import pytest
from taken_over import at, by_name

from labcore.adapters.device_lock import DeviceLock
from labcore.app import takeover
from labcore.app.takeover import Takeover
from labcore.engine.guard_report import Report
from labcore.errors import ProblemsFound
from labcore.plugin.driver import DriverOptions, Identity, SafeAct
from labcore.ports import LineSettings


# ------------------------------------------------------------------------------------------ prepared
@pytest.mark.parametrize("driver", ["nobody", "plate"])
def test_what_cannot_be_prepared_keeps_no_other_from_being_made_safe(
    plate: Any, take_over: Any, driver: str
) -> None:
    one, other = plate(), plate()
    taken = take_over(f"first: {at(one, driver, ', colour: red')}", f"second: {at(other)}")
    reports = {report.device: report for report in taken.make_safe()}
    assert reports["second"] == Report("second", "confirmed")
    assert reports["first"].made == "not_reached"
    said = "KeyError('nobody')" if driver == "nobody" else "Extra inputs are not permitted"
    assert said in reports["first"].message
    assert one.heard == []


def test_a_driver_is_made_as_a_run_makes_it(plate: Any, take_over: Any, plate_driver: Any) -> None:
    found: list[Any] = []

    class Sees(plate_driver):
        class Options(DriverOptions):
            frame: str

        def __init__(self, site: Any, options: Any) -> None:
            super().__init__(site, options)
            self.frames = (f"{options.frame}\n".encode(), b"STOP\n")
            found.append((site.device, site.simulated, site.link.name))

    one = plate()
    taken = take_over(f"stirrer: {at(one, 'sees', ', frame: LOW')}", sees=Sees)
    assert taken.make_safe() == [Report("stirrer", "confirmed")]
    assert found == [("stirrer", False, one.port)]
    assert one.heard[:2] == ["LOW", "STOP"]


def test_a_device_without_a_safe_state_is_left_alone(plate: Any, take_over: Any, plate_driver: Any) -> None:
    class Balance(plate_driver):
        def safe(self) -> tuple[SafeAct, ...]:
            return ()

    one = plate()
    taken = take_over(f"balance: {at(one, 'balance')}", balance=Balance)
    assert taken.make_safe() == []
    assert one.heard == []


def test_what_is_no_line_is_named_or_left_out(plate: Any, take_over: Any, plate_driver: Any) -> None:
    held = plate()
    taken = take_over(
        f"stirrer: {at(held)}",
        "twin: {same_as: stirrer}",
        "hand: {driver: person}",
        "camera: {driver: camera, source: 0}",
        'ghost: {driver: plate, port: "sim://plate"}',
        held=("stirrer",),
        person=type("Person", (plate_driver,), {"transport": "person"}),
        camera=type("Camera", (plate_driver,), {"transport": "frames"}),
    )
    assert taken.make_safe() == []
    assert taken.remarks == [
        "hand is a person: tell them",
        "ghost is simulated inside a run: without a run it does nothing",
    ]
    assert held.heard == []


def test_a_port_that_another_program_holds_is_not_opened(plate: Any, take_over: Any, state: Path) -> None:
    one = plate()
    with DeviceLock(state / "locks", one.port, "run-7"):
        [report] = take_over(f"stirrer: {at(one)}").make_safe()
    assert report.made == "not_reached"
    assert report.message.startswith(f"{one.port} is in use by process ")
    assert report.message.endswith(
        " (run run-7). Stop that run first; two programs must not drive one device."
    )
    assert one.heard == []


def test_ports_are_held_while_their_devices_are_made_safe_and_not_longer(
    plate: Any, take_over: Any, plate_driver: Any, state: Path
) -> None:
    owners: list[str] = []

    class Looks(plate_driver):
        async def stands(self) -> bool:
            owners.extend(path.read_text(encoding="utf-8") for path in (state / "locks").glob("*.json"))
            return True

    assert take_over(f"a: {at(plate(), 'looks')}", looks=Looks).make_safe() == [Report("a", "confirmed")]
    [owner] = owners
    assert '"run": "the emergency stop"' in owner
    assert list((state / "locks").glob("*.json")) == []


def test_what_heats_is_reached_first_and_nobody_waits_for_another(
    plate: Any, take_over: Any, plate_driver: Any
) -> None:
    order: list[str] = []

    class Tells(plate_driver):
        async def connect(self) -> Identity:
            order.append(self._name)
            identity: Identity = await super().connect()
            await anyio.sleep(0.3)
            return identity

    hot = type("Hot", (Tells,), {"output": "temperature"})
    lines = [f"a: {at(plate(), 'tells')}", f"b: {at(plate(), 'hot')}", f"c: {at(plate(), 'tells')}"]
    began = time.monotonic()
    reports = take_over(*lines, tells=Tells, hot=hot).make_safe()
    assert by_name(reports) == [Report(name, "confirmed") for name in "abc"]
    assert order == ["b", "a", "c"]
    assert time.monotonic() - began < 0.85


def test_devices_are_left_when_they_are_safe(plate: Any, take_over: Any, plate_driver: Any) -> None:
    left: list[str] = []

    class Leaves(plate_driver):
        async def disconnect(self) -> None:
            left.append(self._name)
            await super().disconnect()

    take_over(f"a: {at(plate(), 'leaves')}", leaves=Leaves).make_safe()
    assert left == ["a"]


@pytest.mark.parametrize("how", ["raises", "exits", "hangs"])
def test_one_that_cannot_be_left_keeps_no_other_from_being_made_safe(
    how: str, plate: Any, take_over: Any, plate_driver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "LEAVE_WITHIN", 0.2)

    class Stays(plate_driver):
        async def disconnect(self) -> None:
            await super().disconnect()
            if how == "raises":
                raise OSError("no cable")
            if how == "exits":
                raise SystemExit(1)
            await anyio.sleep(60)

    class Late(plate_driver):
        async def stands(self) -> bool:
            await anyio.sleep(0.3)
            return bool(await super().stands())

    taken = take_over(f"a: {at(plate(), 'stays')}", f"b: {at(plate(), 'late')}", stays=Stays, late=Late)
    assert by_name(taken.make_safe()) == [Report("a", "confirmed"), Report("b", "confirmed")]


@pytest.mark.parametrize("where", ["connect", "stands"])
def test_a_driver_that_would_end_the_program_ends_nothing(
    where: str, plate: Any, take_over: Any, plate_driver: Any
) -> None:
    async def ends(self: Any) -> Any:
        raise SystemExit(1)

    taken = take_over(
        f"a: {at(plate(), 'ends')}", f"b: {at(plate())}", ends=type("Ends", (plate_driver,), {where: ends})
    )
    a, b = by_name(taken.make_safe())
    assert a == Report(
        "a", "not_reached" if where == "connect" else "sent", "Escaped('raised SystemExit(1)')"
    )
    assert b == Report("b", "confirmed")


def test_a_lab_file_that_is_none_is_a_problem_and_not_an_empty_lab() -> None:
    with pytest.raises(ProblemsFound) as caught:
        Takeover.of("lab: [", {}, ())
    [problem, *_] = caught.value.problems
    assert problem.place.file == "lab"


def test_how_long_it_is_waited_and_how_often_it_is_sent() -> None:
    assert (takeover.CONNECT_WITHIN, takeover.CONFIRM_WITHIN, takeover.LEAVE_WITHIN) == (15.0, 10.0, 5.0)
    assert takeover.TRIES == 3


def test_the_line_settings_of_the_driver_reach_the_line(
    plate: Any, take_over: Any, plate_driver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[LineSettings] = []
    opening = takeover.open_port

    class Watched:
        def __init__(self, link: Any) -> None:
            self.name, self._link = link.name, link

        async def open(self, line: LineSettings) -> Any:
            asked.append(line)
            return await self._link.open(line)

    class Slow(plate_driver):
        async def connect(self) -> Identity:
            self._stream = await self._link.open(LineSettings(baud=1200))
            return Identity(await self.ask("NAME"))

    monkeypatch.setattr(takeover, "open_port", lambda address: Watched(opening(address)))
    take_over(f"a: {at(plate(), 'slow')}", slow=Slow).make_safe()
    assert asked == [LineSettings(baud=1200)]
