"""A recorded run as a program sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from labcore.model.event import Event, Observed
from labcore.records.run_folder import REPORT, RunFolder
from labcore.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run with its last state; `word` is done, failed, stopped, aborted, running or interrupted."""

    record: RunFolder
    state: RunState
    word: str

    @property
    def id(self) -> str:
        """The run's id."""
        return self.record.id

    @property
    def folder(self) -> Path:
        """Where the run is kept."""
        return self.record.folder

    @property
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
