"""A stop is settled per device: of everything connected that can move, heat or pump, by what it says itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.loop import run_virtual
from labcore.app import open_run
from labcore.app.files import Texts
from labcore.app.running import Options, RunUnderWay, carry_out
from labcore.model.event import Event
from labcore.pipeline.prepare import prepare
from labcore.pipeline.resolve import Sources
from labcore.ports import ByteStream, Journal, LineSettings, Link
from labcore.state.reduce import fold

LAB = """
lab: two machines
devices:
  gantry: {driver: gantry-dispenser, port: "sim://gantry", syringe: 10 mL}
  plate: {driver: ika-namur, port: "sim://ika-rct"}
positions:
  stirrer: {fits: vial-50ml, station: plate, reach: [gantry]}
  rack/A1: {fits: vial-50ml, reach: [gantry]}
stock: {water: {in: bottle/1, volume: 200 mL}}
vessels: {vial: {at: stirrer, labware: vial-50ml}, other: {at: rack/A1, labware: vial-50ml}}
"""
HEAD = "labcore: 1\nname: test\ndevices: {gantry: [dosing, placing, homing], plate: [stirring, heating]}\n"
DOSE = "dispense: {material: water, into: vial, volume: 20 mL}"


@dataclass
class Done:
    """A finished run."""

    events: Sequence[Event]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]


class Deaf:
    """Faults (`labcore.app.faults`): once `silent` is set, nothing reaches one device and it says nothing."""

    def __init__(self, device: str) -> None:
        self.device, self.silent = device, False
        self.urgent: list[bytes] = []

    def journal(self, journal: Journal) -> Journal:
        return journal

    def link(self, device: str, link: Link) -> Link:
        return _DeafLink(self, link) if device == self.device else link


class _DeafLink:
    def __init__(self, deaf: Deaf, link: Link) -> None:
        self.deaf, self._link, self.name = deaf, link, link.name

    async def open(self, line: LineSettings) -> ByteStream:
        return _DeafStream(self.deaf, await self._link.open(line))


class _DeafStream:
    def __init__(self, deaf: Deaf, stream: ByteStream) -> None:
        self._deaf, self._stream = deaf, stream

    async def send(self, data: bytes) -> None:
        if not self._deaf.silent:
            await self._stream.send(data)

    async def receive(self, limit: int = 4096) -> bytes:
        return await self._stream.receive(limit)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def urgent(self, data: bytes) -> None:
        self._deaf.urgent.append(data)


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Done]:
    """Run steps on simulated machines and ask for something in the middle."""

    def run(steps: str, word: str = "", at: float = 0.0, *, deaf: Deaf | None = None) -> Done:
        async def watch(run: RunUnderWay) -> None:
            await anyio.sleep(at)
            if deaf is not None:
                deaf.silent = True
            if word:
                await run.control.ask(word, "me")  # type: ignore[arg-type]

        texts, catalog = Texts(HEAD + steps, "p.yaml", LAB, "lab.yaml", tmp_path), EntryPointCatalog()
        prepared = prepare(Sources(HEAD + steps, "p.yaml", LAB, "lab.yaml", {}, True), catalog)
        assert not prepared.errors, [problem.text() for problem in prepared.errors]
        options = Options(tmp_path, True, True, 7, watch=watch, faults=deaf)
        folder, state = run_virtual(partial(carry_out, prepared, texts, catalog, options))
        finished = open_run(str(folder))
        events = finished.events()
        finished.record.close()
        assert fold(events) == state
        return Done(events)

    return run


Play = Callable[..., Done]


def settled(done: Any) -> dict[str, Any]:
    found = {event.device: event.body for event in done.of("stop_settled")}
    assert len(found) == len(done.of("stop_settled")), "one a device"
    return found


@pytest.mark.parametrize("word", ["stop", "abort"])
def test_every_connected_device_is_settled_when_nothing_is_on(play: Play, word: str) -> None:
    done = play("steps:\n - wait: 1 h", word, 30.0)
    found = settled(done)
    assert {name: body.status for name, body in found.items()} == {"gantry": "halted", "plate": "halted"}
    assert found["plate"].outputs == ("temperature", "speed")
    assert "its own word" in found["gantry"].confirmed_by
    assert found["gantry"].frames == (), "a machine that stands still is not reset"
    order = [event.device for event in done.of("stop_settled")]
    assert set(order) == {"plate", "gantry"}


def test_a_dose_that_is_cut_is_settled_by_the_device(play: Play) -> None:
    done = play(f"steps:\n - {DOSE}", "stop", 60.0)
    found = settled(done)
    assert found["gantry"].status == "halted"
    assert done.of("settled")[-1].body.status in ("partly", "unknown", "not_started")
    last = max(event.position for event in done.of("settled"))
    assert next(e.position for e in done.of("stop_settled") if e.device == "gantry") > last


def test_what_cannot_be_cut_runs_to_its_end_and_says_so(play: Play) -> None:
    done = play("steps:\n - home: {device: gantry}", "stop", 3.0)
    body = settled(done)["gantry"]
    assert body.status == "ran_to_completion"
    assert done.of("settled")[-1].body.status == "done"


def test_an_output_is_settled_once_with_its_frames(play: Play) -> None:
    done = play("steps:\n - stir: {vessel: vial, speed: 300 rpm}\n - wait: 1 h", "stop", 60.0)
    found = settled(done)
    assert found["plate"].outputs == ("speed",)
    assert found["plate"].frames == ("STOP_4", "STATUS_4")
    assert found["gantry"].status == "halted"


def test_what_the_protocol_holds_is_settled_after_the_clean_up(play: Play) -> None:
    text = "steps:\n - stir: {vessel: vial, speed: 300 rpm}\n   hold: true\n - wait: 1 h\nfinally:\n - wait: 5 s\n - note: clean"
    done = play(text, "stop", 60.0)
    found = {event.device: event.position for event in done.of("stop_settled")}
    assert found["gantry"] < done.of("noted")[0].position < found["plate"]


def test_a_silent_device_is_sent_its_safe_state_and_keeps_no_other_waiting(play: Play) -> None:
    deaf = Deaf("plate")
    done = play("steps:\n - wait: 1 h", "abort", 30.0, deaf=deaf)
    found = settled(done)
    assert (found["gantry"].status, found["plate"].status) == ("halted", "unconfirmed")
    assert deaf.urgent == [b"STOP_1 \r\n", b"STOP_4 \r\n"]
    assert found["plate"].frames == ("STOP_1", "STOP_4")
    assert found["plate"].message
    at = {event.device: event.at for event in done.of("stop_settled")}
    assert at["gantry"] < 31.0 < at["plate"]


def test_a_silent_output_keeps_no_other_waiting(play: Play) -> None:
    deaf = Deaf("plate")
    text = "steps:\n - stir: {vessel: vial, speed: 300 rpm}\n - wait: 1 h\nfinally:\n - note: clean"
    done = play(text, "stop", 30.0, deaf=deaf)
    found = settled(done)
    assert (found["gantry"].status, found["plate"].status) == ("halted", "unconfirmed")
    assert done.of("noted")
    assert done.of("run_ended")[0].position > done.of("stop_settled")[-1].position


def test_a_run_that_is_done_settles_no_stop(play: Play) -> None:
    assert play(f"steps:\n - {DOSE}").of("stop_settled") == []
