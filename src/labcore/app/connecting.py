"""Devices of a run: reached one after the other, kept alive, left again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anyio

from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.errors import DeviceError, DeviceTimeout
from labcore.model.event import DeviceConnected

CONNECT_LIMIT = 30.0  # s per device


async def connect(setting: Setting) -> str:
    """Connect every device in turn; return why it could not be done, "" if all are there."""
    for name, session in setting.sessions.items():
        try:
            with anyio.fail_after(CONNECT_LIMIT):
                session.identity = await session.driver.connect()
        except TimeoutError:
            return f"{name} did not answer within {CONNECT_LIMIT:g} s"
        except DeviceError as error:
            return f"{name}: {error}"
        except Exception as error:  # a driver is a plugin: its bugs end the run, named, before anything moved
            return f"{name}: driver {setting.plan.machines[name].driver} raised {error!r} while connecting"
        wanted = setting.plan.lab.devices[name].serial_number
        if wanted and session.identity.serial and session.identity.serial != wanted:
            return f"{name}: serial number {session.identity.serial} answered, the lab file says {wanted}"
        connected = DeviceConnected(
            setting.plan.machines[name].driver, str(session.identity), dict(session.identity.detail)
        )
        await setting.writer.write(connected, device=name, source=session.source)
    return ""


async def keep_alive(session: Session) -> None:
    """Keep a device's watchdog from firing while labcore lives."""
    renew: Any = session.driver
    while True:
        await anyio.sleep(float(renew.renew_every))
        try:
            await renew.renew()
        except (DeviceError, DeviceTimeout, TimeoutError):
            continue  # the watchdog does what it is for; the next act reports the device


async def disconnect(sessions: Mapping[str, Session]) -> None:
    for session in sessions.values():
        with anyio.move_on_after(5.0):
            try:
                await session.driver.disconnect()
            except Exception:  # a driver must not keep the others from being closed
                continue
