"""A plan that can be followed before anything moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from labcore.model.plan import Plan
from labcore.pipeline.form import Form


@dataclass(frozen=True, slots=True)
class Followable:
    """A plan with its verbs, validated arguments by step id, steps that cannot be followed, and faults of its devices.

    With `devices_broken`, that a step finds no device is no news.
    """

    plan: Plan
    forms: Mapping[str, Form]
    ready: Mapping[str, BaseModel] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    devices_broken: bool = False
