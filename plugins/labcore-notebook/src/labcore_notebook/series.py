"""Observations of one observable of one subject in the order of time, and when they began to rise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from labcore.model import event as ev
from labcore.model.event import Event
from labcore_notebook.journal import Story, cited
from labcore_notebook.numbers import common_decimals

BASELINE = 3  # good values, at most, that say what "before" was
PLATEAU = 3  # good values that say what "at the end" was
FEWEST = 6


@dataclass(frozen=True, slots=True)
class Value:
    """One observation; `at` is when its evidence was taken, s."""

    event: Event
    body: ev.Observed
    at: float

    @property
    def good(self) -> bool:
        """Whether it may be used for conclusions."""
        return self.body.quality == "good" and self.body.value is not None

    @property
    def bounds(self) -> tuple[float, float]:
        """Its 90 % interval; the value itself where none is given."""
        value = self.body.value if self.body.value is not None else float("nan")
        low, high = self.body.low, self.body.high
        return (value if low is None else low), (value if high is None else high)


@dataclass(frozen=True)
class Series:
    """All observations of (observable, subject)."""

    observable: str
    subject: str
    values: tuple[Value, ...]

    @property
    def unit(self) -> str:
        """The unit of its values."""
        return self.values[0].body.unit

    @cached_property
    def good(self) -> tuple[Value, ...]:
        """The values that may be used for conclusions."""
        return tuple(one for one in self.values if one.good)

    @cached_property
    def places(self) -> int | None:
        """Decimals for all of its values, from the median interval."""
        return common_decimals(
            (one.bounds[1] - one.bounds[0]) / 2 for one in self.values if one.body.value is not None
        )


@dataclass(frozen=True, slots=True)
class Rise:
    """How a series went up. `before` is the last good value ahead of `onset`, which is above `threshold`."""

    baseline: tuple[Value, ...]
    threshold: float
    before: Value
    onset: Value
    confirmed: Value
    half: Value | None
    half_level: float
    plateau: tuple[Value, ...]


def gather(story: Story) -> list[Series]:
    """Return every series of the run, in the order in which they first appear."""
    groups: dict[tuple[str, str], list[Value]] = {}
    for event, body in story.of(ev.Observed):
        groups.setdefault((body.observable, body.subject), []).append(
            Value(event, body, story.seen_at(event))
        )
    return [
        Series(
            observable, subject, tuple(sorted(_latest(values), key=lambda one: (one.at, one.event.position)))
        )
        for (observable, subject), values in groups.items()
    ]


def _latest(values: Sequence[Value]) -> list[Value]:
    """Keep one value a piece of evidence and author: delivery is at least once, the last word counts."""
    kept: dict[tuple[object, ...], Value] = {}
    for one in values:
        kept[(one.body.by, one.body.evidence or one.event.position)] = one
    return list(kept.values())


def rise(series: Series) -> Rise | None:
    """Find the onset: the first of two successive good values with whole 90 % intervals above a threshold.

    The threshold is the highest upper end of the baseline. None: too few good values, or no such pair.
    """
    good = series.good
    if len(good) < FEWEST:
        return None
    baseline, plateau = _baseline(good), good[-PLATEAU:]
    threshold = max(one.bounds[1] for one in baseline)
    for index in range(len(baseline), len(good) - 1):
        if good[index].bounds[0] > threshold and good[index + 1].bounds[0] > threshold:
            level = (_middle(baseline) + _middle(plateau)) / 2
            half = next((one for one in good[index:] if (one.body.value or 0.0) >= level), None)
            return Rise(
                baseline, threshold, good[index - 1], good[index], good[index + 1], half, level, plateau
            )
    return None


def _baseline(good: Sequence[Value]) -> tuple[Value, ...]:
    """Return the first good value and those right after it that do not differ from it: a cloudy one is no "before"."""
    baseline = [good[0]]
    for one in good[1:BASELINE]:
        if not _overlap(one.bounds, good[0].bounds):
            break
        baseline.append(one)
    return tuple(baseline)


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _middle(values: Sequence[Value]) -> float:
    return median(one.body.value for one in values if one.body.value is not None)


def cites_of(values: Sequence[Value]) -> tuple[int, ...]:
    """Return the positions of observations."""
    return cited(*(one.event for one in values))
