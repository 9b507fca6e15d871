"""The gate of a real run: what is known once the devices have said who they are, and before anything moves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import anyio

from labcore.app.machines import is_simulated_device
from labcore.engine.session import Session
from labcore.engine.writer import Writer
from labcore.model.event import Asked, VesselStated
from labcore.model.quantity import Quantity
from labcore.pipeline.prepare import Prepared
from labcore.ports import Answer

FIRST_STEPS = 3
NOT_CONFIRMED = "not confirmed; nothing was moved"
HAZARDS = ("N901",)  # notes that are shown like warnings: outputs that go on if this computer stops


@dataclass(frozen=True, slots=True)
class DeviceAtGate:
    """One device as it answered; `limits` are the hardware's and the lab's together."""

    name: str
    driver: str
    address: str
    identity: str
    serial: str
    simulated: bool
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that is shown before a real run begins.

    `hazards` are the warnings of check, `bench` what stands where and who says so, `first` what happens first. `rehearsal`
    says that every device is simulated.
    """

    protocol: str
    lab: str
    rehearsal: bool
    devices: tuple[DeviceAtGate, ...]
    hazards: tuple[str, ...]
    bench: tuple[VesselStated, ...]
    first: tuple[str, ...]


class Question(Protocol):
    """How the gate asks a person: question and answer are events."""

    async def __call__(self, question: Asked) -> Answer:
        """Return the answer."""


Confirm = Callable[[Gate, Question], Awaitable[bool]]


def by_program(confirm: Callable[[Gate], bool]) -> Confirm:
    """Return a program's own function as the runner wants it."""

    async def answer(gate: Gate, ask: Question) -> bool:
        return bool(confirm(gate))

    return answer


def gate_of(prepared: Prepared, sessions: Iterable[Session]) -> Gate:
    """Return what is known of a run whose devices are connected."""
    plan = prepared.plan
    assert plan is not None
    devices = tuple(_device(prepared, session) for session in sessions)
    hazards = [one for one in prepared.problems if one.severity == "warning" or one.code in HAZARDS]
    moving = [planned for planned in prepared.timeline if planned.effects.changes][:FIRST_STEPS]
    first = (f"{one.key}: {one.node.label} [{', '.join(one.effects.devices)}]" for one in moving)
    rehearsal = bool(devices) and all(one.simulated for one in devices)
    said = tuple(dict.fromkeys(f"{one.code} {one.message}" for one in hazards))
    return Gate(plan.name, plan.lab.lab, rehearsal, devices, said, plan.bench, tuple(first))


def _device(prepared: Prepared, session: Session) -> DeviceAtGate:
    assert prepared.plan is not None
    entry = prepared.plan.lab.devices[session.name]
    address = entry.source if entry.port is None else entry.port
    identity = session.identity
    return DeviceAtGate(
        session.name,
        prepared.plan.machines[session.name].driver,
        "a person" if address is None else str(address),
        identity.name if identity is not None else "",
        identity.serial if identity is not None else "",
        is_simulated_device(entry),
        effective_limits(session),
    )


def effective_limits(session: Session) -> tuple[str, ...]:
    """Return the range of every setting that has one, for people: what hardware and lab both allow."""
    found = []
    for name in dict.fromkeys((*session.driver.limits, *session.limits)):
        hardware, lab = session.driver.limits.get(name), session.limits.get(name)
        low = _inner([getattr(hardware, "minimum", None), getattr(lab, "min", None)], max)
        high = _inner([getattr(hardware, "maximum", None), getattr(lab, "max", None)], min)
        bounds = [f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else ""]
        found.append(f"{name} {', '.join(filter(None, bounds))}")
    return tuple(found)


def _inner(
    bounds: list[Quantity | None], choose: Callable[[Iterable[Quantity]], Quantity]
) -> Quantity | None:
    there = [bound for bound in bounds if bound is not None]
    return choose(there) if there else None


async def confirmed(writer: Writer, gate: Gate, confirm: Confirm, ask: Question) -> bool | None:
    """Say whether it may begin; None if it was stopped while it was asked."""
    answers: list[bool] = []

    async def until_stopped() -> None:
        while writer.state.status == "running":
            await writer.changed.wait()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(until_stopped)
        answers.append(await confirm(gate, ask))
        group.cancel_scope.cancel()
    return answers[0] if answers else None
