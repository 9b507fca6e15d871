"""The head of the page: how the run ended, in what world, and the figures one asks for first."""

from __future__ import annotations

from labcore.model import event as ev
from labcore.model.world import World, world_of
from labcore_notebook.journal import cited
from labcore_notebook.notebook import Banner, Fact, Tone
from labcore_notebook.numbers import clock, decimals
from labcore_notebook.page import Page
from labcore_notebook.sections.deviations import deviations
from labcore_notebook.series import Series
from labcore_notebook.words import Words

TONES: dict[str, Tone] = {
    "done": "good",
    "failed": "bad",
    "stopped": "warn",
    "aborted": "bad",
    "running": "plain",
}


def banner(page: Page) -> Banner:
    """Say how the run ended, and whether it was simulated or real."""
    words, story = page.words, page.story
    finish = story.finish.body if story.finish is not None else None
    outcome = finish.outcome if isinstance(finish, ev.RunEnded) else "running"
    reason = finish.reason if isinstance(finish, ev.RunEnded) else ""
    text = words(f"outcome.{outcome}", time=clock(story.end))
    world = _world(page)
    cites = cited(story.start, story.finish) or story.everything
    return Banner(
        outcome,
        f"{text} {words('outcome.reason', reason=page.reason(reason))}" if reason else text,
        TONES[outcome],
        world,
        words(f"world.{world}_title"),
        words(f"world.{world}"),
        cites,
    )


def _world(page: Page) -> World:
    """Say what took part: devices, and people who answered."""
    story = page.story
    took_part = (one for one in story.events if one.device or isinstance(one.body, ev.Answered))
    sources = {event.source for event in took_part}
    start = story.start.body if story.start is not None else None
    return world_of(isinstance(start, ev.RunStarted) and start.simulated, sources)


def glance(page: Page) -> tuple[Fact, ...]:
    """Return the handful of figures that stand at the top."""
    facts = [_duration(page), *_volume(page), *_turbidity(page), _pictures(page), _deviations(page)]
    return tuple(facts)


def _duration(page: Page) -> Fact:
    ends = cited(page.story.start, page.story.finish) or page.story.everything
    key = "glance.duration" if page.story.finish else "glance.so_far"
    return Fact(page.words(key), clock(page.story.end), ends)


def _volume(page: Page) -> list[Fact]:
    moves = [one for one in page.books.deliveries if one.volume.high > 0]
    if not moves:
        return []
    targets = [one.move.target for one in moves]
    main = max(dict.fromkeys(targets), key=lambda name: sum(1 for target in targets if target == name))
    vessel = page.books.vessels.get(main)
    if vessel is None:
        return []
    cites = tuple(sorted(page.books.cites[main]))
    held = vessel.volume
    places = decimals(held.width / 2)
    span = page.words.bracketed(held.low, held.high, places)
    return [
        Fact(
            page.words("glance.volume", vessel=main),
            page.words.number(held.mid, "mL", places),
            cites,
            detail=span,
        )
    ]


def _turbidity(page: Page) -> list[Fact]:
    facts: list[Fact] = []
    for found in page.rises.values():
        span = page.words("glance.until", time=clock(found.onset.at))
        cites = cited(found.before.event, found.onset.event, found.confirmed.event)
        facts.append(Fact(page.words("glance.onset"), clock(found.before.at), cites, detail=span))
    return (
        facts[:1]
        + [_last(page, one) for one in page.series if one.observable == "turbidity" and one.good][:1]
    )


def _last(page: Page, series: Series) -> Fact:
    last = series.good[-1]
    low, high = last.bounds
    span = page.words.bracketed(low, high, series.places)
    value = page.words.number(last.body.value or 0.0, series.unit, series.places)
    label = page.words(
        "glance.last", what=_capital(page.words.word("observable", series.observable), page.words)
    )
    return Fact(label, value, cited(last.event), detail=span)


def _capital(text: str, words: Words) -> str:
    return text[:1].upper() + text[1:] if words.language == "en" else text


def _pictures(page: Page) -> Fact:
    shots = page.story.pictures
    cites = cited(*(one.event for one in shots)) or page.story.everything
    return Fact(page.words("glance.pictures"), str(len(shots)), cites)


def _deviations(page: Page) -> Fact:
    found = deviations(page)
    cites = tuple(sorted({position for row in found for position in row.cites})) or page.story.everything
    return Fact(page.words("glance.deviations"), str(len(found)), cites, "warn" if found else "plain")
