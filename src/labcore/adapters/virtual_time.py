"""Virtual time for tests and simulated runs: see `labcore.adapters.loop`."""

from __future__ import annotations

from labcore.adapters.loop import LabLoop, run_loop, run_virtual

__all__ = ["LabLoop", "run_loop", "run_virtual"]
