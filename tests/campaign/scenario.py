"""Everything that a seed decides, as data: what is done, what goes wrong, what people do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import yaml

from campaign.author import protocol_text
from campaign.bench import INSTALLED
from campaign.chance import chosen, stream
from campaign.lab import lab_text
from labcore.pipeline.prepare import Prepared, prepare
from labcore.pipeline.resolve import Sources
from labcore.testing.faults import FailingWrites, Fault

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TRIES = 40
LIVES = 3
DEVICES = ("dispenser", "stirrer", "plate")
LINES = {"dispenser": r"^[$GM]", "stirrer": r"_[1-4]", "plate": r"_[1-4]"}
PLAIN = {
    "lose_request": 1.0, "lose_reply": 2.0, "late_reply": 2.0, "duplicate_reply": 2.0, "swap_replies": 1.0, "cut_reply": 1.0,
    "garble_reply": 1.0, "lie": 1.0, "silence": 1.5, "reboot": 1.5, "unplug": 1.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kill:
    """When a process dies: at the `on`-th append (before it, torn in it, after it) or byte exchange with a device.

    `share` says how much of what was going out got out.
    """

    what: Literal["before", "torn", "after", "send", "receive"]
    on: int
    device: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """A control word at a time on the bench's clock, s."""

    at: float
    word: Literal["pause", "resume", "stop", "abort"]


@dataclass(frozen=True, slots=True)
class Takeover:
    """How somebody takes a run over: `gap` s after its death, asked or not, honest or knowing nothing."""

    gap: float
    ask: bool
    decision: Literal["resume", "finish", "close"] | None
    beforehand: bool
    people_finish: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """One seed, drawn."""

    seed: int
    protocol: str
    lab: str
    refused: int
    faults: tuple[tuple[int, str, Fault], ...] = ()  # (life, device, fault)
    kills: tuple[Kill | None, ...] = ()
    words: tuple[Said, ...] = ()
    takeovers: tuple[Takeover, ...] = ()
    writes: FailingWrites | None = None

    def prepared(self, catalog: Any = INSTALLED) -> Prepared:
        """Return the plan, made by the real parser and check."""
        return prepare(Sources(self.protocol, "p.yaml", self.lab, "lab.yaml", {}, True), catalog)

    @property
    def lab_data(self) -> dict[str, Any]:
        """The lab file as data."""
        data: dict[str, Any] = yaml.load(self.lab, Loader=LOADER)
        return data

    def script(self, life: int, device: str) -> tuple[Fault, ...]:
        """Return what goes wrong on a device's wire in one life."""
        return tuple(fault for when, whose, fault in self.faults if (when, whose) == (life, device))

    def kill(self, life: int) -> Kill | None:
        """Return how a life ends, None if it is not ended from outside."""
        return self.kills[life] if life < len(self.kills) else None

    def smaller(self) -> Iterator[Scenario]:
        """Yield scenarios with one thing less that goes wrong."""
        for name in ("faults", "words"):
            things = getattr(self, name)
            for index in range(len(things)):
                yield replace(self, **{name: things[:index] + things[index + 1 :]})
        if self.kills:
            yield replace(self, kills=self.kills[:-1])
        if self.writes is not None:
            yield replace(self, writes=None)


def draw(seed: int) -> Scenario:
    """Draw a scenario; protocols that check refuses are drawn again."""
    lab = lab_text(stream(seed, "lab"))
    for refused in range(TRIES):
        protocol = protocol_text(stream(seed, "protocol", refused))
        scenario = Scenario(seed, protocol, lab, refused)
        prepared = scenario.prepared()
        if prepared.plan is not None and not prepared.errors:
            length = max((one.start + one.duration.mid for one in prepared.timeline), default=60.0)
            return _with_trouble(scenario, length)
    raise AssertionError(f"seed {seed}: {TRIES} protocols in a row were refused")


def _with_trouble(scenario: Scenario, length: float) -> Scenario:
    rng = stream(scenario.seed, "trouble")
    kills = _kills(rng) if rng.random() < 0.55 else ()
    faults = _faults(rng, len(kills) + 1) if rng.random() < 0.5 else ()
    words = _words(rng, length) if rng.random() < 0.45 else ()
    takeovers = tuple(_takeover(rng) for _ in range(LIVES + 1))
    writes = _writes(rng) if rng.random() < 0.12 else None
    return replace(scenario, kills=kills, faults=faults, words=words, takeovers=takeovers, writes=writes)


