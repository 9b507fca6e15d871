"""A disk without room in mid-run: said at once, told to whoever looks, ended by whoever wants it to end, recovered later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a limit to the size of files")
ROOM = 200_000  # bytes of a file: the journal's log reaches it, nothing else of a run does
BUSY = """
labcore: 1
name: busy
vessels: {reactor: {labware: vial-50ml}}
devices: {mover: [placing], stirrer: [stirring]}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - stir: {vessel: reactor, speed: 300 rpm}
  - repeat:
      - note: one more
    every: 10 s
    for: 10 h
finally:
  - note: cleaned up
"""


@contextmanager
def stalled(tmp_path: Path, state: Path, lab: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Yield a run that stands still for want of room, and what it has said of it so far."""
    import resource

    (tmp_path / "busy.yaml").write_text(BUSY, encoding="utf-8")
    command = [sys.executable, "-m", "labcore.cli.main", "run", "busy.yaml", "--lab", str(lab), "--simulate"]
    with subprocess.Popen(
        [*command, "--speed", "20", "--quiet"], cwd=tmp_path, env={**os.environ, "LABCORE_STATE": str(state)}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM)),
    ) as run:  # fmt: skip
        said, full = [], threading.Event()

        def listen() -> None:
            for line in run.stderr or ():
                said.append(line)
                if "ends it now" in line:
                    full.set()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            assert full.wait(60), said
            yield run, said
        finally:
            run.kill()
            listener.join(10)


def test_it_is_told_to_whoever_looks_and_ended_from_another_terminal(
    labcore: Call, tmp_path: Path, state: Path, protocols: Path
) -> None:
    with stalled(tmp_path, state, protocols / "overnight_watch" / "lab.yaml") as (run, said):
        assert "STANDS STILL: the journal" in "".join(said)
        assert "made safe: stirrer speed off" in "".join(said)
        assert labcore("runs", "--json").json()[-1]["state"] == "stalled"
        assert ": stalled (simulated) the journal" in labcore("show", "last").out
        assert "stands still: the journal" in labcore("pause", "last", code=4).err
        assert "the run is interrupted" in labcore("stop", "last", code=4).err
        assert run.wait(10) == 4
    assert "is interrupted" in said[-1]
    assert "stirrer" in said[-1]
    assert labcore("runs", "--json").json()[-1]["state"] == "interrupted"
    assert "stopped" in labcore("recover", "last", "--policy", "finish", code=3).out


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_it(tmp_path: Path, state: Path, protocols: Path, sent: signal.Signals) -> None:
    with stalled(tmp_path, state, protocols / "overnight_watch" / "lab.yaml") as (run, said):
        run.send_signal(sent)
        assert run.wait(10) == 4
    assert "labcore recover" in said[-1]
