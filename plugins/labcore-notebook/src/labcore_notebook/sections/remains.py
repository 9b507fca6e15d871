"""What is left: what every vessel holds, how every device was left, and what nobody has answered."""

from __future__ import annotations

from labcore.model import event as ev
from labcore.model.vessel import VesselState
from labcore_notebook.journal import cited
from labcore_notebook.notebook import Block, Column, Prose, Row, Statement, Table, Tone
from labcore_notebook.page import Page
from labcore_notebook.sections.acts import intention
from labcore_notebook.sections.people import open_questions
from labcore_notebook.sections.setup import contents

STOPS: dict[str, Tone] = {"unconfirmed": "bad", "acknowledged": "warn"}


def vessels(page: Page) -> list[Block]:
    """List what every vessel holds and where it stands."""
    if not page.books.vessels:
        return [page.missing("vessel.none")]
    words = page.words
    columns = (
        Column(words("setup.vessel"), keep=True),
        Column(words("setup.place"), keep=True),
        Column(words("vessel.total"), "right"),
        Column(words("setup.contents")),
    )
    rows = tuple(_vessel(page, name, one) for name, one in page.books.vessels.items())
    return [Table("", columns, rows, words("vessel.note"))]


def _vessel(page: Page, name: str, one: VesselState) -> Row:
    place = one.place or page.words("vessel.nowhere")
    cells = (name, place, page.volume(one.volume), contents(page, one.contents, one.solids))
    return Row(cells, tuple(sorted(page.books.cites[name])), "plain" if one.place else "warn")


def stops(page: Page) -> list[Block]:
    """List how making every device safe was settled."""
    found = page.story.of(ev.StopSettled)
    if not found:
        return [page.missing("stop.none")]
    words = page.words
    columns = tuple(
        Column(words(f"stop.{key}"), keep=key == "time")
        for key in ("time", "device", "outputs", "status", "confirmed")
    )
    rows = tuple(
        Row(
            (
                page.when(event.at),
                event.device or "–",
                words.several([words.word("observable", one) for one in body.outputs]),
                words.word("stop_status", body.status),
                page.reason(body.confirmed_by or body.message) or "–",
            ),
            cited(event),
            STOPS.get(body.status, "plain"),
        )
        for event, body in found
    )
    return [Table("", columns, rows)]


def unanswered(page: Page) -> list[Block]:
    """List what is open: questions, tasks left to people, acts without an end, conditions nobody could decide."""
    found = [*open_questions(page), *_left(page), *_unsettled(page), *_undecided(page), *_lost(page)]
    return [Prose(tuple(found))] if found else [page.missing("open.none")]


def _left(page: Page) -> list[Statement]:
    return [
        Statement(page.words("open.task", step=span.key, label=page.label(span)), span.cites, "warn")
        for span in page.story.steps
        if span.ended is not None and isinstance(span.ended.body, ev.StepEnded) and _is_left(span.ended.body)
    ]


def _is_left(ended: ev.StepEnded) -> bool:
    """Say whether it was left as a task: what labcore writes then begins with these words."""
    return ended.outcome == "skipped" and ended.error.startswith("left as a task")


def _unsettled(page: Page) -> list[Statement]:
    return [
        Statement(
            page.words("open.act", todo=intention(page, act), time=page.when(act.intent.at)), act.cites, "bad"
        )
        for act in page.story.acts
        if act.outcome is None or act.outcome.status == "unknown"
    ]


def _undecided(page: Page) -> list[Statement]:
    return [
        Statement(
            page.words("open.condition", condition=body.text, reason=page.reason(body.reason) or "–"),
            cited(event),
            "warn",
        )
        for event, body in page.story.of(ev.ConditionTested)
        if body.holds is None
    ]


def _lost(page: Page) -> list[Statement]:
    return [
        Statement(page.words("open.place", vessel=name), tuple(sorted(page.books.cites[name])), "warn")
        for name, one in page.books.vessels.items()
        if one.place is None
    ]