def _writes(rng: random.Random) -> FailingWrites:
    """Draw when the disk refuses, and how often it does before there is space again; not before the run has begun."""
    why = rng.choice(("disk full", "input/output error", "locked"))
    return FailingWrites(rng.randint(2, 60), rng.choice([1, 1, 3, 40, 400]), why)  # type: ignore[arg-type]


def _kills(rng: random.Random) -> tuple[Kill, ...]:
    return tuple(_kill(rng, first=not number) for number in range(rng.choice([1, 1, 1, 2, 2, 3])))


def _kill(rng: random.Random, *, first: bool) -> Kill:
    what = chosen(rng, {"before": 1.5, "torn": 2.0, "after": 2.5, "send": 3.0, "receive": 1.0})
    early = rng.random() < 0.6
    if what in ("before", "torn", "after"):
        on = rng.randint(2 if first else 1, (40 if early else 150) if first else 25)
        return Kill(what, on, share=rng.random())  # type: ignore[arg-type]
    device = chosen(rng, {"dispenser": 3.0, "stirrer": 1.0, "plate": 1.0})
    on = rng.randint(1, 60 if early else 250) if device == "dispenser" else rng.randint(1, 25)
    return Kill(what, on, device, rng.choice([0.0, 1.0, rng.random()]))  # type: ignore[arg-type]


def _faults(rng: random.Random, lives: int) -> tuple[tuple[int, str, Fault], ...]:
    found = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        device = chosen(rng, {"dispenser": 3.0, "stirrer": 1.5, "plate": 1.5})
        found.append((rng.randrange(lives), device, _fault(rng, device)))
    return tuple(found)


def _fault(rng: random.Random, device: str) -> Fault:
    kind = chosen(rng, PLAIN)
    matching = LINES[device] if rng.random() < 0.7 else ""
    seconds = rng.choice([0.05, 0.5, 3.0, 30.0])
    reply = b""
    if kind == "lie":  # it says ok and does nothing: only where a look at its position can tell
        matching, reply = (r"^G[01]", b"ok\r\n") if device == "dispenser" else (r"^OUT_SP_4", b"\r\n")
    on = rng.randint(1, 40 if device == "dispenser" else 15)
    if device != "dispenser" and rng.random() < 0.3:  # the moment that matters: making it safe
        kind, on, matching = rng.choice(["lose_request", "lose_reply", "silence"]), rng.randint(1, 3), "STOP"
        seconds = max(seconds, 300.0 if kind == "silence" else 0.0)  # longer than anybody tries
    return Fault(kind, on, seconds, matching, reply)  # type: ignore[arg-type]


def _words(rng: random.Random, length: float) -> tuple[Said, ...]:
    at = rng.random() ** 1.5 * length * 1.2
    kind = chosen(
        rng, {"pause": 3.0, "stop": 3.0, "abort": 1.0, "stop twice": 1.0, "stop, abort": 1.0, "many": 1.0}
    )
    after = rng.choice([0.0, 0.3, 5.0, 60.0])
    if kind == "pause":
        return (Said(at, "pause"), *((Said(at + after, "resume"),) if rng.random() < 0.5 else ()))
    if kind == "stop twice":
        return Said(at, "stop"), Said(at + after, "stop")
    if kind == "stop, abort":
        return Said(at, "stop"), Said(at + after, "abort")
    if kind == "many":
        words = sorted(rng.random() * length for _ in range(4))
        return tuple(Said(one, rng.choice(["pause", "resume", "pause", "stop"])) for one in words)
    return (Said(at, kind),)  # type: ignore[arg-type]


def _takeover(rng: random.Random) -> Takeover:
    ask = rng.random() < 0.6
    decision = chosen(rng, {"resume": 6.0, "finish": 2.5, "close": 1.5})
    gap = rng.choice([0.0, 2.0, 25.0, 400.0, 5000.0])
    told = None if ask and rng.random() < 0.6 else decision
    return Takeover(gap, ask, told, rng.random() < 0.3, rng.random() < 0.5)  # type: ignore[arg-type]
