"""Acts whose end nobody knows, with what there is to judge by. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labcore.model.event import Event, Intended, StepStarted
from labcore.state.settling import possible_words


@dataclass(frozen=True, slots=True)
class OpenAct:
    """An act whose end nobody knows, with what there is to judge by. `wire` are the last lines of the device's wire log."""

    intent: Intended
    step: str
    label: str
    device: str
    wall: str
    last_sign: str
    device_says: str = ""
    wire: tuple[str, ...] = ()

    def evidence(self) -> dict[str, str]:
        """Return what the settlement keeps of it."""
        kept = {"intended": self.wall, "last_sign_of_life": self.last_sign, "device": self.device_says}
        return {name: text for name, text in kept.items() if text} | (
            {"wire": " | ".join(self.wire)} if self.wire else {}
        )

    def question(self) -> str:
        """Return the question to a person."""
        arguments = ", ".join(f"{name}: {_shown(value)}" for name, value in self.intent.arguments.items())
        text = f"{self.label or self.step}: {self.device} was told to {self.intent.method} ({arguments}) at {self.wall}"
        text += f"; the last sign of life was at {self.last_sign}."
        text += f" The device says now: {self.device_says}." if self.device_says else ""
        text += f" The last bytes on its wire: {' | '.join(self.wire)}." if self.wire else ""
        return f"{text} Look at the bench: what became of it? Say {possible_words(self.intent)}."


def labels_of(events: Sequence[Event]) -> dict[str | None, str]:
    """Return what the steps that began do, in a few words, by key."""
    return {event.step: event.body.label for event in events if isinstance(event.body, StepStarted)}


def open_acts(events: Sequence[Event], intents: Mapping[str, Intended]) -> list[OpenAct]:
    """Return the acts without an end, oldest first."""
    labels = labels_of(events)
    return [
        OpenAct(
            event.body,
            event.step or "",
            labels.get(event.step, ""),
            event.device or "",
            event.wall,
            _last_sign(events, event),
        )
        for event in events
        if isinstance(event.body, Intended) and event.body.act in intents
    ]


def _last_sign(events: Sequence[Event], intent: Event) -> str:
    """Return when the process that began the act was last heard of: before anybody took the run over."""
    last = intent.wall
    for event in events[intent.position + 1 :]:
        if event.kind == "recovery_begun":
            break
        last = event.wall
    return last


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        if "unit" in value:
            return f"{value['value']:g} {value['unit']}"
        return str(value.get("vessel", value))
    return str(value)
