"""The end of a run whose record was given up, because the disk refused for too long or somebody wanted it to end."""

from __future__ import annotations

from labcore.app.lab_state import remember_end
from labcore.engine.setting import Setting
from labcore.engine.storage import leave_safe
from labcore.errors import StorageError
from labcore.model.plan import Plan
from labcore.records.run_folder import RunFolder
from labcore.state.run_state import RunState


async def left_interrupted(setting: Setting, run: str, error: StorageError) -> StorageError:
    """Make every device safe and return the error that says how each stands and that the run is interrupted."""
    devices = "; ".join(await leave_safe(setting)) or "there are none"
    return StorageError(
        f"run {run} was given up and is interrupted: {error.message}. Its devices: {devices}",
        remedy=f"Free space on the disk or make the folder writable, then: labcore recover {run}",
    )


def closed(plan: Plan, record: RunFolder, state: RunState, untold: StorageError | None) -> None:
    """Let the lab remember how a real run left it. StorageError if the disk refused what was said after the run's end."""
    refused = untold
    try:
        if not state.simulated:
            remember_end(plan.lab, record.folder, state)
    except OSError as error:
        refused = refused or StorageError(f"the lab's memory cannot be written: {error}")
    if refused is not None:
        raise StorageError(
            f"run {record.id} has ended ({state.outcome}) and that is on record, but not all that was said about it: {refused.message}",
            remedy=f"Free space on the disk, then write its notebook: labcore notebook {record.id}",
        )
