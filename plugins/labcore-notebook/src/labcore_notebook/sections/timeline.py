"""The timeline: the protocol's own steps above, every device's acts, outputs and pictures below."""

from __future__ import annotations

from dataclasses import replace

from labcore.model import event as ev
from labcore.model.effect import SetOutput
from labcore_notebook.journal import Done, Span, cited, top_level
from labcore_notebook.notebook import Bar, Lane, Statement, Timeline, Tone
from labcore_notebook.page import Page
from labcore_notebook.sampling import evenly
from labcore_notebook.sections.acts import sentence, tone

MOST_STEPS = 24
MOST_BARS = 400
ENDS: dict[str, Tone] = {"done": "plain", "failed": "bad", "skipped": "missing", "cut": "warn"}


def timeline(page: Page) -> Timeline:
    """Lay out lanes for steps and for devices."""
    words = page.words
    steps, devices = _step_lanes(page), _device_lanes(page)
    caption = Statement(words("timeline.caption"), page.story.everything)
    titled = ((words("timeline.steps"), steps), (words("timeline.devices"), devices))
    groups = tuple((title, lanes) for title, lanes in titled if lanes)
    return Timeline(words("timeline.title"), caption, groups, max(page.story.end, 1.0), words("axis.time"))


def _step_lanes(page: Page) -> tuple[Lane, ...]:
    spans = top_level(page.story.steps)
    lanes: dict[str, list[Span]] = {}
    for span in spans:
        lanes.setdefault(span.key, []).append(span)
    return tuple(_step_lane(page, key, mine) for key, mine in list(lanes.items())[:MOST_STEPS])


def _step_lane(page: Page, key: str, spans: list[Span]) -> Lane:
    number = key.removeprefix("finally.")
    label = page.words("timeline.clean_up", number=number) if key.startswith("finally.") else number
    rounds = [one.at for one, _ in page.story.of(ev.RoundStarted) if one.step == key]
    return Lane(
        label,
        _title(page, spans[0]),
        tuple(_step_bar(page, span) for span in spans),
        tuple(evenly(rounds, 300)),
    )


def _title(page: Page, span: Span) -> str:
    """Name a step; a repetition by what it repeats."""
    if span.verb in ("repeat", "sequence", "parallel", "choice"):
        inside = next((one for one in page.story.steps if one.key.startswith(f"{span.key}#")), None)
        if inside is not None and (inside.label or inside.verb) != (span.label or span.verb):
            return page.words("timeline.repeated", label=page.label(span), inside=page.label(inside))
    return page.label(span)


def _step_bar(page: Page, span: Span) -> Bar:
    ended = span.ended.body if span.ended else None
    mood: Tone = ENDS[ended.outcome] if isinstance(ended, ev.StepEnded) else "warn"
    end = span.ended.at if span.ended else page.story.end
    started = span.started.body
    background = isinstance(started, ev.StepStarted) and started.background
    text = f"{page.label(span)}: {page.words.clock_span(span.started.at, end)}"
    return Bar(span.started.at, end, text, span.cites, mood, soft=background)


def _device_lanes(page: Page) -> tuple[Lane, ...]:
    story = page.story
    names = dict.fromkeys([*story.drivers, *(act.intent.device or "" for act in story.acts)])
    shots = {shot.event.device or "" for shot in story.pictures}
    asked = {event.device or "" for event, _ in story.of(ev.Asked)}
    lanes = [
        _device_lane(page, name)
        for name in dict.fromkeys([*names, *shots, *asked])
        if name and _busy(page, name)
    ]
    return tuple(_with_questions(page, lanes))


def _with_questions(page: Page, lanes: list[Lane]) -> list[Lane]:
    """Add the protocol's own questions, from question to answer, to the one person's lane or to a new one."""
    asked = _question_bars(page)
    people = [lane for lane in lanes if lane.label in page.persons]
    if not asked:
        return lanes
    if len(people) != 1:
        return [*lanes, Lane(page.words("timeline.person"), "", asked)]
    return [replace(lane, bars=(*lane.bars, *asked)) if lane is people[0] else lane for lane in lanes]


def _question_bars(page: Page) -> tuple[Bar, ...]:
    end = page.story.end
    return tuple(
        Bar(one.event.at, one.end.at if one.end else end, one.body.text, cited(one.event, one.end), soft=True)
        for one in page.story.questions
        if not one.event.device
    )


def _busy(page: Page, name: str) -> bool:
    kinds = ev.Intended | ev.ImageTaken | ev.Asked | ev.Observed
    return any(event.device == name and isinstance(event.body, kinds) for event in page.story.events)


def _device_lane(page: Page, name: str) -> Lane:
    story = page.story
    mine = [act for act in story.acts if act.intent.device == name]
    bars = [*_outputs(page, mine), *(_act_bar(page, act) for act in evenly(mine, MOST_BARS))]
    kinds = ev.ImageTaken | ev.Observed
    instants = [event.at for event in story.events if event.device == name and isinstance(event.body, kinds)]
    instants += [event.at for event, _ in story.of(ev.Answered) if event.device == name]
    return Lane(name, story.drivers.get(name, ""), tuple(bars), tuple(evenly(sorted(set(instants)), 300)))


def _act_bar(page: Page, act: Done) -> Bar:
    end = act.settled.at if act.settled else page.story.end
    return Bar(act.intent.at, end, sentence(page, act), act.cites, tone(act))


def _outputs(page: Page, acts: list[Done]) -> list[Bar]:
    """Draw how long an output was on: from its settlement to its change, its stop or the record's end."""
    changes = [(act, effect) for act in acts for effect in act.asked.effects if isinstance(effect, SetOutput)]
    bars: list[Bar] = []
    for index, (act, effect) in enumerate(changes):
        if (
            effect.value is None
            or act.outcome is None
            or act.outcome.status == "not_started"
            or act.settled is None
        ):
            continue
        following = next(
            (later for later, other in changes[index + 1 :] if other.output == effect.output), None
        )
        end = following.settled if following and following.settled else _stopped(page, act, effect.output)
        until = end.at if end is not None else page.story.end
        text = page.words(
            "timeline.output",
            output=page.words.word("observable", effect.output),
            value=page.words.number(effect.value, effect.unit),
            span=page.words.clock_span(act.settled.at, until),
        )
        bars.append(Bar(act.settled.at, until, text, cited(act.settled, end), soft=True))
    return bars


def _stopped(page: Page, act: Done, output: str) -> ev.Event | None:
    stops = page.story.of(ev.StopSettled)
    return next(
        (
            one
            for one, body in stops
            if one.device == act.intent.device
            and one.at >= act.intent.at
            and output in body.outputs
            and body.status in ("halted", "ran_to_completion")
        ),
        None,
    )
