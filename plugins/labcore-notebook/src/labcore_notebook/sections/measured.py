"""What was learned of volumes without moving them: measurements narrow, time widens, people decide."""

from __future__ import annotations

from labcore.model import event as ev
from labcore.model.event import Event
from labcore_notebook.journal import cited
from labcore_notebook.notebook import Block, Column, Row, Table
from labcore_notebook.page import Page

NOTABLE = 0.05  # mL of evaporation that is worth a line


def measured(page: Page) -> list[Block]:
    """List what measurements narrowed and what people decided about a vessel during the run."""
    found: list[tuple[Event, ev.VolumeNarrowed | ev.VesselStated]] = []
    found += page.story.of(ev.VolumeNarrowed)
    found += _restated(page)
    found.sort(key=lambda one: one[0].position)
    if not found:
        return []
    words = page.words
    columns = (
        Column(words("materials.time"), keep=True),
        Column(words("setup.vessel"), keep=True),
        Column(words("measured.before"), "right"),
        Column(words("measured.now"), "right"),
        Column(words("materials.by")),
    )
    return [
        Table(
            words("measured.title"),
            columns,
            tuple(_row(page, event, body) for event, body in found),
            words("measured.note"),
        )
    ]


def evaporated(page: Page) -> list[Block]:
    """List the vessels of which a notable part may have evaporated."""
    words = page.words
    rows = tuple(
        Row((name, words.number(one.lost, "mL")), tuple(sorted(page.books.cites[name])), "warn")
        for name, one in page.books.vessels.items()
        if one.lost > NOTABLE and name in page.books.cites
    )
    columns = (Column(words("setup.vessel"), keep=True), Column(words("measured.lost"), "right"))
    return (
        [Table(words("measured.evaporation"), columns, rows, words("measured.evaporation_note"))]
        if rows
        else []
    )


def _restated(page: Page) -> list[tuple[Event, ev.VesselStated]]:
    """Return what somebody said of a vessel after the run began with it."""
    first = {event.position for event, _ in page.books.stated.values()}
    return [one for one in page.story.of(ev.VesselStated) if one[0].position not in first]


def _row(page: Page, event: Event, body: ev.VolumeNarrowed | ev.VesselStated) -> Row:
    if isinstance(body, ev.VolumeNarrowed):
        cells = (
            page.when(event.at),
            body.vessel,
            page.volume(body.before),
            page.volume(body.volume),
            page.who(event, body.by),
        )
        return Row(cells, tuple(sorted({*cited(event), *body.evidence})))
    now = page.words("measured.decided") if body.total is None else page.volume(body.total)
    return Row((page.when(event.at), body.vessel, "–", now, body.by), cited(event), "warn")
