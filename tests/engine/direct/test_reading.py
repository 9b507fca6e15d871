"""A reading, however it ends: what the step is told, and what the record says of a device that is gone."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any, Literal, Optional, Protocol, TypedDict

import anyio
import pytest

from labcore.capabilities import Measuring, Outcome, Reading, Spot, Stirring
from labcore.engine.border import fault_in_reading
from labcore.engine.proxy import PERSON_DEADLINE, READ_DEADLINE, Proxy
from labcore.errors import DeviceError, DeviceRefused, DeviceTimeout, LabcoreError, LinkLost, PluginError
from labcore.model.event import DeviceLost
from labcore.model.quantity import Quantity

OnBench = Callable[..., Any]


def raises(error: BaseException) -> Any:
    async def read() -> Any:
        raise error

    return read


def gives(value: Any) -> Any:
    async def read() -> Any:
        return value

    return read


def proxy(bench: Any, capability: type = Stirring) -> Any:
    return Proxy(bench.writer, bench.session, capability, "1")


def test_what_the_device_says_is_handed_on(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        bench.device.read = gives(Quantity(300, "rpm"))
        assert await proxy(bench).speed() == Quantity(300, "rpm")
        assert proxy(bench).name == "plate"
        assert bench.written() == []
        with pytest.raises(AttributeError, match="Stirring has no act or read 'fly'"):
            _ = proxy(bench).fly

    on_bench(job)


class Past:
    """What the step did before its process died."""

    def act(self, device: str, method: str) -> Outcome | None:
        return Outcome("done", message="it was") if (device, method) == ("plate", "stop_stirring") else None


def test_an_act_is_performed_for_the_step_unless_it_was_done_before(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        past: Any = Past()
        held: Any = Proxy(bench.writer, bench.session, Stirring, "1", past)
        assert await held.stop_stirring() == Outcome("done", message="it was")
        assert bench.written() == []
        assert await held.stir(Quantity(300, "rpm")) == Outcome("done")
        assert [(event.kind, event.step) for event in bench.events()] == [("intended", "1"), ("settled", "1")]
        assert bench.written()[0].arguments == {"speed": {"value": 300.0, "unit": "rpm"}}
        assert await proxy(bench).stir(speed=Quantity(100, "rpm")) == Outcome("done")

    on_bench(job)


CHECK = "Check cable and power."


@pytest.mark.parametrize(
    ("error", "kind", "message", "remedy", "lost"),
    [
        (TimeoutError(), DeviceTimeout, "plate: speed gave no answer in time", "", None),
        (OSError("broken pipe"), LinkLost, "plate: speed failed: broken pipe", CHECK, "broken pipe"),
        (anyio.EndOfStream(), LinkLost, "plate: speed failed: EndOfStream", CHECK, "EndOfStream"),
        (LinkLost("no cable"), LinkLost, "plate: speed failed: no cable", CHECK, "no cable"),
        (
            LinkLost("plate at sim://x hung up", remedy="Plug it in."),
            LinkLost,
            "plate at sim://x hung up",
            "Plug it in.",
            "plate at sim://x hung up",
        ),
        (DeviceRefused("error 9", remedy="Wait."), DeviceRefused, "error 9", "Wait.", None),
        (ValueError("bug"), DeviceError, "plate: speed failed: ValueError('bug')", "", None),
        (SystemExit(3), DeviceError, "plate: speed failed: Escaped('raised SystemExit(3)')", "", None),
    ],
)
def test_what_a_driver_raises_becomes_what_it_means(
    on_bench: OnBench, error: BaseException, kind: Any, message: str, remedy: str, lost: str | None
) -> None:
    async def job(bench: Any) -> None:
        bench.device.read = raises(error)
        with pytest.raises(LabcoreError) as caught:
            await proxy(bench).speed()
        assert (type(caught.value), caught.value.message, caught.value.remedy) == (kind, message, remedy)
        if kind is not DeviceRefused:
            assert caught.value.device == "plate"
        assert bench.written() == ([DeviceLost(lost)] if lost is not None else [])
        assert all((one.step, one.device, one.source) == ("1", "plate", "real") for one in bench.events())

    on_bench(job)


@pytest.mark.parametrize(("transport", "limit"), [("link", READ_DEADLINE), ("person", PERSON_DEADLINE)])
def test_a_reading_has_a_deadline_and_a_person_a_longer_one(
    on_bench: OnBench, transport: str, limit: float
) -> None:
    async def job(bench: Any) -> None:
        bench.device.read, bench.device.transport = anyio.sleep_forever, transport
        began = anyio.current_time()
        with pytest.raises(DeviceTimeout, match=f"^plate: speed gave no answer within {limit:g} s$"):
            await proxy(bench).speed()
        assert anyio.current_time() - began == limit
        assert not bench.session.lock.locked()

    on_bench(job)
    assert (READ_DEADLINE, PERSON_DEADLINE) == (30.0, 3600.0)


@pytest.mark.parametrize(
    ("capability", "method", "value", "measures", "fault"),
    [
        (Stirring, "speed", 300.0, (), "speed returned float, not Quantity"),
        (Stirring, "speed", Quantity(1, "mL"), (), "speed answered 1 mL, which cannot be written in rpm"),
        (
            Measuring,
            "measure",
            Reading(Quantity(1, "mL"), 0.1),
            {"pH": ""},
            "measure answered 1 mL, which cannot be written in a plain number",
        ),
    ],
)
def test_an_answer_that_no_step_could_use_is_the_drivers_bug(
    on_bench: OnBench, capability: Any, method: str, value: Any, measures: Any, fault: str
) -> None:
    async def job(bench: Any) -> None:
        bench.device.read, bench.device.measures = gives(value), measures
        arguments = ("pH", Spot("vial", "plate")) if method == "measure" else ()
        with pytest.raises(PluginError) as caught:
            await getattr(proxy(bench, capability), method)(*arguments)
        assert caught.value.message == f"plate: {fault}"
        assert caught.value.plugin == "Device"
        assert caught.value.remedy == "This is a bug in the driver; nothing was observed."

    on_bench(job)


@pytest.mark.parametrize("measures", [("pH",), {"EC": "mS/cm"}])
def test_where_nobody_says_a_unit_any_will_do(on_bench: OnBench, measures: Any) -> None:
    async def job(bench: Any) -> None:
        bench.device.read, bench.device.measures = gives(Reading(Quantity(1, "mL"), 0.1)), measures
        assert (await proxy(bench, Measuring).measure("pH", Spot("vial", "plate"))).uncertainty == 0.1

    on_bench(job)


class Shape(TypedDict):
    """A type that only exists for who checks types."""

    width: int


class Named(Protocol):
    """Another one."""

    name: str


@pytest.mark.parametrize(
    ("returns", "value", "fault"),
    [
        (Any, "almond", ""), (Any | None, "almond", ""), (list[float], [1.0], ""), (dict[str, int] | None, None, ""),
        (list[float], 1.0, "returned float, not list"), (Optional[int], "x", "returned str, not int or NoneType"),  # noqa: UP045
        (None, 1, ""), (type(None), 1, "returned int, not NoneType"), (Literal["a"], "b", ""), (Shape, {"width": 1}, ""),
        (Named, 1, ""), (float, nan, "returned nan"), (float, 1.0, ""),
    ],
)  # fmt: skip
def test_an_answer_is_held_against_the_type_that_is_declared(returns: Any, value: Any, fault: str) -> None:
    assert fault_in_reading(value, returns, None) == fault


def test_a_capability_that_names_types_which_are_not_there_may_return_anything(on_bench: OnBench) -> None:
    from labcore.capabilities.act import reads

    class Smelling:
        capability = "smelling"

        @reads
        async def smell(self) -> Nowhere:  # type: ignore[name-defined]  # noqa: F821
            """Return an odour."""

    async def job(bench: Any) -> None:
        async def smell() -> str:
            return "almond"

        bench.device.smell = smell
        assert await proxy(bench, Smelling).smell() == "almond"

    on_bench(job)
