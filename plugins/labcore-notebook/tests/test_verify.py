"""Every number on the page follows from the events beside it, and a changed record is noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from labcore.model import event as ev
from labcore.model.effect import SetOutput, Transfer
from labcore.model.interval import Interval
from labcore_notebook.notebook import Prose, Section, Statement
from labcore_notebook.render import build
from labcore_notebook.verify import verify


@pytest.mark.parametrize("language", ["en", "ja"])
def test_all_numbers_agree(robot: Any, human: Any, language: str) -> None:
    for record, least in ((robot, 250), (human, 80)):
        verdict = verify(build(record, language), record)
        assert verdict.unsupported == ()
        assert verdict.numbers > least


def mutant(body: Any) -> Any:
    """Return a body with other numbers, the same body if the page shows none of it."""
    match body:
        case ev.Observed(value=float(value), low=float(low), high=float(high)):
            return replace(body, value=value + 0.37, low=low + 0.37, high=high + 0.37)
        case ev.Settled(amount=Interval(mid=mid)):
            return replace(body, amount=Interval.around(mid + 1.3, absolute=0.31))
        case ev.Intended(effects=(Transfer() as move,)):
            return replace(body, effects=(replace(move, volume=Interval.exactly(move.volume.mid + 2.0)),))
        case ev.Intended(effects=(SetOutput(value=float(value)) as output,)):
            return replace(body, effects=(replace(output, value=value + 70.0),))
        case ev.VesselStated(contents=dict(held)) if held:
            return replace(body, contents={name: one.scale(1.1) for name, one in held.items()})
        case ev.RoundStarted(late=late) if late > 1:
            return replace(body, late=late + 1.7)
    return body


def with_mutant(run: Any, index: int) -> bool:
    """Put a mutant in the place of one event; a settlement repeats its intent's effects, so they change together.

    Where as much was delivered as ordered, the record still holds the number: numbers are compared, not their roles.
    """
    event = run.lines[index]
    following = run.lines[index + 1].body if index + 1 < len(run.lines) else None
    delivered = (
        isinstance(following, ev.Settled) and following.status == "done" and following.amount is not None
    )
    body = event.body if delivered else mutant(event.body)
    if body is event.body:
        return False
    run.lines[index] = replace(event, body=body)
    if isinstance(body, ev.Intended):
        after = run.lines[index + 1]
        run.lines[index + 1] = replace(after, body=replace(after.body, effects=body.effects))
    return True


def test_a_record_changed_after_writing_is_noticed(make_robot: Callable[..., Any]) -> None:
    """Mutation test: change one event at a time under a finished page."""
    run = make_robot()
    page, lines = build(run), list(run.lines)
    tried, survivors = 0, []
    for index in range(len(lines)):
        if with_mutant(run, index):
            tried += 1
            survivors += [] if verify(page, run).unsupported else [lines[index]]
            run.lines[:] = lines
    assert tried >= 30
    assert survivors == []


def test_a_shifted_time_is_noticed(make_robot: Callable[..., Any]) -> None:
    """Shift each act, and each picture with what was seen on it."""
    run = make_robot()
    page, lines = build(run), list(run.lines)
    acts = [(n, one) for n, one in enumerate(lines) if isinstance(one.body, ev.Intended | ev.ImageTaken)]
    assert len(acts) >= 30
    for index, event in acts:
        shifted = [replace(one, at=one.at + 17.0) for one in lines[index : index + 3] if one.at == event.at]
        run.lines[index : index + len(shifted)] = shifted
        assert verify(page, run).unsupported, event
        run.lines[:] = lines


def test_a_made_up_number_is_named_on_the_page(robot: Any) -> None:
    page = build(robot)
    invented = Statement("The yield was 93.4 %.", (0, 5))
    made_up = Section("aim", "Aim", (Prose((invented,)),))
    page = replace(page, sections=(made_up, *page.sections[1:]))
    assert [one.number for one in verify(page, robot).unsupported] == ["93.4"]


def test_the_page_says_that_it_was_checked(robot: Any) -> None:
    page = build(robot)
    assert page.checked
    assert "all agree" in page.check
