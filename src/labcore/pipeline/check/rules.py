"""Checks over the whole plan, after it was followed. Pure."""

from __future__ import annotations

from labcore.pipeline.check.conditions import check_conditions
from labcore.pipeline.check.culprit import culprit
from labcore.pipeline.check.endless import check_endless
from labcore.pipeline.check.flow import check_flow
from labcore.pipeline.check.foregone import check_foregone
from labcore.pipeline.check.limits import check_limits
from labcore.pipeline.check.notes import Note
from labcore.pipeline.check.results import check_results
from labcore.pipeline.check.safety import check_safety
from labcore.pipeline.check.stock import check_stock
from labcore.pipeline.check.subject import Subject
from labcore.pipeline.check.unused import check_unused

RULES = (
    check_conditions, check_limits, check_safety, check_flow, check_results, check_stock, check_unused,
    check_endless, check_foregone,
)  # fmt: skip


def check_rules(subject: Subject) -> None:
    """Run every rule."""
    for rule in RULES:
        rule(subject)


def note_followed(subject: Subject, notes: list[Note]) -> None:
    """Note what was found while the plan was followed, each at the key or value it is about."""
    for note in notes:
        key = culprit(note.step, note.code, note.message, note.field, subject.form(note.step))
        at = subject.at_argument(note.step, key) if key else None
        subject.note(note.code, note.step, note.message, note.remedy, at=at)
