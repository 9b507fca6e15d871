"""Faults between labcore and what it reaches: scripted, small, the same every time.

A `FaultyLink` stands between a driver and its device (or simulator), a `FaultyJournal` between a run and its disk, and a
`Life` ends a process without ending one: from its death on nothing reaches disk or device any more.
"""

from labcore.testing.faults.fault import Fault, FaultKind
from labcore.testing.faults.journal import FailingWrites, FaultyJournal, WriteFault
from labcore.testing.faults.life import Dead, Life
from labcore.testing.faults.link import FaultyLink, FaultyStream

__all__ = [
    "Dead", "FailingWrites", "Fault", "FaultKind", "FaultyJournal", "FaultyLink", "FaultyStream", "Life", "WriteFault",
]  # fmt: skip
