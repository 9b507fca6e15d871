"""The bench of a plan that is being followed: a missing device is noted, and the step is followed all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labcore.plugin.bench import Need, StepProblem
from labcore.state.bench import BenchView

NOBODY = "?"  # the device of a step that no device can do


def _ignore(problem: StepProblem) -> None:
    raise problem


@dataclass(frozen=True, slots=True)
class PlannedBench(BenchView):
    """See `labcore.plugin.bench.Bench`; `complain` takes what is wrong about devices."""

    complain: Callable[[StepProblem], None] = _ignore

    def device(self, need: Need) -> str:
        """Choose a device; note why there is none, and go on with nobody."""
        try:
            return BenchView.device(self, need)
        except StepProblem as problem:
            self.complain(problem)
            return NOBODY
