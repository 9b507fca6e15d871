"""Take one step of a plan: its effects, and what they do to the bench as it will be then."""

from __future__ import annotations

from typing import Any

from labcore.model.effect import Effect, Effects, Placement, SetOutput, Transfer
from labcore.model.labware import CATALOGUE
from labcore.model.plan import Deferred, Step
from labcore.pipeline.arguments import at_corner
from labcore.pipeline.check.bench import PlannedBench
from labcore.pipeline.check.followable import Followable
from labcore.pipeline.check.notes import Note, Notes
from labcore.plugin.bench import StepProblem
from labcore.state import ledger as books
from labcore.state.ledger import Ledger
from labcore.state.run_state import Output

_NOISE = 1e-9  # mL


class Taking:
    """The bench as it will be, step by step."""

    def __init__(self, plan: Followable, notes: Notes, corner: str, ledger: Ledger) -> None:
        self.ledger = ledger
        self._outputs: dict[tuple[str, str], Output] = {}
        self._followable, self._notes, self._corner = plan, notes, corner
        self._step: Step | None = None
        self._now = 0.0

    def aside(self, notes: Notes) -> Taking:
        """Return a bench of its own that begins as this one is now."""
        other = Taking(self._followable, notes, self._corner, self.ledger)
        other._outputs = dict(self._outputs)
        return other

    def take(self, step: Step, key: str, now: float) -> Effects | None:
        """Return a step's effects after they have changed the bench; None if they cannot be told."""
        self._notes.executed.add(step.id)
        if step.id in self._followable.skipped:
            return None
        self._step, self._now = step, now
        try:
            effects = self._effects(step)
        except StepProblem as problem:
            self._complain(problem)
            return None
        except Exception as error:  # a verb is a plugin: its bug is a problem of the step, not of labcore
            message = f"the verb cannot say what it does: {type(error).__name__}: {error}"
            self._note("E901", message, "Report it to whoever wrote the verb.")
            return None
        for change in effects.changes:
            self._change(step, change, key, now)
        return effects

    def _effects(self, step: Step) -> Effects:
        form = self._followable.forms[step.verb]
        args: Any = self._followable.ready[step.id]
        if any(isinstance(value, Deferred) for value in step.args.values()):
            args = form.verb.Args.model_validate(at_corner(step.args, self._corner))
        return form.verb.effects(args, self._bench())

    def _bench(self) -> PlannedBench:
        plan = self._followable.plan
        return PlannedBench(
            plan.lab,
            plan.machines,
            plan.aliases,
            plan.devices,
            self.ledger,
            self._outputs,
            self._now,
            self._complain,
        )

    def _complain(self, problem: StepProblem) -> None:
        about_devices = problem.code in ("E401", "E402", "E504")
        if about_devices and self._followable.devices_broken:
            return
        self._note(problem.code, problem.message, problem.remedy, problem.field)

    def _note(self, code: str, message: str, remedy: str, field: str | None = None) -> None:
        assert self._step is not None
        self._notes.add(Note(self._step, code, message, remedy, field))

    def _change(self, step: Step, change: Effect, key: str, now: float) -> None:
        match change:
            case Transfer():
                self._check_source(change)
                self.ledger = books.transfer(self.ledger, change, now)
                self._check_target(change)
            case Placement():
                self.ledger = books.place(self.ledger, change)
            case SetOutput(device, output, None):
                self._outputs.pop((device, output), None)
            case SetOutput(device, output, value, unit):
                assert value is not None
                if output == "temperature":
                    self.ledger = self.ledger.warmed(value, now)
                self._outputs[device, output] = Output(value, unit, key, now)

    def _check_source(self, move: Transfer) -> None:
        if move.source not in self.ledger.vessels:
            return
        source = self.ledger.vessel_at(move.source, self._now)
        there, needed = source.volume, move.volume
        what = ", ".join(source.contents) or "nothing"
        if needed.mid > there.mid + _NOISE:
            short = needed.mid - there.mid
            self._note(
                "E602", f"{move.source} holds {there.mid:.4g} mL ({what}) by then, {needed.mid:.4g} mL are needed",
                f"Provide at least {short:.3g} mL more, or use less.",
            )  # fmt: skip
        elif needed.mid > there.low + _NOISE:
            self._note(
                "W602", f"{move.source} holds only {there.low:.4g} mL ({what}) in the worst case, {needed.mid:.4g} mL are needed",
                "Provide some more.",
            )  # fmt: skip

    def _check_target(self, move: Transfer) -> None:
        target = self.ledger.vessels.get(move.target)
        ware = CATALOGUE.get(target.labware) if target is not None else None
        if target is None or ware is None:
            return
        volume = target.volume
        if volume.mid > ware.capacity + _NOISE:
            room = max(0.0, ware.capacity - (volume.mid - move.volume.mid))
            self._note(
                "E601", f"{move.target} would hold {volume.mid:.4g} mL; {ware.name} holds {ware.capacity:g} mL",
                f"Use a larger vessel or at most {room:.3g} mL here.",
            )  # fmt: skip
        elif volume.high > ware.capacity + _NOISE:
            self._note(
                "W601", f"{move.target} would hold {volume.high:.4g} mL in the worst case; {ware.name} holds {ware.capacity:g} mL",
                "Leave some room for the uncertainty of the doses.",
            )  # fmt: skip
