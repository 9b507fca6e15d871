"""Which real ports a run needs, and that no other process has them."""

from __future__ import annotations

from contextlib import ExitStack

from labcore.adapters.device_lock import DeviceLock
from labcore.app.links import is_simulated
from labcore.app.machines import used_machines
from labcore.app.places import state_folder
from labcore.pipeline.prepare import Prepared


def refuse_devices_in_use(prepared: Prepared) -> None:
    """UsageError, naming the owner, if another process has a device that this plan needs."""
    hold_devices(prepared, "about to start").close()


def hold_devices(prepared: Prepared, run: str) -> ExitStack:
    """Hold all real devices of a plan until the stack is closed; UsageError, holding none, if one is in use."""
    with ExitStack() as held:
        for address in _real_addresses(prepared):
            held.enter_context(DeviceLock(state_folder() / "locks", address, run))
        return held.pop_all()


def _real_addresses(prepared: Prepared) -> list[str]:
    assert prepared.plan is not None
    entries = [prepared.plan.lab.devices[name] for name in used_machines(prepared)]
    addresses = [e.source if e.port is None else e.port for e in entries if not is_simulated(e)]
    return [str(address) for address in addresses if address is not None]
