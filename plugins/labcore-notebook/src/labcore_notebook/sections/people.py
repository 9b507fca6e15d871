"""Questions put to people, and what they answered."""

from __future__ import annotations

from labcore.model import event as ev
from labcore_notebook.journal import Question, cited
from labcore_notebook.notebook import Block, Column, Row, Statement, Tone
from labcore_notebook.page import Page, quantity
from labcore_notebook.sampling import sampled

MOST, MOST_DIFFERENT = 12, 40


def people(page: Page) -> list[Block]:
    """List questions with answers, in the order in which they were asked."""
    if not page.story.questions:
        return [page.missing("question.none")]
    words = page.words
    columns = (
        Column(words("question.time"), keep=True),
        Column(words("question.text")),
        Column(words("question.answer"), keep=True),
        Column(words("question.by"), keep=True),
        Column(words("question.waited"), "right"),
    )
    rows = [_row(page, one) for one in page.story.questions]
    return [sampled(page, "", columns, rows, most=MOST, always=_first_of_each(page))]


def _first_of_each(page: Page) -> frozenset[int]:
    """Return the indices of questions that say something new: a person who photographs is asked every time."""
    seen: dict[str, int] = {}
    for index, one in enumerate(page.story.questions):
        seen.setdefault(one.body.text, index)
    return frozenset(list(seen.values())[:MOST_DIFFERENT])


def _row(page: Page, one: Question) -> Row:
    answer, by, mood = _end(page, one)
    waited = page.when(one.end.at - one.event.at) if one.end else "–"
    text = one.body.text
    if one.body.options and one.body.ask != "act":
        text += page.words("question.options", options=page.words.several(list(one.body.options)))
    return Row((page.when(one.event.at), text, answer, by, waited), cited(one.event, one.end), mood)


def _end(page: Page, one: Question) -> tuple[str, str, Tone]:
    body = one.end.body if one.end else None
    if isinstance(body, ev.Answered) and one.end is not None:
        text = quantity(body.value)
        return (page.words("question.with_picture", answer=text) if body.blob else text), body.by, "plain"
    if isinstance(body, ev.Withdrawn):
        return page.words("question.withdrawn", why=page.reason(body.why)), "–", "warn"
    return page.words("question.open"), "–", "warn"


def open_questions(page: Page) -> list[Statement]:
    """Return the questions nobody answered."""
    return [
        Statement(
            page.words("open.question", text=one.body.text, time=page.when(one.event.at)),
            cited(one.event),
            "warn",
        )
        for one in page.story.questions
        if one.end is None
    ]
