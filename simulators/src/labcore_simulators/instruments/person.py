"""A person at the bench (`sim://person`): takes questions, works by hand, answers in human time.

`ask` only books the work: the person acts on the world when `complete(now)` is called at the answer's time,
so that virtual time can jump there. One thing is done after the other. A question is a mapping with the keys
of labcore's question events: `question` or `id`, `text`, `ask` or `kind` (act, ask, choose, confirm, picture,
measure, decide), `options`, `unit`, `expects`, `default`, and `act`: `{method: dispense, source: ..., target:
..., volume: 20 mL}` or `{dispense: {...}}`. A vessel with its place may be given as a name or as `{vessel,
place}`.

Options (all optional): `name` (who answers), `speed` (1.0; 2.0 works twice as fast), `absence` (0.02: how
often the person is away for some minutes first), `mistake` (0.0: how often an act or answer goes wrong
unnoticed), `error` (0.018: the most that a hand-dosed volume is off, half of it the person's own pipette),
`answers` ({question or part of its text: value}), `station` (the place stirred, heated or weighed if the act
names none).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..world.errors import WorldError
from .chance import set_state, state_of, stream
from .company import company_of, options_of
from .contract import Bench
from .hands import Hands, Spoilt

SECONDS: Mapping[str, float] = {
    "place": 10.0, "move": 10.0, "dispense": 25.0, "transfer": 30.0, "prime": 20.0, "rinse": 30.0,
    "home": 3.0, "stir": 6.0, "stop": 4.0, "stop_stirring": 4.0, "heat": 6.0, "stop_heating": 4.0,
    "weigh": 20.0, "image": 8.0, "picture": 8.0, "measure": 15.0, "speed": 4.0, "temperature": 4.0,
    "ask": 8.0, "choose": 6.0, "confirm": 4.0, "decide": 20.0, "act": 15.0,
}  # fmt: skip
EARLY = 0.01
"""A timer may fire this much (s) before its time."""
_DONE, _NOT_DONE = ("done", "yes", "ok"), ("not done", "failed", "problem", "no")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person says. `file` are bytes handed over (a JPEG); `absent`: they had been away before."""

    at: float
    value: Any
    by: str
    file: bytes | None = None
    absent: bool = False


@dataclass(slots=True)
class Pending:
    """Work that is booked. `at` is when it will be done (s); `complete` does it then, once."""

    person: Person
    question: Mapping[str, Any]
    at: float
    absent: bool
    wrong: bool
    reply: Reply | None = field(default=None)

    def complete(self, now: float) -> Reply:
        """Do it and return the reply; a second call changes nothing. ValueError if it is not time yet."""
        if self.reply is None:
            if now < self.at - EARLY:
                raise ValueError(f"not before {self.at:.3f} s; asked at {now:.3f} s")
            self.reply = self.person.carry_out(self, now)
        return self.reply


class Person:
    """Somebody at the bench. Without clock or task of their own."""

    NOT_MODELLED: ClassVar[tuple[str, ...]] = (
        "understanding of free text: only acts, options, numbers and the scripted `answers` are followed",
        "doing two things at once, learning, fatigue, talking back",
        "spills and broken glass; a wrong act is a wrong volume, a skipped act or a slipped digit",
    )

    def __init__(
        self, world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
    ) -> None:
        options = options_of(lab, device, options)
        self.company = company_of(world)
        self.world, self.device = world, device
        self.name = str(options.get("name", device))
        self.speed = max(1e-3, float(options.get("speed", 1.0)))
        self.absence, self.mistake = float(options.get("absence", 0.02)), float(options.get("mistake", 0.0))
        self.answers: Mapping[str, Any] = options.get("answers") or {}
        self.chance = stream(seed, device, "person")
        self.hands = Hands(world, device=device, options=options, lab=lab, chance=self.chance, seed=seed)
        self.busy_until = -math.inf

    def ask(self, question: Mapping[str, Any], now: float) -> Pending:
        """Take a question; the reply's `at` says when it will be answered."""
        absent = self.chance.random() < self.absence
        away = self.chance.uniform(120.0, 600.0) if absent else 0.0
        wrong = self.chance.random() < self.mistake
        work = self._seconds(question) * math.exp(self.chance.gauss(0.0, 0.3)) / self.speed
        self.busy_until = max(now, self.busy_until) + away + work
        return Pending(self, question, self.busy_until, absent, wrong)

    def _seconds(self, question: Mapping[str, Any]) -> float:
        method, arguments = act_of(question)
        seconds = SECONDS.get(method or kind_of(question), 10.0)
        if method in ("dispense", "transfer", "prime", "rinse"):
            # A hand-held pipette takes 5 mL at a time.
            seconds *= max(1.0, self.hands.volume(arguments) / 5) ** 0.5
        return seconds + 3.0

    def carry_out(self, pending: Pending, now: float) -> Reply:
        """Act and answer at `now`."""
        self.company.catch_up(now)
        question = pending.question
        method, arguments = act_of(question)
        file = None
        try:
            if method:
                value, file = self.hands.act(method, arguments, now, wrong=pending.wrong)
                value = _said(question, _DONE) if value is None else value
            else:
                value = self._answer(question, pending.wrong)
        except (Spoilt, WorldError) as trouble:
            value = _said(question, _NOT_DONE, str(trouble))
        return Reply(now, value, self.name, file, pending.absent)

    def _answer(self, question: Mapping[str, Any], wrong: bool) -> Any:
        options = list(question.get("options") or ())
        told = self._scripted(question)
        if told is not None:
            return told
        if options:
            right = question.get("default") if question.get("default") in options else options[0]
            others = [option for option in options if option != right]
            return self.chance.choice(others) if wrong and others else right
        default = question.get("default")
        if default is not None:
            return default
        if kind_of(question) == "confirm":
            return "no" if wrong else "yes"
        if question.get("unit") or question.get("expects") in ("number", "quantity"):
            raise Spoilt("no number was scripted for this question")
        return "ok"

    def _scripted(self, question: Mapping[str, Any]) -> Any:
        names = [str(question.get(key, "")) for key in ("question", "id")]
        text = str(question.get("text", ""))
        return next((value for key, value in self.answers.items() if key in names or key in text), None)

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain data; booked work lives with whoever asked."""
        return {"busy_until": self.busy_until, "chance": state_of(self.chance)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.busy_until = state["busy_until"]
        set_state(self.chance, state["chance"])


def kind_of(question: Mapping[str, Any]) -> str:
    """Return what is asked for."""
    return str(question.get("ask") or question.get("kind") or "ask")


def act_of(question: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return method and arguments of what is to be done, ("", {}) if it is only a question."""
    act = question.get("act") or {}
    for key in ("method", "do", "verb", "name"):
        if isinstance(act.get(key), str):
            arguments = act.get("arguments") or act.get("args") or {k: v for k, v in act.items() if k != key}
            return act[key], arguments
    if len(act) == 1:
        method, arguments = next(iter(act.items()))
        return str(method), arguments if isinstance(arguments, Mapping) else {"what": arguments}
    kind = kind_of(question)
    return (kind, question) if kind in ("picture", "measure") and not act else ("", {})


def _said(question: Mapping[str, Any], words: tuple[str, ...], why: str = "") -> str:
    options = [str(option) for option in question.get("options") or ()]
    chosen = next((option for option in options if option.lower() in words), None)
    return chosen or (f"{words[0]}: {why}" if why else words[0])
