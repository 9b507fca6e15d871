"""Outputs that nothing switches off if this computer stops, and waits that may never end."""

from __future__ import annotations

from labcore.model.effect import SetOutput
from labcore.pipeline.check.subject import Subject

HEAT = "temperature"


def check_safety(subject: Subject) -> None:
    """Name every output without a watchdog, once a device, and every `reach` without a timeout."""
    seen: set[tuple[str, str]] = set()
    for step, effects in subject.steps():
        for change in effects.changes:
            match change:
                case SetOutput(device, output, value) if value is not None and (device, output) not in seen:
                    seen.add((device, output))
                    if not _guarded(subject, device, output):
                        code = "W901" if output == HEAT else "N901"
                        what = "this heater stays on" if output == HEAT else f"{device} goes on"
                        message = f"{device} has no watchdog for {output}: if this computer stops, {what}"
                        subject.note(code, step, message)
        if step.args.get("reach") is True and step.modifiers.timeout is None:
            message = "it waits until the value is reached, however long that takes"
            subject.note(
                "W815",
                step,
                message,
                "Add timeout: 60 min, or what is right here.",
                at=subject.at_argument(step, "reach"),
            )


def _guarded(subject: Subject, device: str, output: str) -> bool:
    """Say whether an output stops by itself, or is a person's, who sees that nothing goes on."""
    machine = subject.plan.machines.get(device)
    return machine is None or machine.person or output in machine.watchdog
