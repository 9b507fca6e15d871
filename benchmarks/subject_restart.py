"""labcore after a kill, with a journal of 10,000 events (P14): until the first question is open.

usage: subject_restart.py FOLDER make|question
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from assembly import MemoryDoser
from texts import MEMORY_LAB, protocol

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.app.api import check, how_to_run, recover, run_checked
from labcore.capabilities import Act, Outcome, Spot
from labcore.engine.control import Control
from labcore.model.event import Asked
from labcore.model.quantity import Quantity
from labcore.ports import Answer

ROUNDS = 1_430  # of seven events each
PROTOCOL = f"""\
  - repeat:
      - dispense: {{material: water, into: vial, volume: 20 uL}}
    times: {ROUNDS + 1}
"""
STILL = MEMORY_LAB.replace("in-memory-doser", "doser-that-dies")


class DyingDoser(MemoryDoser):
    """A doser in memory in whose last dose the process ends without a word, as by a power cut."""

    def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Count one dose, or die of it."""
        act = super().dispense(source, target, volume)

        async def send() -> Outcome:
            if self.doses == ROUNDS:
                os._exit(0)
            return await act.send()

        return Act(act.frames, send, act.deadline)

    prime = rinse = dispense


class LastWords:
    """Prompts that end the process at the first question: whoever started it measures how long that took."""

    async def ask(self, question: Asked) -> Answer:
        """Be asked."""
        os._exit(0)

    def withdraw(self, question: str, why: str) -> None:
        """Forget it."""


CATALOG = EntryPointCatalog({("drivers", "doser-that-dies"): DyingDoser})  # type: ignore[dict-item]


def make(folder: Path) -> None:
    """Run until the last dose, which this process does not survive. The journal need not survive the machine."""
    path, lab = folder / "protocol.yaml", folder / "lab.yaml"
    path.write_text(protocol(PROTOCOL))
    lab.write_text(STILL)
    checked = check(path, lab=lab, catalog=CATALOG)
    how = how_to_run(
        checked, simulate=False, speed=None, seed=None, data=folder, more={"journal_full": False}
    )
    run_checked(checked, how)
    raise RuntimeError("the run was to be interrupted")


def question(folder: Path) -> None:
    """Take the run over until somebody is asked."""

    def prompts(control: Control) -> LastWords:
        return LastWords()

    recover("last", data=folder, by="bench", ask=True, more={"prompts": prompts}, catalog=CATALOG)
    raise RuntimeError("nobody was asked")


def main() -> None:
    """Do what the command line says."""
    {"make": make, "question": question}[sys.argv[2]](Path(sys.argv[1]))


if __name__ == "__main__":
    main()
