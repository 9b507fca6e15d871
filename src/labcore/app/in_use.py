"""What a run needs for itself alone: its own folder, its devices' real ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from labcore.adapters.device_lock import DeviceLock
from labcore.app.links import is_simulated
from labcore.app.machines import used_machines
from labcore.app.places import state_folder
from labcore.errors import UsageError
from labcore.pipeline.prepare import Prepared
from labcore.records.run_folder import HEADER, read_json


def refuse_devices_in_use(prepared: Prepared) -> None:
    """UsageError, naming the owner, if another process has a device that this plan needs."""
    hold_devices(prepared, "about to start").close()


def hold_devices(prepared: Prepared, run: str) -> ExitStack:
    """Hold all real devices of a plan until the stack is closed; UsageError, holding none, if one is in use."""
    with ExitStack() as held:
        for address in _real_addresses(prepared):
            held.enter_context(DeviceLock(state_folder() / "locks", address, run))
        return held.pop_all()


@contextmanager
def hold_run(folder: Path) -> Iterator[None]:
    """Be the only process that writes this run; UsageError within a second, naming the owner, if another one is."""
    lock = FileLock(folder / "run.lock", timeout=0.5)
    try:
        lock.acquire()
    except Timeout:
        pid = read_json(folder / HEADER).get("pid", "?")
        remedy = "Let it end, or stop it there; two programs must not write one journal."
        raise UsageError(f"run {folder.name} is under way in process {pid}", remedy=remedy) from None
    try:
        yield
    finally:
        lock.release()


def _real_addresses(prepared: Prepared) -> list[str]:
    assert prepared.plan is not None
    entries = [prepared.plan.lab.devices[name] for name in used_machines(prepared)]
    addresses = [e.source if e.port is None else e.port for e in entries if not is_simulated(e)]
    return [str(address) for address in addresses if address is not None]
