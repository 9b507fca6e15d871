"""Repetitions that nobody lives to see the end of: too many rounds to be carried out, or years of them."""

from __future__ import annotations

from labcore.model.fields import LONGEST
from labcore.model.plan import Choice, Node, Parallel, Repeat, Sequence
from labcore.pipeline.check.rounds import rounds_of
from labcore.pipeline.check.subject import Subject

MOST = 1_000_000  # rounds of a repetition, those of the repetitions around it counted in


def check_endless(subject: Subject) -> None:
    """Note repetitions that cannot be carried out in a lifetime."""
    _look(subject, subject.plan.root, 1)


def _look(subject: Subject, node: Node, times: int) -> None:
    """Look at a node that is carried out so many times."""
    match node:
        case Repeat():
            rounds = times * rounds_of(node, most=True)
            if not _note(subject, node, rounds):
                _look(subject, node.body, rounds)
        case Sequence(steps=steps, finally_=last):
            _all(subject, (*steps, *last), times)
        case Parallel(branches=branches, finally_=last):
            _all(subject, (*branches, *last), times)
        case Choice(then=then, otherwise=otherwise):
            _all(subject, (then,) if otherwise is None else (then, otherwise), times)


def _all(subject: Subject, nodes: tuple[Node, ...], times: int) -> None:
    for one in nodes:
        _look(subject, one, times)


def _note(subject: Subject, node: Repeat, rounds: int) -> bool:
    """Say whether a repetition is beyond all bounds, after noting it."""
    key = "times" if node.times is not None else "every"
    at, remedy = subject.at_modifier(node, key), "Repeat it less often; a long watch needs a longer `every`."
    if rounds > MOST:
        message = f"this comes to {rounds:,} rounds; {MOST:,} are the most that can be carried out"
    elif node.every is not None and rounds * node.every > LONGEST.in_("s"):
        message = f"{rounds:,} rounds, one every {node.every:g} s, take longer than {LONGEST}"
    else:
        return False
    subject.note("E819", node, message, remedy, at=at)
    return True
