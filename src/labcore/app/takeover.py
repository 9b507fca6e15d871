"""Make the devices of a lab safe when no run holds them: lock, open, send the safe frames at once, then ask.

The frames go out as soon as the port is open, before the device is identified: in an emergency a stop to whoever stands
at that port is right. A dead run's own last safe state is preferred to a fresh driver's, which does not know what the
device was doing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.to_thread

from labcore.adapters.device_lock import DeviceLock
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.loop import run_loop
from labcore.app.links import is_simulated, open_port
from labcore.app.places import state_folder
from labcore.app.safe_data import safe_acts
from labcore.engine.border import contained
from labcore.engine.guard_post import Post, heat_first
from labcore.engine.guard_report import Made, Report
from labcore.errors import LabcoreError, ProblemsFound
from labcore.model.lab import DeviceEntry
from labcore.pipeline.draft import Findings
from labcore.pipeline.parse import parse_lab
from labcore.plugin.driver import Driver, SafeAct, Site
from labcore.ports import ByteStream, LineSettings

CONNECT_WITHIN = 15.0  # s for a device to say who it is
CONFIRM_WITHIN = 10.0  # s for a device to say that it is safe
LEAVE_WITHIN = 5.0  # s to close a line
TRIES = 3


@dataclass(slots=True)
class _Target:
    """One device to make safe here."""

    name: str
    driver: Driver
    post: Post
    acts: tuple[SafeAct, ...]


@dataclass(slots=True)
class Takeover:
    """The devices of a lab that no living run holds."""

    targets: list[_Target] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    locks: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def of(cls, lab: str, dead: Mapping[str, Any], held: Collection[str]) -> Takeover:
        """Return what is to be done in a lab (its file's text); `dead` are safe states that a dead run left."""
        findings = Findings()
        found, _ = parse_lab(lab, "lab", findings)
        if found is None:
            raise ProblemsFound(findings.problems)
        takeover = cls()
        for name, entry in found.devices.items():
            if entry.driver is not None and name not in held:
                takeover._add(name, entry, dead.get(name, {}))
        return takeover

    def make_safe(self) -> list[Report]:
        """Make them safe side by side and return all reports; never raises because of a device."""
        with self.locks:
            if self.targets:
                run_loop(self._all)
        return self.reports

    def _add(self, name: str, entry: DeviceEntry, kept: Mapping[str, Any]) -> None:
        """Prepare one device; what cannot be prepared is reported as not reached."""
        try:
            driver_type = EntryPointCatalog().load("drivers", entry.driver or "")
            if driver_type.transport != "link":
                if driver_type.transport == "person":
                    self.remarks.append(f"{name} is a person: tell them")
                return
            if is_simulated(entry):
                self.remarks.append(f"{name} is simulated inside a run: without a run it does nothing")
                return
            self._lock(str(entry.port))
            self.targets.append(_target(name, entry, driver_type, kept))
        except (
            Exception
        ) as error:  # one device that cannot be prepared must not keep the others from being made safe
            self.reports.append(Report(name, "not_reached", _said(error)))

    def _lock(self, address: str) -> None:
        self.locks.enter_context(DeviceLock(state_folder() / "locks", address, "the emergency stop"))

    async def _all(self) -> None:
        async with anyio.create_task_group() as group:
            for target in sorted(
                self.targets, key=lambda one: not any(a.output == "temperature" for a in one.acts)
            ):
                group.start_soon(self._one, target)

    async def _one(self, target: _Target) -> None:
        if target.acts:
            self.reports.append(await _make_safe(target))


def _target(name: str, entry: DeviceEntry, driver_type: Any, kept: Mapping[str, Any]) -> _Target:
    post = Post(name, open_port(str(entry.port)))
    at_once = _AtOnce(post)
    options = driver_type.Options.model_validate(entry.options)
    driver: Driver = driver_type(Site(name, False, link=at_once), options)
    at_once.acts = safe_acts(kept) or heat_first(driver.safe())
    return _Target(name, driver, post, at_once.acts)


class _AtOnce:
    """A link that sends the safe frames as soon as it is open."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self.acts: tuple[SafeAct, ...] = ()

    @property
    def name(self) -> str:
        """Say where this leads."""
        return self._post.link.name

    async def open(self, line: LineSettings) -> ByteStream:
        """Open and send."""
        stream = await self._post.link.open(line)
        await anyio.to_thread.run_sync(self._post.send_safe, self.acts)
        return stream


async def _make_safe(target: _Target) -> Report:
    answered = False
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_leave, target.driver)
        try:
            with anyio.fail_after(CONNECT_WITHIN):
                await contained(target.driver.connect)
            answered = True
            return await _confirm(target)
        except TimeoutError:
            why = f"it does not answer within {CONNECT_WITHIN:g} s"
        except (
            Exception
        ) as error:  # a driver is a plugin: its bugs must not keep the others from being made safe
            why = _said(error)
    made: Made = "sent" if answered or target.post.was_sent else "not_reached"
    return Report(target.name, made, why)


async def _confirm(target: _Target) -> Report:
    """Ask, and send again while it says no or nothing that can be understood."""
    why = ""
    for _ in range(TRIES):
        why = await _denial(target.driver)
        if not why:
            return Report(target.name, "confirmed")
        await anyio.to_thread.run_sync(target.post.send_safe, target.acts)
    return Report(target.name, "sent", why)


async def _denial(driver: Driver) -> str:
    """Return why a device is not known to be safe, "" if it says that it is."""
    with anyio.move_on_after(CONFIRM_WITHIN):
        try:
            if all([await contained(act.confirm) for act in driver.safe()]):
                return ""
        except Exception as error:  # one garbled answer is no reason to stop telling it
            return _said(error)
    return "it does not say that it is safe"


async def _leave(driver: Driver) -> None:
    """Close the line, whatever came of it; a driver that fails at that or never ends keeps nobody waiting."""
    with anyio.move_on_after(LEAVE_WITHIN), suppress(Exception):
        await contained(driver.disconnect)


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, LabcoreError) else repr(error)
