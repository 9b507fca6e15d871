"""What an understood answer says about the world. Pure: the other half of `answers`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labcore.capabilities.act import Outcome
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity
from labcore_operator.answers import Said, Unclear
from labcore_operator.catalogue import Catalogue

IMPLAUSIBLE = 1.5  # times the commanded volume; a slip of the point or the unit is a factor of 10 or 1000


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said it, and in which language their words are put on record."""

    by: str
    texts: Catalogue

    def note(self, key: str, why: str = "", **values: str) -> str:
        """Return a sentence for the record, with the reason that was given."""
        sentence = self.texts.say(f"result.{key}", by=self.by, **values)
        return f"{sentence}: {why}" if why else sentence


Judge = Callable[[Said, bool, Speaker], Outcome]  # (what was said, whether it was said twice, by whom)


@dataclass(frozen=True, slots=True)
class Dosed:
    """Judge a volume of liquid that moved. `commanded` in mL, the rest relative (0.02 = 2 %)."""

    commanded: float
    uncertainty: float
    tolerance: float

    def __call__(self, said: Said, sure: bool, speaker: Speaker) -> Outcome:
        """Return the outcome with its amount in mL."""
        evidence: dict[str, Any] = {"said_by": speaker.by}
        if said.meaning == "unknown":
            return Outcome(
                "unknown", Interval.between(0.0, self.commanded), evidence, speaker.note("unknown", said.why)
            )
        if said.meaning == "not_done" or said.high == 0.0:
            return Outcome("not_started", None, evidence, speaker.note("not_done", said.why))
        amount = self._amount(said, sure, speaker)
        if said.value is not None:
            evidence["said_volume_ml"] = said.value
        if said.meaning == "done" and amount.mid >= self.commanded * (1 - self.tolerance):
            return Outcome("done", amount, evidence, value=Quantity(amount.mid, "mL"))
        return Outcome("partly", amount, evidence, speaker.note("partly"))

    def _amount(self, said: Said, sure: bool, speaker: Speaker) -> Interval:
        if said.low is None or said.high is None:
            whole = Interval.around(self.commanded, relative=self.uncertainty)
            return whole if said.meaning == "done" else Interval.between(0.0, self.commanded)
        if said.high > IMPLAUSIBLE * self.commanded and not sure:
            asked = f"{self.commanded:.4g} mL"
            raise Unclear("unclear.implausible", answer=f"{said.high:.4g} mL", commanded=asked)
        half = max(said.digit / 2, self.uncertainty * said.high)
        return Interval(max(0.0, said.low - half), (said.low + said.high) / 2, said.high + half)


@dataclass(frozen=True, slots=True)
class Moved:
    """Judge something that is either done or not: a vessel carried, a switch turned."""

    def __call__(self, said: Said, sure: bool, speaker: Speaker) -> Outcome:
        """Return the outcome; a half-way vessel stands at an unknown place."""
        evidence = {"said_by": speaker.by}
        if said.meaning == "done":
            return Outcome("done", evidence=evidence)
        if said.meaning == "not_done":
            return Outcome("not_started", evidence=evidence, message=speaker.note("not_done", said.why))
        note = "moved_partly" if said.meaning == "partly" else "unknown"
        return Outcome("unknown", evidence=evidence, message=speaker.note(note, said.why))


@dataclass(frozen=True, slots=True)
class Set:
    """Judge a set-point. `commanded` in `unit`; `slack` is how far off the value really set may be."""

    commanded: float
    unit: str
    slack: float

    def __call__(self, said: Said, sure: bool, speaker: Speaker) -> Outcome:
        """Return the outcome; a value too far from the commanded one is `partly`."""
        value = said.value
        if value is None:
            return Moved()(said, sure, speaker)
        evidence: dict[str, Any] = {"said_by": speaker.by, "set": {"value": value, "unit": self.unit}}
        given, wanted = Quantity(value, self.unit), Quantity(self.commanded, self.unit)
        message = (
            ""
            if value == self.commanded
            else speaker.note("setting", value=str(given), commanded=str(wanted))
        )
        near = abs(value - self.commanded) <= self.slack
        return Outcome("done" if near else "partly", None, evidence, message, given)
