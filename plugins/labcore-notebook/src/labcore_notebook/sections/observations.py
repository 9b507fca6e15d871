"""Observations: the curves, when a rise began and by what rule, and the table of values."""

from __future__ import annotations

from labcore_notebook.journal import cited
from labcore_notebook.notebook import Block, Column, Curve, Mark, Point, Row, Statement, Table, Tone
from labcore_notebook.page import TURBIDITY, Page
from labcore_notebook.sampling import sampled
from labcore_notebook.sections.acts import sentence
from labcore_notebook.series import BASELINE, FEWEST, PLATEAU, Rise, Series, Value, cites_of

FEWEST_POINTS = 3
MOST_ROWS = 30
TONES: dict[str, Tone] = {"good": "plain", "doubtful": "warn", "bad": "bad"}


def observations(page: Page) -> list[Block]:
    """Draw every series long enough, then list the values."""
    if not page.series:
        return [page.missing("observation.none")]
    curves: list[Block] = [
        _curve(page, one)
        for one in page.series
        if sum(v.body.value is not None for v in one.values) >= FEWEST_POINTS
    ]
    return [*curves, *(_table(page, one) for one in page.series)]


def _curve(page: Page, series: Series) -> Curve:
    words = page.words
    found = page.rises.get((series.observable, series.subject))
    what = _capital(page, words.word("observable", series.observable))
    scale = (
        words("axis.turbidity")
        if series.observable == TURBIDITY
        else f"{what} / {series.unit}"
        if series.unit
        else what
    )
    legend = tuple(words(f"curve.{key}") for key in ("good", "doubtful", "bad", "interval"))
    return Curve(
        title=_capital(page, page.name_of(series)),
        axis_x=words("axis.time"),
        axis_y=scale,
        legend=(legend[0], legend[1], legend[2], legend[3]),
        points=tuple(_point(one) for one in series.values),
        marks=_marks(page, series),
        onset=(found.before.at, found.onset.at) if found else None,
        onset_label=words("curve.onset"),
        y_range=(0.0, 5.0) if series.observable == TURBIDITY else None,
        statements=tuple(_statements(page, series, found)),
    )


def _capital(page: Page, name: str) -> str:
    return name[:1].upper() + name[1:] if page.words.language == "en" else name


def _point(one: Value) -> Point:
    low, high = one.bounds if one.body.value is not None else (None, None)
    return Point(one.at, one.body.value, low, high, one.body.quality, cited(one.event))


def _marks(page: Page, series: Series) -> tuple[Mark, ...]:
    """Mark the additions to the vessel, as long as a reader can tell them apart."""
    mine = [one for one in page.books.deliveries if one.move.target == series.subject and one.volume.high > 0]
    if len(mine) > 12:
        return ()
    ends = [one.act.settled or one.act.intent for one in mine]
    return tuple(
        Mark(
            end.at,
            page.words("curve.mark", time=page.when(end.at), text=sentence(page, one.act)),
            one.act.cites,
        )
        for one, end in zip(mine, ends, strict=True)
    )


def _statements(page: Page, series: Series, found: Rise | None) -> list[Statement]:
    words, good = page.words, series.good
    every = cites_of(series.values)
    count = words(
        "curve.count",
        count=len(series.values),
        good=len(good),
        what=page.name_of(series),
        doubtful=sum(1 for one in series.values if one.body.quality == "doubtful"),
        bad=sum(1 for one in series.values if one.body.quality == "bad"),
        by=words.several(list(dict.fromkeys(one.body.by for one in series.values))),
    )
    statements = [Statement(count, every)]
    if series.observable != TURBIDITY:
        return statements
    if found is None:
        key = "curve.no_onset_few" if len(good) < FEWEST else "curve.no_onset"
        return [*statements, Statement(words(key, fewest=FEWEST, baseline=BASELINE), every, "missing")]
    return [*statements, *_rise(page, series, found)]


def _rise(page: Page, series: Series, found: Rise) -> list[Statement]:
    words = page.words
    used = (*found.baseline, found.before, found.onset, found.confirmed)
    onset = words(
        "curve.onset_found",
        before=page.when(found.before.at),
        at=page.when(found.onset.at),
        value=page.value(found.onset, series),
        baseline=BASELINE,
        threshold=words.number(found.threshold, series.unit, series.places),
    )
    statements = [Statement(onset, cites_of(used))]
    if found.half is not None:
        text = words(
            "curve.half",
            time=page.when(found.half.at),
            value=page.value(found.half, series),
            plateau=PLATEAU,
            level=words.number(found.half_level, series.unit, series.places),
        )
        statements.append(Statement(text, cites_of((*found.baseline, found.half, *found.plateau))))
    last = series.good[-1]
    text = words("curve.last", time=page.when(last.at), value=page.value(last, series))
    return [*statements, Statement(text, cites_of((last,)))]


def _table(page: Page, series: Series) -> Table:
    words = page.words
    columns = (
        Column(words("observation.time")),
        Column(words("observation.value"), "right"),
        Column(words("observation.interval"), "right"),
        Column(words("observation.quality")),
        Column(words("observation.flags")),
        *([Column(words("observation.by"))] if _authors(series) > 1 else []),
    )
    title = words("observation.table", what=_capital(page, page.name_of(series)))
    rows = [_row(page, series, one) for one in series.values]
    return sampled(
        page,
        title,
        columns,
        rows,
        most=MOST_ROWS,
        always=_landmarks(page, series),
        sources=words("observation.evidence"),
        dense=True,
    )


def _authors(series: Series) -> int:
    return len({one.body.by for one in series.values})


def _landmarks(page: Page, series: Series) -> frozenset[int]:
    found = page.rises.get((series.observable, series.subject))
    if found is None:
        return frozenset()
    wanted = (found.before, found.onset, found.half)
    return frozenset(index for index, one in enumerate(series.values) if one in wanted)


def _row(page: Page, series: Series, one: Value) -> Row:
    words, body = page.words, one.body
    low, high = one.bounds
    unit = body.unit
    value = (
        words.number(body.value, unit, series.places)
        if body.value is not None
        else words("observation.no_value")
    )
    interval = words.span(low, high, unit, series.places) if body.value is not None and high > low else "–"
    flags = words.several([words.word("flag", flag) for flag in body.flags])
    cells = (page.when(one.at), value, interval, words.word("quality", body.quality), flags)
    cites = tuple(sorted({one.event.position, *body.evidence}))
    return Row(cells + ((body.by,) if _authors(series) > 1 else ()), cites, TONES[body.quality])
