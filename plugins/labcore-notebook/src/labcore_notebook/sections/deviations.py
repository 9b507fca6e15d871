"""Deviations: everything on record that did not go as the protocol says, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from labcore.model import event as ev
from labcore.model.event import Event
from labcore_notebook.journal import cited
from labcore_notebook.notebook import Block, Column, Row, Tone
from labcore_notebook.numbers import plain
from labcore_notebook.page import Page
from labcore_notebook.sampling import sampled
from labcore_notebook.sections.acts import sentence, tone
from labcore_notebook.sections.interruptions import interruptions

LATE = 1.0  # s; a tick that is later than this is listed

Finding = tuple[float, Row]


def listed(page: Page) -> list[Block]:
    """List the deviations, or say that there is none."""
    rows = deviations(page)
    if not rows:
        return [page.missing("deviation.none")]
    words = page.words
    columns = (
        Column(words("deviation.time"), keep=True),
        Column(words("deviation.kind"), keep=True),
        Column(words("deviation.what")),
    )
    return [sampled(page, "", columns, rows, most=60)]


def deviations(page: Page) -> list[Row]:
    """Return every deviation."""
    found = [finding for source in _SOURCES for finding in source(page)]
    return [row for _, row in sorted(found, key=lambda one: (one[0], one[1].cites))]


def _finding(
    page: Page, event: Event, kind: str, text: str, cites: tuple[int, ...], mood: Tone = "warn"
) -> Finding:
    return event.at, Row((page.when(event.at), page.words(f"deviation.kind_{kind}"), text), cites, mood)


def _acts(page: Page) -> Iterator[Finding]:
    for act in page.story.acts:
        mood = tone(act)
        if mood != "plain":
            yield _finding(page, act.settled or act.intent, "act", sentence(page, act), act.cites, mood)


def _steps(page: Page) -> Iterator[Finding]:
    for span in page.story.steps:
        ended = span.ended.body if span.ended else None
        if span.ended is None or not isinstance(ended, ev.StepEnded) or ended.outcome == "done":
            continue
        text = page.words(f"procedure.{ended.outcome}", step=span.key, label=page.label(span))
        text += page.words("act.message", message=page.reason(ended.error)) if ended.error else ""
        yield _finding(
            page, span.ended, "step", text, span.cites, "bad" if ended.outcome == "failed" else "warn"
        )


def _schedule(page: Page) -> Iterator[Finding]:
    for event, body in page.story.of(ev.RoundStarted):
        if body.late > LATE:
            text = page.words(
                "deviation.late", round=body.round, step=event.step or "–", late=plain(round(body.late, 1))
            )
            yield _finding(page, event, "schedule", text, cited(event))
    for event, missed in page.story.of(ev.RoundsMissed):
        due = page.when(missed.first_due)
        text = page.words("deviation.missed", count=missed.count, step=event.step or "–", due=due)
        yield _finding(page, event, "schedule", text, cited(event))


def _seeing(page: Page) -> Iterator[Finding]:
    for series in page.series:
        for one in series.values:
            if one.body.quality == "good":
                continue
            flags = page.words.several([page.words.word("flag", flag) for flag in one.body.flags]) or "–"
            text = page.words(
                f"deviation.{one.body.quality}",
                what=page.name_of(series),
                value=page.value(one, series),
                flags=flags,
                seen=page.when(one.at),
            )
            cites = tuple(sorted({one.event.position, *one.body.evidence}))
            yield _finding(
                page, one.event, "observation", text, cites, "bad" if one.body.quality == "bad" else "warn"
            )


def _trouble(page: Page) -> Iterator[Finding]:
    for event, warned in page.story.of(ev.Warned):
        text = page.words("deviation.warning", code=warned.code, message=warned.message)
        yield _finding(page, event, "warning", text, cited(event))
    for event, failed in page.story.of(ev.ReaderFailed):
        key = "deviation.reader_out" if failed.out else "deviation.reader"
        text = page.words(key, reader=failed.reader, error=failed.error, strikes=failed.strikes)
        if failed.late and _simulated(page):
            text += page.words("deviation.not_reproducible")
        yield _finding(page, event, "reader", text, (*cited(event), *_known(page, failed.at_position)))
    for event, jumped in page.story.of(ev.ClockJumped):
        text = page.words("deviation.jumped", by=plain(round(jumped.by, 1)))
        yield _finding(page, event, "clock", text, cited(event))


def _simulated(page: Page) -> bool:
    start = page.story.start
    return start is not None and isinstance(start.body, ev.RunStarted) and start.body.simulated


def _control(page: Page) -> Iterator[Finding]:
    for event, asked in page.story.of(ev.ControlAsked):
        text = page.words(f"procedure.{asked.what}", by=asked.by or "–")
        text += page.words("act.message", message=page.reason(asked.why)) if asked.why else ""
        yield _finding(page, event, "control", text, cited(event))
    for event, stop in page.story.of(ev.StopSettled):
        if stop.status == "unconfirmed":
            text = page.words("deviation.unconfirmed", device=event.device or "–")
            text += page.words("act.message", message=page.reason(stop.message)) if stop.message else ""
            yield _finding(page, event, "control", text, cited(event), "bad")


def _interruptions(page: Page) -> Iterator[Finding]:
    for event, kind, text, mood in interruptions(page):
        yield _finding(page, event, kind, text, cited(event), mood)


def _people(page: Page) -> Iterator[Finding]:
    for event, withdrawn in page.story.of(ev.Withdrawn):
        asked = next((one for one in page.story.questions if one.body.question == withdrawn.question), None)
        text = page.words(
            "deviation.withdrawn",
            text=asked.body.text if asked else withdrawn.question,
            why=page.reason(withdrawn.why),
        )
        yield _finding(page, event, "question", text, cited(asked.event if asked else None, event))


def _known(page: Page, position: int) -> tuple[int, ...]:
    return (position,) if position in page.story.at else ()


_SOURCES: tuple[Callable[[Page], Iterator[Finding]], ...] = (
    _acts,
    _steps,
    _schedule,
    _seeing,
    _trouble,
    _control,
    _interruptions,
    _people,
)
