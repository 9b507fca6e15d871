"""A measurement and the ledger cannot both be right: which one is, is a question for a person. Nothing is clamped."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labcore.engine.questions import Questions
from labcore.engine.setting import Setting
from labcore.model import event as ev
from labcore.model.density import density
from labcore.model.effect import vessels_of
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore.model.plan import Plan
from labcore.model.vessel import VesselState
from labcore.plugin.arguments import StepArgs
from labcore.plugin.bench import StepProblem
from labcore.plugin.step import Verb
from labcore.ports import Answer
from labcore.state.narrowing import mass_of

CODE = "W608"
PATIENCE = 900.0  # s for a person to decide; then the run is stopped
OPTIONS = ("measurement", "ledger", "stop")
DEFAULT = "stop"
DOUBTS = "doubts"  # key of a question's data: the vessel of which nobody knows what it holds


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One measured `volume` (mL) that does not fit what was known of a vessel, `known`. `evidence` are positions."""

    setting: Setting
    questions: Questions
    seen: Event
    known: VesselState
    volume: Interval
    evidence: tuple[int, ...]

    @property
    def _vessel(self) -> str:
        assert isinstance(self.seen.body, ev.Observed)
        return self.seen.body.subject

    async def settle(self) -> None:
        """Warn, ask, and let the ledger follow the answer; who decided stands in the event."""
        writer, step = self.setting.writer, self.seen.step
        await writer.write(ev.Warned(CODE, self._words()), step=step)
        if writer.state.status == "ended":
            return
        answer = await self._asked()
        await writer.write(self._stated(answer), step=step)
        if answer.value not in OPTIONS[:2] and writer.state.status not in ("stopping", "aborting"):
            await writer.write(ev.ControlAsked("stop", answer.by, self._words()), step=step)

    def _words(self) -> str:
        known, found = self.known.volume, self.volume
        cited = ", ".join(f"e{one}" for one in self.evidence)
        return (
            f"{self._vessel} should hold {known.low:.4g} to {known.high:.4g} mL; measured were "
            f"{found.low:.4g} to {found.high:.4g} mL ({cited})."
        )

    async def _asked(self) -> Answer:
        """Ask; nobody is waited for in a simulation without people, or once the run is being stopped."""
        if self.setting.writer.state.status in ("stopping", "aborting"):
            return Answer(DEFAULT, "labcore")
        limit = 0.0 if self.setting.unattended else PATIENCE
        text = (
            f"{self._words()} Which is right? measurement: go on with what was measured. ledger: the measurement is "
            "wrong, or something else stands on the pan. stop: neither is sure; the run stops."
        )
        question = ev.Asked(
            "",
            text,
            "decide",
            OPTIONS,
            act={DOUBTS: self._vessel},
            limit=limit,
            default=DEFAULT,
            holds=f"this branch, and every step that works on {self._vessel}, waits",
        )
        return await self.questions.ask(question, step=self.seen.step)

    def _stated(self, answer: Answer) -> ev.VesselStated:
        """Return what the vessel is believed to hold now: the measured, the known, or anything between and including both."""
        vessel, known = self.known, self.known.volume
        total = {"measurement": self.volume, "ledger": known}.get(str(answer.value), known.hull(self.volume))
        contents, tare = vessel.drawn(total) if total != known else dict(vessel.contents), None
        if answer.value in OPTIONS[:2]:
            tare = self._tare(contents)
        place = self.setting.writer.state.ledger.vessel(self._vessel).place
        return ev.VesselStated(
            self._vessel,
            vessel.labware,
            place,
            contents,
            answer.by,
            vessel.closed,
            vessel.losses,
            tare,
            total,
        )

    def _tare(self, contents: dict[str, Interval]) -> Interval | None:
        """Return what on the pan is no liquid, now that one knows what is: a cap, a bar, another vial."""
        plan, warmth = self.setting.plan, self.setting.writer.state.ledger.warmth
        weights = densities(plan, replace(self.known, contents=contents), warmth)
        if isinstance(self.seen.body, ev.Observed) and self.seen.body.observable != "mass":
            return self.known.tare
        if any(name not in weights for name in contents):
            return None
        return self.known.weighed[-1].mass - mass_of(contents, weights)


def densities(plan: Plan, vessel: VesselState, warmth: float) -> dict[str, Interval]:
    """Return the density of every material that is or was in a vessel, g/mL, as far as it can be told."""
    names = {name for one in vessel.weighed for name in one.added} | set(vessel.contents)
    found = {}
    for name in sorted(names):
        stock = plan.lab.stock.get(name)
        told = {**plan.materials.get(name, {}), **((stock.model_extra or {}) if stock else {})}
        known = density(name, told, warmth)
        if known is not None:
            found[name] = known
    return found


async def without_doubt(setting: Setting, verb: Verb, args: StepArgs) -> None:
    """Wait while somebody decides what a vessel holds that a step is about to work on."""
    writer = setting.writer
    while doubted := {str(one.act[DOUBTS]) for one in writer.state.questions.values() if DOUBTS in one.act}:
        changed = writer.changed
        if not doubted & _concerned(setting, verb, args):
            return
        await changed.wait()


def _concerned(setting: Setting, verb: Verb, args: StepArgs) -> set[str]:
    """Return the vessels that a step changes, or names if it cannot tell before it is known what they hold."""
    named = {str(value) for _, value in args}
    try:
        return named | vessels_of(verb.effects(args, setting.bench()).changes)
    except StepProblem:
        return named
