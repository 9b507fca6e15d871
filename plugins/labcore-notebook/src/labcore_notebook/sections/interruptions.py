"""What broke into the run from outside: a process that died, a guard that tripped, a device that was lost."""

from __future__ import annotations

from collections.abc import Iterator

from labcore.model import event as ev
from labcore.model.event import Event
from labcore_notebook.notebook import Tone
from labcore_notebook.page import Page

Told = tuple[Event, str, str, Tone]  # event, kind of deviation, sentence, tone


def interruptions(page: Page) -> Iterator[Told]:
    """Tell of each in a sentence, in the order of the record."""
    undecided = False
    for event in page.story.events:
        match event.body:
            case ev.RecoveryBegun() as begun:
                yield event, "interruption", _begun(page, begun, undecided=undecided), "bad"
                undecided = True
            case ev.RecoveryDecided() as decided:
                undecided = False
                text = page.words(f"interruption.{decided.decision}", by=decided.by or "–")
                yield event, "interruption", text + _why(page, decided.why), "warn"
            case ev.GuardTripped() as tripped:
                text = page.words("interruption.guard", guard=tripped.guard, message=tripped.message)
                yield event, "guard", text, "bad"
            case ev.DeviceLost() as lost:
                text = page.words("interruption.lost", device=event.device or "–", message=lost.message)
                yield event, "device", text, "bad"


def _begun(page: Page, begun: ev.RecoveryBegun, *, undecided: bool) -> str:
    """Say what went before a recovery: a process that ended in the middle of the run, or a recovery that came to no decision."""
    labels = {span.key: span.label or span.verb for span in page.story.steps}
    steps = page.words.several([labels.get(key, key) for key in begun.interrupted])
    key = "undecided" if undecided else "died" if steps else "died_idle"
    text = page.words(f"interruption.{key}", steps=steps)
    text += " " + page.words("interruption.taken_over", by=begun.by or "–", away=page.when(begun.away))
    if begun.unsettled:
        text += " " + page.words("interruption.unsettled", acts=page.words.several(list(begun.unsettled)))
    return text


def _why(page: Page, why: str) -> str:
    return page.words("act.message", message=why) if why else ""
