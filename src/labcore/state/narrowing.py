"""What a measurement says about how much is in a vessel, and what that leaves of what was known. Pure.

Everything is an interval that holds the truth, so two of them may be intersected; if nothing is left, one of them is
wrong, and which one is a question for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from labcore.model.event import Event, Observed
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity, QuantityError, UnitError
from labcore.model.vessel import EMPTY, VesselState, Weighed

TRUST = 2.5  # an observation's 90 % interval is taken so many times as wide: 1 of 20,000 normal errors goes past that
LIGHTEST_TO_HEAVIEST = Interval(0.6, 1.0, 1.6)  # g/mL, of a liquid in a vessel that should hold none
_SWEEPS = 3


def bounds(seen: Observed, unit: str) -> Interval | None:
    """Return what a good observation allows, in `unit`; None if it does not bound anything, or is none of it."""
    low, value, high = seen.low, seen.value, seen.high
    if seen.quality != "good" or low is None or value is None or high is None or not low <= value <= high:
        return None
    try:
        low, value, high = (Quantity(one, seen.unit).in_(unit) for one in (low, value, high))
    except (QuantityError, UnitError):
        return None
    return Interval(value - TRUST * (value - low), value, value + TRUST * (high - value))


def measured_volumes(
    vessel: VesselState, event: Event, densities: Mapping[str, Interval], touched: int
) -> tuple[tuple[int, ...], tuple[Interval, ...]]:
    """Return the events that an observation rests on and the volumes (mL) that it allows, each on its own.

    `touched` is the position of what last changed the vessel: an older picture says nothing about it now.
    """
    body = event.body
    if not isinstance(body, Observed) or not body.unit:
        return (), ()
    if body.observable == "mass" and vessel.weighed and vessel.weighed[-1].position == event.position:
        return tuple(one.position for one in vessel.weighed), by_weight(vessel, densities)
    if body.observable != "volume" or min(body.evidence, default=event.position) <= touched:
        return (), ()
    volume = bounds(body, "mL")
    return (event.position, *body.evidence), () if volume is None else (volume,)


def weighed(vessel: VesselState, position: int, mass: Interval) -> VesselState:
    """Return a vessel with one more weighing on its books; the last two are kept."""
    return replace(vessel, weighed=(*vessel.weighed[-1:], Weighed(position, mass, vessel.volume)))


def by_weight(vessel: VesselState, densities: Mapping[str, Interval]) -> tuple[Interval, ...]:
    """Return the volumes (mL) that the last weighing allows: by the tare, and by the weighing before it.

    `densities` in g/mL by material. Nothing if a material's density is not known.
    """
    last = vessel.weighed[-1]
    materials = [name for name, amount in vessel.contents.items() if amount.high > 0]
    if any(name not in densities for name in (*materials, *last.added)):
        return ()
    found = []
    if vessel.tare is not None:
        mass = last.mass - vessel.tare + mass_of(last.added, densities)
        parts = {name: vessel.contents[name] for name in materials}
        found.append(_solved(parts, densities, mass))
    if len(vessel.weighed) > 1:
        found += _by_difference(vessel.weighed[0], last, densities)
    return tuple(found)


def _by_difference(first: Weighed, last: Weighed, densities: Mapping[str, Interval]) -> list[Interval]:
    """Return what the vessel holds now: what it held at the first weighing and what came and went, which was weighed."""
    if any(name not in densities for name in first.added):
        return []
    change = _solved(first.added, densities, last.mass - first.mass)
    return [first.volume + change + _total(last.added)]


def _solved(parts: Mapping[str, Interval], densities: Mapping[str, Interval], mass: Interval) -> Interval:
    """Return the volume of parts that weigh `mass` together; what they were thought to be counts if it agrees."""
    weights = {name: densities[name] for name in parts}
    hull = _hull(weights.values())
    agreed = consistent(parts, weights, mass)
    if agreed is None and not _one_way(parts):  # some came, some went: whatever is too much is one of them
        return _total(parts) + _divided(mass - mass_of(parts, weights), hull)
    if agreed is None:
        return _divided(mass, hull)
    whole = _total(agreed)
    return (_divided(mass, hull).intersect(whole) or whole) if agreed and _one_way(agreed) else whole


def _one_way(parts: Mapping[str, Interval]) -> bool:
    """Say whether everything was added, or everything taken: only then is the volume the mass over a density."""
    return all(one.low >= 0 for one in parts.values()) or all(one.high <= 0 for one in parts.values())


def consistent(
    parts: Mapping[str, Interval], weights: Mapping[str, Interval], total: Interval
) -> dict[str, Interval] | None:
    """Return what is left of `parts` if their weighted sum lies in `total`; None if it cannot."""
    found = dict(parts)
    if not found and not total.contains(0.0):
        return None
    for _ in range(_SWEEPS if len(found) > 1 else 1):
        for name in found:
            rest = total
            for other in found:
                rest = rest if other == name else rest - _times(found[other], weights[other])
            left = _divided(rest, weights[name]).intersect(found[name])
            if left is None:
                return None
            found[name] = left
    return found


def narrowed(vessel: VesselState, volume: Interval) -> VesselState:
    """Return a vessel of which one knows now that it holds `volume` (mL); its materials share that within their bounds."""
    before = vessel.volume
    volume = volume.intersect(before) or volume
    ones = dict.fromkeys(vessel.contents, Interval.exactly(1.0))
    parts = consistent(vessel.contents, ones, volume) or dict(vessel.contents)
    gained = max(0.0, volume.low - before.low)
    return replace(
        vessel,
        contents=_shared(parts, volume.mid),
        total=volume,
        lost=max(0.0, vessel.lost - gained),
        weighed=tuple(
            _known_better(one, volume) if one is vessel.weighed[-1] else one for one in vessel.weighed
        ),
    )


def _known_better(last: Weighed, volume: Interval) -> Weighed:
    """What is known now tells what there was at the last weighing, if nothing uncertain came or went since."""
    then = (volume - _total(last.added)).clamp_low(0.0)
    return replace(last, volume=then.intersect(last.volume) or last.volume)


def _shared(parts: Mapping[str, Interval], middle: float) -> dict[str, Interval]:
    """Move the middles so that they add up to `middle`, each within its own bounds."""
    low, high = sum(one.low for one in parts.values()), sum(one.high for one in parts.values())
    share = min(1.0, max(0.0, (middle - low) / (high - low))) if high > low else 0.0
    return {
        name: Interval(one.low, one.low + share * (one.high - one.low), one.high)
        for name, one in parts.items()
    }


def mass_of(parts: Mapping[str, Interval], densities: Mapping[str, Interval]) -> Interval:
    """Return what parts (mL) weigh together, g."""
    return _total({name: _times(amount, densities[name]) for name, amount in parts.items()})


def _total(parts: Mapping[str, Interval]) -> Interval:
    total = EMPTY
    for one in parts.values():
        total = total + one
    return total


def _hull(densities: Iterable[Interval]) -> Interval:
    found: Interval | None = None
    for one in densities:
        found = one if found is None else found.hull(one)
    return found or LIGHTEST_TO_HEAVIEST


def _times(amount: Interval, positive: Interval) -> Interval:
    low = min(amount.low * positive.low, amount.low * positive.high)
    high = max(amount.high * positive.low, amount.high * positive.high)
    return Interval(low, amount.mid * positive.mid, high)


def _divided(amount: Interval, positive: Interval) -> Interval:
    return _times(amount, Interval(1 / positive.high, 1 / positive.mid, 1 / positive.low))
