"""A recorded run as a program sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from labcore.model.event import Event, Observed, RunEnded
from labcore.model.world import World, world_of
from labcore.records.run_folder import REPORT, RunFolder, is_alive
from labcore.state.run_state import RunState

TAKING_PART = ("device_connected", "answered")
NEVER_BEGAN = "never began"


@dataclass(frozen=True, eq=False)  # without slots: what was read once is kept
class FinishedRun:
    """A recorded run; only what is asked for is read."""

    record: RunFolder

    @cached_property
    def state(self) -> RunState:
        """The state after the last event: it takes the whole journal."""
        return self.record.state()

    @cached_property
    def word(self) -> str:
        """How it ended: done, failed, stopped or aborted; without end how it is (running, paused, ...) or interrupted.

        "never began" is one that was killed before its first event.
        """
        end = self.record.last("run_ended")
        if end is not None and isinstance(end.body, RunEnded):
            return end.body.outcome
        if self.state.status == "new" and not is_alive(int(self.header.get("pid") or 0)):
            return NEVER_BEGAN
        return self.state.status if is_alive(int(self.header.get("pid") or 0)) else "interrupted"

    @cached_property
    def world(self) -> World:
        """What took part: "simulated", "rehearsal", "real", "mixed" or "none" (see `labcore.model.world`)."""
        if self.header.get("simulated"):
            return "simulated"
        sources = [s for s in ("simulated", "real") if any(self.record.last(kind, s) for kind in TAKING_PART)]
        return world_of(False, sources)

    @property
    def id(self) -> str:
        """The run's id."""
        return self.record.id

    @property
    def folder(self) -> Path:
        """Where the run is kept."""
        return self.record.folder

    @cached_property
    def header(self) -> Mapping[str, Any]:
        """What differs by nature between equal runs."""
        return self.record.header

    @property
    def report(self) -> Path | None:
        """The notebook, if one was written."""
        path = self.folder / REPORT / "notebook.html"
        return path if path.exists() else None

    def events(self) -> Sequence[Event]:
        """Return every event."""
        return self.record.events()

    def observations(
        self, observable: str | None = None, subject: str | None = None
    ) -> list[tuple[float, Observed]]:
        """Return (s since the start, observation) in order, of everything or of one quantity."""
        return [
            (event.at, event.body)
            for event in self.events()
            if isinstance(event.body, Observed)
            and observable in (None, event.body.observable)
            and subject in (None, event.body.subject)
        ]

    def _repr_html_(self) -> str:
        vessels = "".join(
            f"<tr><td>{escape(name)}</td><td>{vessel.volume.mid:.3g} mL</td><td>{escape(vessel.place or 'unknown')}</td></tr>"
            for name, vessel in self.state.ledger.vessels.items()
        )
        return f"<b>{escape(self.id)}</b>: {escape(self.word)}<table>{vessels}</table>"
