"""The exception tree, grouped by who can do something about it.

LabcoreError
├─ AuthorError            the protocol or lab file: fix the text
│  └─ ProblemsFound         check found errors; carries all of them
├─ UsageError             the command or call: wrong argument, missing file
│  └─ DamagedRecord         a run's folder: a file of it is missing, cut or changed
├─ DeviceError            the bench: a device, a cable, a person; carries what became of the act
│  ├─ LimitError            refused before a byte was sent
│  ├─ DeviceTimeout         no answer in time: the outcome is unknown, never "failed"
│  ├─ DeviceRefused         the device answered with an error
│  └─ LinkLost              the connection is gone
├─ DecisionNeeded         nothing moves until a person or a sensor decides
├─ StorageError           the disk: the journal or a picture cannot be written
├─ PluginError            a plugin broke its contract; names the plugin
└─ InternalError          labcore itself is wrong: please report
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class LabcoreError(Exception):
    """Base of all errors raised on purpose; `remedy` says what to do."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        if self.remedy and not self.message.endswith((".", "!", "?")):
            return f"{self.message}. {self.remedy}"
        return f"{self.message} {self.remedy}".strip()


class AuthorError(LabcoreError):
    """The protocol or the lab file must be changed."""


class ProblemsFound(AuthorError):
    """`check` found errors; `problems` has every one of them."""

    def __init__(self, problems: Sequence[Any]) -> None:
        super().__init__(f"{len(problems)} problem(s) found")
        self.problems = tuple(problems)


class UsageError(LabcoreError):
    """The command line or the call is wrong; nothing was done."""


class DamagedRecord(UsageError):
    """What was kept of a run is not all there; nothing was touched. Says which file, where in it, and what is lost."""


class DeviceError(LabcoreError):
    """Something on the bench failed; `outcome` (if any) says what the act did to the world all the same."""

    def __init__(self, message: str, *, remedy: str = "", device: str = "", outcome: Any = None) -> None:
        super().__init__(message, remedy=remedy)
        self.device = device
        self.outcome = outcome


class LimitError(DeviceError):
    """A value is outside a limit; nothing was sent."""


class DeviceTimeout(DeviceError):
    """The device did not answer before its deadline."""


class DeviceRefused(DeviceError):
    """The device answered that it will not or cannot."""


class LinkLost(DeviceError):
    """The connection to the device is gone."""


class DecisionNeeded(LabcoreError):
    """A person or a sensor has to settle something first (exit code 5)."""


class StorageError(LabcoreError):
    """The disk does not take what has to be kept; nothing was acknowledged that is not kept."""


class PluginError(LabcoreError):
    """A plugin cannot be used; `plugin` names it."""

    def __init__(self, message: str, *, plugin: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.plugin = plugin


class InternalError(LabcoreError):
    """An invariant of labcore is broken."""


class IllegalEvent(InternalError):
    """An event does not fit the state it was applied to."""
