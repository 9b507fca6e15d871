"""Pictures: the moments that matter with captions, and a strip evenly spread over all."""

from __future__ import annotations

from labcore.model import event as ev
from labcore_notebook.journal import Picture, cited
from labcore_notebook.notebook import Block, Pictures, Shot, Statement, Tone
from labcore_notebook.page import TURBIDITY, Page
from labcore_notebook.sampling import evenly
from labcore_notebook.series import Series, Value

MOST_FLAGGED = 3
MOST_IN_STRIP = 16
MOST_VESSELS = 6


def pictures(page: Page) -> list[Block]:
    """Show, for every vessel, the first picture, onset, half-rise, the last one and the flagged ones."""
    groups: dict[str, list[Picture]] = {}
    for shot in page.story.pictures:
        groups.setdefault(shot.body.vessel, []).append(shot)
    if not groups:
        return [page.missing("picture.none")]
    blocks: list[Block] = [
        _vessel(page, vessel, shots) for vessel, shots in list(groups.items())[:MOST_VESSELS]
    ]
    if len(groups) > MOST_VESSELS:
        blocks.append(page.missing("picture.more_vessels"))
    return blocks


def _vessel(page: Page, vessel: str, shots: list[Picture]) -> Pictures:
    words = page.words
    chosen = _moments(page, vessel, shots)
    moments = tuple(_shot(page, shot, heading) for shot, heading in chosen)
    strip = (
        tuple(_thumb(page, shot) for shot in evenly(shots, MOST_IN_STRIP)) if len(shots) > len(chosen) else ()
    )
    note = Statement(
        words("picture.count", count=len(shots), vessel=vessel),
        cited(*(shot.event for shot in shots)),
    )
    title = words("picture.title", vessel=vessel)
    return Pictures(title, moments, words("picture.strip") if strip else "", strip, note)


def _moments(page: Page, vessel: str, shots: list[Picture]) -> list[tuple[Picture, str]]:
    """Choose pictures and say why; a picture that qualifies twice is shown once with both reasons."""
    reasons: dict[int, list[str]] = {}
    _because(reasons, shots[0], page.words("picture.first"))
    found = page.rises.get((TURBIDITY, vessel))
    for value, key in ((found.onset, "onset"), (found.half, "half")) if found else ():
        shot = _of(shots, value)
        if shot is not None:
            _because(reasons, shot, page.words(f"picture.{key}"))
    _because(reasons, shots[-1], page.words("picture.last"))
    flagged = [shot for shot in shots if _tone(shot) != "plain"]
    for shot in evenly(flagged, MOST_FLAGGED):
        _because(reasons, shot, page.words("picture.flagged"))
    return [
        (shot, page.words("picture.both").join(reasons[shot.event.position]))
        for shot in shots
        if shot.event.position in reasons
    ]


def _because(reasons: dict[int, list[str]], shot: Picture, reason: str) -> None:
    reasons.setdefault(shot.event.position, []).append(reason)


def _of(shots: list[Picture], value: Value | None) -> Picture | None:
    evidence = value.body.evidence if value is not None else ()
    return next((shot for shot in shots if shot.event.position in evidence), None)


def _tone(shot: Picture) -> Tone:
    qualities = {one.body.quality for one in shot.values if isinstance(one.body, ev.Observed)}
    return "bad" if "bad" in qualities else "warn" if "doubtful" in qualities else "plain"


def _shot(page: Page, shot: Picture, heading: str) -> Shot:
    said = [
        page.when(shot.event.at),
        *(_said(page, one.body) for one in shot.values if isinstance(one.body, ev.Observed)),
    ]
    if not shot.values:
        said.append(page.words("picture.no_value"))
    caption = Statement(" · ".join(said), shot.cites, _tone(shot))
    return Shot(shot.body.blob, heading, caption, shot.event.position, _tone(shot))


def _said(page: Page, body: ev.Observed) -> str:
    series = _series(page, body)
    what = page.words.word("observable", body.observable)
    value = page.words("observation.no_value")
    if body.value is not None:
        low = body.value if body.low is None else body.low
        high = body.value if body.high is None else body.high
        value = page.words.spread(low, body.value, high, body.unit, series.places if series else None)
    said = page.words("picture.said", what=what, value=value)
    marks = [page.words.word("quality", body.quality)] if body.quality != "good" else []
    marks += [page.words.word("flag", flag) for flag in body.flags]
    return f"{said} · {page.words.several(marks)}" if marks else said


def _series(page: Page, body: ev.Observed) -> Series | None:
    return next(
        (one for one in page.series if (one.observable, one.subject) == (body.observable, body.subject)), None
    )


def _thumb(page: Page, shot: Picture) -> Shot:
    return Shot(
        shot.body.blob,
        "",
        Statement(page.when(shot.event.at), cited(shot.event)),
        shot.event.position,
        _tone(shot),
    )
