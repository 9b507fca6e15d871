"""Everything one run is made of; put together by `app`, handed to the engine as one argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labcore.engine.session import Session
from labcore.engine.writer import Writer
from labcore.model.plan import Plan
from labcore.plugin.observer import Observer
from labcore.plugin.step import Verb
from labcore.ports import BlobStore, Prompts, RunReader, Workers
from labcore.state.bench import BenchView
from labcore.state.run_state import RunState


@dataclass(slots=True)
class Setting:
    """The plan, the people and things it runs with, and where facts go.

    `keep` writes a file into the run's report folder. `unattended` says that nobody can resume a paused run.
    """

    plan: Plan
    writer: Writer
    blobs: BlobStore
    workers: Workers
    prompts: Prompts
    verbs: Mapping[str, Verb]
    sessions: Mapping[str, Session]
    record: RunReader
    keep: Callable[[str, bytes], str]
    observers: Mapping[str, Observer] = field(default_factory=dict)
    seed: int | None = None
    simulated: bool = True
    unattended: bool = False

    def bench(self, then: RunState | None = None) -> BenchView:
        """Return the bench as it is now, or as it was in a state of the past."""
        state, plan = then or self.writer.state, self.plan
        return BenchView(
            plan.lab,
            plan.machines,
            plan.aliases,
            plan.devices,
            state.ledger,
            state.outputs,
            self.writer.now() if then is None else then.at,
        )
