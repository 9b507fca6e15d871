"""A measurement and the ledger cannot both be right: which one is, is a question for a person. Nothing is clamped."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labcore.engine.questions import Questions
from labcore.engine.setting import Setting
from labcore.model import event as ev
from labcore.model.answer import CHOICE
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
OVER = ("stopping", "aborting", "ended")
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
        answer = Answer(DEFAULT, "labcore")
        try:
            answer = await self._asked()
        finally:  # if nobody can be asked any more, the vessel may hold either
            await writer.write(self._stated(answer), step=step)
        if answer.value not in OPTIONS[:2] and writer.state.status not in OVER:
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
        if self.setting.writer.state.status in OVER:
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
            CHOICE,
            act={DOUBTS: self._vessel},
            limit=limit,
            default=DEFAULT,
            holds=f"this branch, and every step that works on {self._vessel}, waits",
        )
        return await self.questions.ask(question, step=None)  # it is no part of what the step did

    def _stated(self, answer: Answer) -> ev.VesselStated:
        """Return what the vessel is believed to hold now: the measured, the known, or anything between and including both."""
        known, word = self.known.volume, str(answer.value)
        measured = self.volume.clamp_low(0.0)  # a vessel that weighs less than its tare holds nothing
        then = {"measurement": measured, "ledger": known}.get(word, known.hull(measured))
        tare = self._tare(self.known.drawn(then)) if word in OPTIONS[:2] else None
        writer = self.setting.writer
        now = writer.state.ledger.vessel_at(self._vessel, writer.now())
        total = _shifted(then, known, now.volume)  # acts that were under way may have ended meanwhile
        contents = dict(now.contents) if word == "ledger" else now.drawn(total)
        return ev.VesselStated(
            self._vessel,
            now.labware,
            now.place,
            contents,
            answer.by,
            now.closed,
            now.losses,
            tare,
            total,
            solids=dict(now.solids),
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


def _shifted(volume: Interval, before: Interval, after: Interval) -> Interval:
    """Return a volume after the same came and went that made `after` of `before`."""
    low, high = volume.low + after.low - before.low, volume.high + after.high - before.high
    middle = volume.mid + after.mid - before.mid
    return Interval(low, min(max(middle, low), high), high).clamp_low(0.0)


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
