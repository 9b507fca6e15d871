"""What became of an act, from how far its program came and what the machine says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from labcore.capabilities import Outcome
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity
from labcore_gantry.amounts import Progress, Scale, delivered, touched
from labcore_gantry.program import Line
from labcore_gantry.trouble import Trouble
from labcore_gantry.wire import Status

SAME_PLACE = 0.2  # mm


def settle_dose(
    lines: Sequence[Line], millilitres: float, scale: Scale, progress: Progress, trouble: Trouble | None
) -> Outcome:
    """Say what was delivered: all of it, a part by the plunger's position, or an interval."""
    evidence: dict[str, Any] = {
        "plunger_mm": [round(mm, 4) for mm in progress.readings],
        "lines": [progress.finished, len(lines)],
    }
    if trouble is None or progress.finished == len(lines):
        mm = millilitres / scale.ml_per_mm
        amount = scale.interval(mm, mm, mm)
        return Outcome("done", amount, evidence, value=Quantity(millilitres, "mL"))
    if trouble.why == "refused":  # the line under way was not carried out
        progress = replace(progress, sent=progress.finished)
    if not touched(lines, progress):
        return Outcome("not_started", Interval.exactly(0.0), evidence, trouble.message)
    witness = _witness(lines, progress, trouble)
    if witness is not None:
        evidence |= {"plunger_at_end_mm": round(witness.z, 4), "state_at_end": witness.state}
    amount = delivered(lines, progress, witness.z if witness else None, scale)
    flying = any(line.moves_plunger for line in lines[progress.finished : progress.sent])
    told = trouble.why in ("refused", "alarm", "short") or (trouble.why == "held" and (witness or not flying))
    return Outcome("partly" if told else "unknown", amount, evidence, trouble.message)


def settle_place(lines: Sequence[Line], vessel: str, progress: Progress, trouble: Trouble | None) -> Outcome:
    """Say where the vessel is: still there if the gripper never closed, arrived once it was opened again."""
    evidence = {"lines": [progress.finished, len(lines)]}
    closed = next(number for number, line in enumerate(lines) if line.kind == "grip")
    opened = max(number for number, line in enumerate(lines) if line.kind == "release")
    if trouble is None or progress.finished > opened:
        return Outcome("done", evidence=evidence, message=trouble.message if trouble else "")
    if progress.sent <= closed or (trouble.why == "refused" and progress.finished <= closed):
        return Outcome("not_started", evidence=evidence, message=trouble.message)
    return Outcome("unknown", evidence=evidence, message=f"{trouble.message}; {vessel} may be in the gripper")


def settle_home(lines: Sequence[Line], progress: Progress, trouble: Trouble | None) -> Outcome:
    """Say whether the machine knows where it is."""
    evidence = {"lines": [progress.finished, len(lines)]}
    if trouble is None:
        return Outcome("done", evidence=evidence)
    return Outcome("unknown" if progress.sent else "not_started", evidence=evidence, message=trouble.message)


def _witness(lines: Sequence[Line], progress: Progress, trouble: Trouble) -> Status | None:
    """Return the status if it can be believed: no restart, no alarm, the head where it should be."""
    at = trouble.at
    if at is None or at.activity == "alarm" or trouble.why in ("alarm", "restarted", "not_ready"):
        return None
    there = next((line.xy for line in reversed(lines[: progress.finished]) if line.xy is not None), None)
    if there is None or max(abs(at.x - there[0]), abs(at.y - there[1])) > SAME_PLACE:
        return None
    return at
