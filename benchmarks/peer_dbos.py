"""DBOS on SQLite: durable steps (P3), and its part in the kill experiment. Runs in the peers' environment.

usage: peer_dbos.py [FOLDER PORT go|report|start]

Settings are DBOS's own; nothing is sent anywhere (no admin server, no tracing, no conductor).
"""

from __future__ import annotations

import json
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from dbos import DBOS, SetWorkflowID
from texts import DOSES
from timing import measure, scaled

RUN = "run-1"


def launch(folder: Path, *, wal: bool = False) -> None:
    """Start DBOS with its database in a folder; `wal` sets the file's journal mode before, the rest is as DBOS does it."""
    path = folder / "system.sqlite"
    if wal:
        with sqlite3.connect(path) as file:
            file.execute("PRAGMA journal_mode=WAL")
    DBOS(
        config={
            "name": "bench", "system_database_url": f"sqlite:///{path}", "run_admin_server": False,
            "log_level": "CRITICAL", "application_version": "1",
        }
    )  # fmt: skip
    DBOS.launch()


def steps(metric: str, *, wal: bool) -> None:
    """P3: a step that does nothing, its result recorded."""

    @DBOS.step()
    def step(number: int) -> dict[str, int]:
        return {"number": number}

    @DBOS.workflow()
    def workflow(count: int) -> None:
        for number in range(count):
            step(number)

    def ready(count: int) -> Callable[[], object]:
        return lambda: workflow(count)

    with tempfile.TemporaryDirectory() as folder:
        launch(Path(folder), wal=wal)
        measure(metric, ready, scaled(500, least=100))
        DBOS.destroy()


def doses(port: int) -> Callable[[], None]:
    """Return the workflow of the kill experiment: DOSES doses, each a step that commands the pump and waits."""

    @DBOS.step()
    def dose(number: int) -> str:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(f"DOSE {number}\n".encode())
            return line.makefile().readline().strip()

    @DBOS.workflow()
    def protocol() -> None:
        for number in range(1, DOSES + 1):
            dose(number)

    return protocol


def main() -> None:
    """Measure, or do what the command line says."""
    if not sys.argv[1:]:
        steps("dbos.step", wal=False)
        steps("dbos.step.wal", wal=True)
        return
    folder, port, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    protocol = doses(port)
    launch(folder)  # takes up what is unfinished by itself
    if what == "go":
        with SetWorkflowID(RUN):
            DBOS.start_workflow(protocol).get_result()
    elif what == "report":
        done = len(DBOS.list_workflow_steps(RUN))
        print(json.dumps({"ended": "done", "claimed": dict.fromkeys(range(1, done + 1), "done")}))
    DBOS.destroy()


if __name__ == "__main__":
    main()
