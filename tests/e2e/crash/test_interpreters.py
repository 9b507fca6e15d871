"""Where a process cannot fork (Windows; a notebook with threads) every child is an interpreter of its own."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from labcore.app.torture import Wanted, parse_trial, torture
from labcore.app.torture.process import can_fork
from labcore.app.torture.report import as_data, lines

HERE = Path(__file__).parent / "protocols"


@pytest.mark.timeout(300)
def test_a_process_with_threads_does_not_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("labcore_gantry", "labcore_namur", "labcore_operator", "labcore_simulators"):
        pytest.importorskip(name)
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert not can_fork()
        trials = tuple(parse_trial(one) for one in ("commit-12-after/witness", "read-dispenser-9/unknown"))
        report = torture(Wanted(HERE / "pause.yaml", HERE / "lab.yaml", only=trials), tmp_path / "work")
    finally:
        over.set()
        thread.join()
    assert report.ok, as_data(report)
    assert [one.died for one in report.results] == [True, True]
    assert lines(report)[-1] == "passed"
