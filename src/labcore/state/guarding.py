"""Judge readings against a lab's guards. Pure: a rule, what was seen so far, a reading, a verdict.

Heaters that tell their temperature are guarded without being asked. The figures are those by which 3D printers' firmware
(Klipper's verify_heater, Marlin's thermal protection) tells a broken heater, widened for plates that warm slowly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from labcore.model.lab import GuardEntry
from labcore.model.plan import Plan
from labcore.model.quantity import Quantity

HEAT = "temperature"
EVERY = 2.0  # s between two readings
STALE = 20.0  # s; a device that is busy with an act for a moment is not lost
GAIN, GAIN_WITHIN = 2.0, 60.0  # K and s: a heater far below its target warms at least so much
FAR = 5.0  # K below the target
LOW, LOW_FOR = 4.0, 40.0  # K and s: a heater that had reached its target does not fall below for so long
HIGH, HIGH_FOR = 10.0, 20.0  # K and s


@dataclass(frozen=True, slots=True)
class Rule:
    """One guard. Bounds are inclusive; times in s. `only_on`: it looks only while the output of that name is on."""

    device: str
    quantity: str
    low: Quantity | None = None
    high: Quantity | None = None
    closed: bool | None = None
    runaway: bool = False
    stale: float = STALE
    every: float = EVERY
    then: Literal["pause", "stop", "abort"] = "stop"
    only_on: bool = False

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.device}.{self.quantity}"


@dataclass(frozen=True, slots=True)
class Watch:
    """What a guard has seen of one device since `since`; all times in s on the run's clock."""

    since: float
    good_at: float
    target: float | None = None
    reached: bool = False
    warm_from: tuple[float, float] | None = None
    low_since: float | None = None
    high_since: float | None = None


def rules_of(plan: Plan, devices: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the guards of a run that uses `devices`: the lab's own, and one for every heater that tells its temperature."""
    rules = [
        _declared(plan.aliases[device], quantity, entry)
        for device, entries in plan.lab.guards.items()
        for quantity, entry in entries.items()
        if plan.aliases.get(device) in devices
    ]
    named = {rule.name for rule in rules}
    for name in devices:
        machine = plan.machines[name]
        automatic = Rule(name, HEAT, runaway=True, only_on=True)
        if (
            HEAT in machine.outputs
            and HEAT in machine.measures
            and not machine.person
            and automatic.name not in named
        ):
            rules.append(automatic)
    return tuple(rules)


def _declared(device: str, quantity: str, entry: GuardEntry) -> Rule:
    stale = entry.stale.in_("s") if entry.stale is not None else STALE
    every = entry.every.in_("s") if entry.every is not None else EVERY
    return Rule(
        device, quantity, entry.min, entry.max, entry.closed, entry.runaway or quantity == HEAT, stale, every, entry.then
    )  # fmt: skip


def begin(now: float) -> Watch:
    """Return a watch that has seen nothing yet."""
    return Watch(now, now)


def missed(rule: Rule, watch: Watch, now: float) -> str:
    """Return what is wrong when a reading did not come, "" while it may still come."""
    silent = now - watch.good_at
    return f"{rule.name} could not be read for {silent:.0f} s" if silent > rule.stale else ""


def judge(rule: Rule, watch: Watch, reading: Quantity, target: float | None, now: float) -> tuple[Watch, str]:
    """Return what is known now and what is wrong, "" if nothing is. `target`: set-point of a heater that is on, °C."""
    watch = replace(watch, good_at=now)
    wrong = _outside(rule, reading)
    if wrong or not rule.runaway or target is None:
        return replace(watch, target=None), wrong
    if watch.target != target:  # a new set-point: begin to look for its being reached
        watch = Watch(now, now, target, warm_from=(now, reading.in_("°C")))
    return _heater(rule, watch, reading.in_("°C"), target, now)


def _outside(rule: Rule, reading: Quantity) -> str:
    if rule.low is not None and reading < rule.low:
        return f"{rule.name} is {_shown(reading, rule.low)}, below {rule.low}"
    if rule.high is not None and reading > rule.high:
        return f"{rule.name} is {_shown(reading, rule.high)}, above {rule.high}"
    if rule.closed is not None and (reading.value >= 0.5) != rule.closed:
        return f"{rule.name} is {'open' if rule.closed else 'closed'}"
    return ""


def _shown(reading: Quantity, like: Quantity) -> str:
    return f"{reading.in_(like.unit):.4g} {like.unit}"


def _heater(rule: Rule, watch: Watch, value: float, target: float, now: float) -> tuple[Watch, str]:
    if not watch.reached and abs(value - target) <= LOW:
        watch = replace(watch, reached=True)
    watch = replace(
        watch,
        low_since=_since(watch.low_since, watch.reached and value < target - LOW, now),
        high_since=_since(watch.high_since, watch.reached and value > target + HIGH, now),
    )
    if watch.low_since is not None and now - watch.low_since > LOW_FOR:
        return watch, f"{rule.name} fell to {value:.1f} °C and stays below its set-point of {target:g} °C"
    if watch.high_since is not None and now - watch.high_since > HIGH_FOR:
        return watch, f"{rule.name} runs away: {value:.1f} °C with a set-point of {target:g} °C"
    return _warming(rule, watch, value, target, now)


def _warming(rule: Rule, watch: Watch, value: float, target: float, now: float) -> tuple[Watch, str]:
    if watch.reached or value >= target - FAR or watch.warm_from is None:
        return replace(watch, warm_from=(now, value)), ""
    since, before = watch.warm_from
    if value >= before + GAIN:
        return replace(watch, warm_from=(now, value)), ""
    if now - since > GAIN_WITHIN:
        gained = f"{value - before:.1f} K in {now - since:.0f} s"
        return (
            watch,
            f"{rule.name} does not warm: {gained}, at {value:.1f} °C with a set-point of {target:g} °C",
        )
    return watch, ""


def _since(before: float | None, now_so: bool, now: float) -> float | None:
    return (now if before is None else before) if now_so else None
