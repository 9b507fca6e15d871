"""What a step holds instead of a driver: methods that are intended, sent and settled, or read under a deadline."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

import anyio

from labcore.capabilities.act import Acts, Outcome, Reads
from labcore.engine.act import perform_act
from labcore.engine.border import clean, contained, fault_in_reading, shown
from labcore.engine.connection import LOSSES, find_again, note_loss
from labcore.engine.past import Past
from labcore.engine.session import Session
from labcore.engine.writer import Writer
from labcore.errors import DeviceError, DeviceTimeout, LabcoreError, LinkLost, PluginError

READ_DEADLINE = 30.0  # s; a person is given longer
PERSON_DEADLINE = 3600.0


@cache
def _signature(capability: type, method: str) -> inspect.Signature:
    return inspect.signature(getattr(capability, method))


@cache
def _returns(capability: type, method: str) -> Any:
    """Return the type that a capability declares for what a method gives back."""
    try:
        return get_type_hints(getattr(capability, method)).get("return", Any)
    except (NameError, TypeError):
        return Any  # a plugin's capability may name types that are not there at run time


class Proxy:
    """One capability of one device, for one step."""

    __slots__ = ("_capability", "_past", "_session", "_step", "_writer")

    def __init__(
        self, writer: Writer, session: Session, capability: type, step: str | None, past: Past | None = None
    ) -> None:
        self._past = past
        self._writer = writer
        self._session = session
        self._capability = capability
        self._step = step

    @property
    def name(self) -> str:
        """The device's name in the lab."""
        return self._session.name

    def __getattr__(self, method: str) -> Any:
        mark = self._session.mark(self._capability, method)
        signature = _signature(self._capability, method)

        async def call(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(None, *args, **kwargs).arguments
            arguments = {name: value for name, value in bound.items() if name != "self"}
            if isinstance(mark, Acts):
                return await self._act(method, mark, arguments)
            return await self._read(method, arguments)

        return call

    async def _act(self, method: str, mark: Acts, arguments: dict[str, Any]) -> Outcome:
        known = self._past.act(self.name, method) if self._past is not None else None
        if known is not None:
            return known
        return await perform_act(self._writer, self._session, method, mark, arguments, step=self._step)

    async def _read(self, method: str, arguments: dict[str, Any]) -> Any:
        session, limit = self._session, self._limit()
        try:
            async with session.lock:
                await find_again(self._writer, session, self._step)
                with anyio.fail_after(limit) as scope:
                    value = await contained(lambda: getattr(session.driver, method)(**arguments))
        except TimeoutError as error:
            within = f"within {limit:g} s" if scope.cancel_called else "in time"
            raise DeviceTimeout(f"{self.name}: {method} gave no answer {within}", device=self.name) from error
        except LOSSES as error:
            raise await self._lost(method, error) from error
        except LabcoreError:
            raise
        except Exception as error:
            raise DeviceError(f"{self.name}: {method} failed: {shown(error)}", device=self.name) from error
        return self._usable(method, value, arguments)

    def _limit(self) -> float:
        return PERSON_DEADLINE if self._session.driver.transport == "person" else READ_DEADLINE

    async def _lost(self, method: str, error: BaseException) -> LinkLost:
        """Put the loss on record and return the error, which names the device and its port."""
        message = clean(getattr(error, "message", str(error))) or type(error).__name__
        await note_loss(self._writer, self._session, message, self._step)
        if self.name not in message:
            message = f"{self.name}: {method} failed: {message}"
        remedy = getattr(error, "remedy", "") or "Check cable and power."
        return LinkLost(message, device=self.name, remedy=remedy)

    def _usable(self, method: str, value: Any, arguments: dict[str, Any]) -> Any:
        """Return what a driver answered; PluginError if no step could use it."""
        fault = fault_in_reading(
            value, _returns(self._capability, method), self._unit(method, arguments.get("what"))
        )
        if fault:
            raise PluginError(
                f"{self.name}: {method} {fault}",
                plugin=type(self._session.driver).__name__,
                remedy="This is a bug in the driver; nothing was observed.",
            )
        return value

    def _unit(self, method: str, what: Any) -> str | None:
        """Return the unit an answer must be convertible to: the capability's, or what the driver says of `what` it measures."""
        mark = self._session.mark(self._capability, method)
        if isinstance(mark, Reads) and mark.unit is not None:
            return mark.unit
        units = getattr(self._session.driver, "measures", ())
        return units.get(what) if isinstance(units, Mapping) else None
