"""What a run needs for itself alone: its devices' real ports (its own folder: `run_lock`)."""

from __future__ import annotations

from contextlib import ExitStack

from labcore.adapters.device_lock import DeviceLock, resolved
from labcore.app.links import is_simulated
from labcore.app.machines import used_machines
from labcore.app.places import state_folder
from labcore.errors import UsageError
from labcore.pipeline.prepare import Prepared


def refuse_devices_in_use(prepared: Prepared) -> None:
    """UsageError, naming the owner, if another process has a device that this plan needs."""
    hold_devices(prepared, "about to start").close()


def hold_devices(prepared: Prepared, run: str) -> ExitStack:
    """Hold all real devices of a plan until the stack is closed; UsageError, holding none, if one is in use."""
    addresses = _real_addresses(prepared)
    _refuse_twice(addresses)
    with ExitStack() as held:
        for address in addresses.values():
            held.enter_context(DeviceLock(state_folder() / "locks", address, run))
        return held.pop_all()


def _refuse_twice(addresses: dict[str, str]) -> None:
    """UsageError, naming both, if two devices of the lab file are one port behind different names."""
    taken: dict[str, str] = {}
    for device, address in addresses.items():
        first = taken.setdefault(resolved(address), device)
        if first != device:
            same = f"{addresses[first]} and {address}" if addresses[first] != address else address
            raise UsageError(
                f"devices {first} and {device} are at one port, {same}",
                remedy=f"If it is one machine, write {device}: {{same_as: {first}}} in the lab file.",
            )


def _real_addresses(prepared: Prepared) -> dict[str, str]:
    """Return the real addresses of the devices that are used, by their names."""
    assert prepared.plan is not None
    used = {name: prepared.plan.lab.devices[name] for name in used_machines(prepared)}
    addresses = {n: e.source if e.port is None else e.port for n, e in used.items() if not is_simulated(e)}
    return {name: str(address) for name, address in addresses.items() if address is not None}
