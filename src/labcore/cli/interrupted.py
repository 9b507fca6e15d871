"""Whatever is typed after a crash: say first what was interrupted, and what to type."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from labcore.cli.arguments import DATA

SILENT = (
    "recover",
    "schema",
    "init",
    "demo",
    "estop",
)  # commands whose user knows already, whose output is for machines, or that must not wait


def say_what_was_interrupted(command: str) -> None:
    """Print one line for every interrupted run of the data folder, to stderr; nothing is read where there is none."""
    data = Path(os.environ.get("LABCORE_DATA") or DATA)
    if command in SILENT or not (data / "under-way").is_dir():
        return
    from labcore.app.interrupted import read_interrupted
    from labcore.app.story import headline
    from labcore.errors import DamagedRecord, LabcoreError
    from labcore.records.run_folder import interrupted_runs

    for folder in interrupted_runs(data):
        try:
            text = headline(read_interrupted(folder))
        except DamagedRecord:
            print(
                f"labcore: the record of run {folder.name} is damaged. Type: labcore show {folder.name}",
                file=sys.stderr,
            )
            continue
        except LabcoreError:
            continue  # it has ended, or never began, or is told about by whoever opens it
        print(f"labcore: {text}. Type: labcore recover {folder.name}", file=sys.stderr)
