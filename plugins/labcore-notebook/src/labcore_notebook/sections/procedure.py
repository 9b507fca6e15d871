"""The procedure as it was carried out, in the order of time: one plain sentence an act, and who did it."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from labcore.model import event as ev
from labcore.model.event import Event
from labcore_notebook.journal import Picture, Span, cited, repetition
from labcore_notebook.notebook import Block, Column, Row, Tone
from labcore_notebook.page import Page, quantity
from labcore_notebook.sampling import sampled
from labcore_notebook.sections.acts import sentence, tone, who
from labcore_notebook.sections.interruptions import interruptions
from labcore_notebook.sections.timeline import timeline
from labcore_notebook.series import Value

Line = tuple[float, Row]
DONE_BY_ASKING = ("act", "picture", "measure")  # what came of these has a line of its own


def procedure(page: Page) -> list[Block]:
    """Draw the timeline and tell what happened."""
    lines = sorted(_lines(page), key=lambda line: (line[0], line[1].cites[:1]))
    if not lines:
        return [page.missing("procedure.none")]
    words = page.words
    columns = (
        Column(words("procedure.time"), keep=True),
        Column(words("procedure.what")),
        Column(words("procedure.who"), keep=True),
    )
    table = sampled(page, words("procedure.title"), columns, [row for _, row in lines], most=80)
    return [timeline(page), table]


def _lines(page: Page) -> Iterator[Line]:
    for act in page.story.acts:
        yield _line(page, act.intent, sentence(page, act), who(page, act), act.cites, tone(act))
    yield from _picture_lines(page)
    yield from _step_lines(page)
    yield from _people_lines(page)
    yield from _control_lines(page)
    for event, _, text, mood in interruptions(page):
        yield _line(page, event, text, page.who(event), cited(event), mood)
    yield from _condition_lines(page)
    yield from _measured_lines(page)


def _line(
    page: Page, event: Event, text: str, who: str, cites: tuple[int, ...], mood: Tone = "plain"
) -> Line:
    return event.at, Row((page.when(event.at), text, who), cites, mood)


def _picture_lines(page: Page) -> Iterator[Line]:
    groups: dict[tuple[str, str], list[Picture]] = {}
    for shot in page.story.pictures:
        groups.setdefault((repetition(shot.event.step or ""), shot.body.vessel), []).append(shot)
    for (_, vessel), shots in groups.items():
        events = [shot.event for shot in shots]
        first, last = events[0], events[-1]
        if len(shots) == 1:
            text = page.words("procedure.picture", vessel=vessel)
            yield _line(page, first, text, page.who(first), cited(first))
            continue
        gap = median(b.at - a.at for a, b in zip(events, events[1:], strict=False))
        text = page.words(
            "procedure.pictures",
            vessel=vessel,
            count=len(shots),
            start=page.when(first.at),
            end=page.when(last.at),
            gap=page.when(gap) if gap >= 120 else page.words.number(round(gap, 1), "s"),
        )
        yield _line(page, first, text, page.who(first), cited(*events))


def _step_lines(page: Page) -> Iterator[Line]:
    for span in page.story.steps:
        ended = span.ended.body if span.ended else None
        if not isinstance(ended, ev.StepEnded):
            continue
        if ended.outcome != "done":
            yield _trouble(page, span, ended)
        elif span.verb == "wait" and span.ended is not None:
            text = page.words("procedure.waited", time=page.when(span.ended.at - span.started.at))
            yield _line(page, span.started, text, page.who(span.started), span.cites)
        elif span.verb == "dispense" and not any(act.intent.step == span.key for act in page.story.acts):
            text = page.words("procedure.nothing_added", step=span.key, label=page.label(span))
            yield _line(page, span.started, text, page.who(span.started), span.cites)


def _trouble(page: Page, span: Span, ended: ev.StepEnded) -> Line:
    text = page.words(f"procedure.{ended.outcome}", step=span.key, label=page.label(span))
    if ended.error:
        text += page.words("act.message", message=page.reason(ended.error))
    assert span.ended is not None
    mood: Tone = "bad" if ended.outcome == "failed" else "warn"
    return _line(page, span.ended, text, page.who(span.ended), span.cites, mood)


def _people_lines(page: Page) -> Iterator[Line]:
    for event, body in page.story.of(ev.Noted):
        yield _line(
            page, event, page.words("procedure.note", text=body.text), page.who(event, body.by), cited(event)
        )
    for question in page.story.questions:
        answer = question.end.body if question.end else None
        if question.end is None or not isinstance(answer, ev.Answered) or question.body.ask in DONE_BY_ASKING:
            continue
        text = page.words("procedure.answer", question=question.body.text, answer=quantity(answer.value))
        asked = question.end if question.end.device in (None, *page.persons) else None
        by = page.who(asked, answer.by) if asked is not None else answer.by
        yield _line(page, question.end, text, by, cited(question.event, question.end))


def _control_lines(page: Page) -> Iterator[Line]:
    for event, body in page.story.of(ev.ControlAsked):
        text = page.words(f"procedure.{body.what}", by=body.by or "–")
        text += page.words("act.message", message=page.reason(body.why)) if body.why else ""
        yield _line(page, event, text, body.by or page.who(event), cited(event), "warn")
    for event, handled in page.story.of(ev.ErrorHandled):
        unsaid = "_unsaid" if handled.policy == "ask" and handled.by == "labcore" else ""
        text = page.words(
            f"procedure.handled_{handled.policy}{unsaid}", step=event.step or "–", by=handled.by
        )
        text += page.words("act.message", message=page.reason(handled.reason)) if handled.reason else ""
        yield _line(page, event, text, handled.by, cited(event), "warn")


def _condition_lines(page: Page) -> Iterator[Line]:
    """Tell how each condition came out in the end, and how often it was tested."""
    groups: dict[tuple[str, str], list[tuple[Event, ev.ConditionTested]]] = {}
    for event, body in page.story.of(ev.ConditionTested):
        groups.setdefault((repetition(event.step or ""), body.text), []).append((event, body))
    for (_, condition), tests in groups.items():
        event, body = tests[-1]
        key = {True: "holds", False: "fails", None: "undecided"}[body.holds]
        values = (
            page.words.several([f"{name} = {quantity(value)}" for name, value in body.values.items()]) or "–"
        )
        text = page.words(f"procedure.condition_{key}", condition=condition, values=values, count=len(tests))
        cites = tuple(sorted({*cited(*(one for one, _ in tests)), *body.evidence}))
        yield _line(page, event, text, page.who(event), cites, "bad" if body.holds is None else "plain")


def _measured_lines(page: Page) -> Iterator[Line]:
    """Tell single measurements made by a step; what observers say stands under the observations."""
    for series in page.series:
        mine = [one for one in series.values if one.event.step and one.event.device]
        if len(mine) > 3:
            text = page.words(
                "procedure.measured_often",
                what=page.name_of(series),
                count=len(mine),
                start=page.when(mine[0].at),
                end=page.when(mine[-1].at),
                low=page.value(min(mine, key=_size), series),
                high=page.value(max(mine, key=_size), series),
            )
            cites = cited(*(one.event for one in mine))
            yield _line(page, mine[0].event, text, page.who(mine[0].event), cites)
            continue
        for one in mine:
            text = page.words("procedure.measured", what=page.name_of(series), value=page.value(one, series))
            yield _line(page, one.event, text, page.who(one.event, one.body.by), cited(one.event))


def _size(one: Value) -> float:
    return one.body.value if one.body.value is not None else 0.0
