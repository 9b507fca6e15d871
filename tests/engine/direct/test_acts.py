"""One act, however it ends: what is intended, what is settled, and what the step is told."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

import anyio
import pytest

from labcore.capabilities import Outcome, Placing, Stirring
from labcore.engine.act import perform_act
from labcore.engine.session import Ended
from labcore.errors import (
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    LabcoreError,
    LimitError,
    LinkLost,
    PluginError,
)
from labcore.model.effect import SetOutput
from labcore.model.event import DeviceLost, Intended, Settled, VesselStated
from labcore.model.quantity import Quantity

OnBench = Callable[..., Any]
ON = (SetOutput("plate", "speed", 300.0, "rpm"),)
INTENDED = Intended("act-1", "stir", {"speed": {"value": 300.0, "unit": "rpm"}}, ("STIR 300",), ON, 30.0)


def raises(error: BaseException) -> Any:
    async def send() -> Outcome:
        raise error

    return send


def says(*outcome: Any, **more: Any) -> Any:
    async def send() -> Outcome:
        return Outcome(*outcome, **more)

    return send


async def hangs() -> Outcome:
    await anyio.sleep_forever()
    raise AssertionError


async def stir(bench: Any, speed: Any = None) -> Any:
    mark = bench.session.mark(Stirring, "stir")
    arguments = {"speed": speed or Quantity(300, "rpm")}
    return await perform_act(bench.writer, bench.session, "stir", mark, arguments, step="1")


def test_what_was_done_comes_back_and_is_on_record(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        bench.device.sends = {"stir": says("done", evidence={"read": 300.0}, message="0.5 A")}
        outcome = await stir(bench)
        assert outcome == Outcome("done", None, {"read": 300.0}, "0.5 A")
        assert bench.written() == [INTENDED, Settled("act-1", "done", ON, None, {"read": 300.0}, "0.5 A")]
        assert {(one.step, one.device, one.source) for one in bench.events()} == {("1", "plate", "real")}
        assert bench.session.ended == Ended("stir", ("STIR 300",), outcome, False)
        assert bench.session.busy_until is None

    on_bench(job)


LOST = "no cable"


@pytest.mark.parametrize(
    ("send", "cut", "kind", "status", "message", "remedy", "lost"),
    [
        (says("partly", message="half"), None, DeviceError, "partly", "half", "", None),
        (says("not_started"), None, DeviceError, "not_started", "", "", None),
        (hangs, None, DeviceError, "unknown", "no end within 30 s", "", None),
        (hangs, says("partly"), DeviceError, "partly", "no end within 30 s", "", None),
        (hangs, says("partly", message="at half"), DeviceError, "partly", "at half", "", None),
        (hangs, hangs, DeviceError, "unknown", "no end within 30 s; stopping it failed: no answer in time", "", None),
        (
            hangs, raises(LinkLost(LOST)), LinkLost, "unknown",
            "no end within 30 s; stopping it failed: no cable", "", LOST,
        ),
        (hangs, raises(ValueError("bug")), DeviceError, "unknown", "no end within 30 s; stopping it failed: bug", "", None),
        (raises(TimeoutError()), None, DeviceError, "unknown", "the driver gave up waiting", "", None),
        (raises(OSError(LOST)), None, LinkLost, "unknown", LOST, "", LOST),
        (raises(anyio.EndOfStream()), None, LinkLost, "unknown", "EndOfStream", "", "EndOfStream"),
        (raises(LinkLost(LOST, remedy="Plug it in.")), None, LinkLost, "unknown", LOST, "Plug it in.", LOST),
        (
            raises(DeviceRefused("error 9", remedy="Wait.", outcome=Outcome("not_started"))),
            None, DeviceError, "not_started", "error 9", "Wait.", None,
        ),
        (
            raises(DeviceRefused("error 9", outcome=Outcome("partly", message="half"))),
            None, DeviceError, "partly", "half", "", None,
        ),
        (raises(DeviceTimeout("silent", remedy="Wait.")), None, DeviceError, "unknown", "silent", "Wait.", None),
        (raises(DeviceTimeout("silent", remedy="Wait.")), says("partly"), DeviceError, "partly", "silent", "Wait.", None),
        (
            raises(DeviceTimeout("silent", outcome=Outcome("not_started"))), says("partly"),
            DeviceError, "not_started", "silent", "", None,
        ),
        (raises(ValueError("bug")), None, DeviceError, "unknown", "the driver raised ValueError('bug')", "", None),
        (raises(SystemExit(3)), None, DeviceError, "unknown", "the driver raised SystemExit(3)", "", None),
    ],
)  # fmt: skip
def test_however_it_ends_the_step_and_the_record_are_told_the_same(
    on_bench: OnBench,
    send: Any,
    cut: Any,
    kind: Any,
    status: Any,
    message: str,
    remedy: str,
    lost: str | None,
) -> None:
    async def job(bench: Any) -> None:
        bench.device.sends, bench.device.cut = {"stir": send}, cut
        with pytest.raises(DeviceError) as caught:
            await stir(bench)
        words = {
            "partly": "was only partly done",
            "not_started": "was not started",
            "unknown": "has an unknown end",
        }
        assert type(caught.value) is kind
        assert caught.value.message == f"plate: stir {words[status]}. {message}".strip()
        assert (caught.value.device, caught.value.remedy) == ("plate", remedy)
        assert caught.value.outcome == Outcome(status, message=message)
        losses = [DeviceLost(lost)] if lost is not None else []
        assert bench.written() == [INTENDED, Settled("act-1", status, (), None, {}, message), *losses]
        assert {(one.step, one.device, one.source) for one in bench.events()} == {("1", "plate", "real")}
        assert bench.session.was_cut is (cut is not None and status != "not_started")
        assert bench.session.busy_until is None

    on_bench(job)


@pytest.mark.parametrize(("cut", "status"), [(says("partly"), "partly"), (None, None)])
def test_a_step_that_is_cut_settles_its_act_first(on_bench: OnBench, cut: Any, status: Any) -> None:
    async def job(bench: Any) -> None:
        async def slow() -> Outcome:
            await anyio.sleep(20.0)
            return Outcome("done")

        bench.device.sends, bench.device.cut = {"stir": slow}, cut
        began = anyio.current_time()
        with anyio.move_on_after(5.0) as scope:
            await stir(bench)
        assert scope.cancelled_caught is (cut is not None), "what cannot be cut runs to its end"
        end = Settled("act-1", "partly", (), None, {}, "cut") if cut else Settled("act-1", "done", ON)
        assert bench.written() == [INTENDED, end]
        assert anyio.current_time() - began == (5.0 if cut else 20.0)
        assert bench.session.was_cut is (cut is not None)

    on_bench(job)


# ------------------------------------------------------------------------------------------ refused before a byte is sent
@pytest.mark.parametrize(
    ("error", "kind", "message", "remedy", "lost"),
    [
        (LinkLost("closed", remedy="Look."), LinkLost, "closed", "Look.", ["closed"]),
        (DeviceRefused("not homed"), DeviceRefused, "not homed", "", []),
        (
            ValueError("bug"),
            PluginError,
            "plate: could not encode stir: ValueError('bug'); nothing was sent",
            "This is a bug in the driver.",
            [],
        ),
        (
            SystemExit(3),
            PluginError,
            "plate: could not encode stir: SystemExit(3); nothing was sent",
            "This is a bug in the driver.",
            [],
        ),
    ],
)
def test_what_cannot_be_encoded_is_not_intended(
    on_bench: OnBench, error: BaseException, kind: Any, message: str, remedy: str, lost: list[str]
) -> None:
    def encode() -> None:
        raise error

    async def job(bench: Any) -> None:
        bench.device.encode = encode
        with pytest.raises(LabcoreError) as caught:
            await stir(bench)
        assert (type(caught.value), caught.value.message, caught.value.remedy) == (kind, message, remedy)
        assert getattr(caught.value, "plugin", "Device") == "Device"
        assert bench.written() == [DeviceLost(one) for one in lost]
        assert all((one.step, one.device, one.source) == ("1", "plate", "real") for one in bench.events())

    on_bench(job)


class Unwilling:
    """A value that raises when it is looked at."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def in_(self, unit: str) -> float:
        raise self._error


