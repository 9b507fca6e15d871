"""Devices that no run holds, made safe one beside the other: what goes over the wire, and what is said of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from labcore.adapters.device_lock import DeviceLock
from labcore.app import takeover
from labcore.app.takeover import Takeover
from labcore.engine.guard_report import Report
from labcore.errors import DeviceError, ProblemsFound
from labcore.plugin.driver import DriverOptions, Identity, SafeAct
from labcore.ports import LineSettings

NOT_SAFE = "it does not say that it is safe"
KEPT = {"at": "x", "safe": [{"output": "speed", "frames": [b"OFF\n".hex()], "breaks_in": "realtime"}]}


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def take_over(state: Path, monkeypatch: pytest.MonkeyPatch, catalog_with: Any) -> Callable[..., Takeover]:
    """Return what is to be done with devices given as lines of a lab file."""

    def make(
        *devices: str, dead: Mapping[str, Any] | None = None, held: tuple[str, ...] = (), **drivers: type
    ) -> Takeover:
        catalog = catalog_with(**drivers)
        monkeypatch.setattr(takeover, "EntryPointCatalog", lambda: catalog)
        lines = "\n".join(f"  {one}" for one in devices)
        return Takeover.of(f"lab: A lab\ndevices:\n{lines}\n", dead or {}, held)

    return make


def at(one: Any, driver: str = "plate", more: str = "") -> str:
    return f'{{driver: {driver}, port: "{one.port}"{more}}}'


def by_name(reports: list[Report]) -> list[Report]:
    return sorted(reports, key=lambda one: one.device)


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
