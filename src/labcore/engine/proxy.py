"""What a step holds instead of a driver: methods that are intended, sent and settled, or read under a deadline."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import anyio

from labcore.capabilities.act import Acts, Outcome
from labcore.engine.act import perform_act
from labcore.engine.past import Past
from labcore.engine.session import Session
from labcore.engine.writer import Writer
from labcore.errors import DeviceError, DeviceTimeout, LabcoreError

READ_DEADLINE = 30.0  # s; a person is given longer
PERSON_DEADLINE = 3600.0


@cache
def _signature(capability: type, method: str) -> inspect.Signature:
    return inspect.signature(getattr(capability, method))


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
        limit = PERSON_DEADLINE if self._session.driver.transport == "person" else READ_DEADLINE
        try:
            with anyio.fail_after(limit):
                async with self._session.lock:
                    return await getattr(self._session.driver, method)(**arguments)
        except TimeoutError as error:
            raise DeviceTimeout(
                f"{self.name}: {method} gave no answer within {limit:g} s", device=self.name
            ) from error
        except LabcoreError:
            raise
        except Exception as error:
            raise DeviceError(f"{self.name}: {method} failed: {error!r}", device=self.name) from error