@pytest.mark.parametrize(
    ("speed", "fault"),
    [
        (Unwilling(ValueError("too odd.")), "too odd"),
        (Unwilling(GeneratorExit()), "GeneratorExit"),
        (nan, "'float' object has no attribute 'in_'"),
    ],
)
def test_what_no_device_may_be_asked_for_is_refused(on_bench: OnBench, speed: Any, fault: str) -> None:
    async def job(bench: Any) -> None:
        with pytest.raises(LimitError) as caught:
            await stir(bench, speed)
        assert caught.value.message == f"plate: stir is impossible: {fault}; nothing was sent"
        assert caught.value.remedy == "Look at where the step gets its values from."
        assert caught.value.device == "plate"
        assert bench.written() == []

    on_bench(job)


def test_what_has_no_room_is_refused_with_what_to_do(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        for vessel, place in (("vial", "plate"), ("other", "rack")):
            await bench.writer.write(VesselStated(vessel, "vial-50ml", place, {}, "me"))
        before = len(bench.written())
        for origin, why in (
            ("plate", "other stands at rack by now"),
            ("hood", "vial does not stand at hood any more"),
        ):
            mark = bench.session.mark(Placing, "place")
            asked = {"vessel": "vial", "origin": origin, "target": "rack"}
            with pytest.raises(LimitError) as caught:
                await perform_act(bench.writer, bench.session, "place", mark, asked, step="1")
            assert caught.value.message == f"plate: place: {why}; nothing was sent"
            assert caught.value.device == "plate"
            assert caught.value.remedy == (
                "Do one after the other, use another place, or say what stands where with `labcore lab set`."
            )
        assert len(bench.written()) == before

    on_bench(job)


def test_an_act_that_is_none_is_the_drivers_bug(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        bench.device.deadline = 0.0
        with pytest.raises(PluginError) as caught:
            await stir(bench)
        why = "plate: stir cannot be used: its deadline is 0.0, not a time in s; nothing was sent"
        assert (caught.value.message, caught.value.plugin) == (why, "Device")
        assert bench.written() == []

    on_bench(job)
