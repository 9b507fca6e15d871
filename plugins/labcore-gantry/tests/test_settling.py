from __future__ import annotations

import pytest

from labcore_gantry import program
from labcore_gantry.amounts import Progress, Scale
from labcore_gantry.profile import load_profile
from labcore_gantry.program import Known
from labcore_gantry.settling import settle_dose
from labcore_gantry.trouble import Trouble, Why
from labcore_gantry.wire import Activity, Status

PROFILE = load_profile("grbl11-syringe")
READY = Known("idle", (0.0, 0.0), 0.0, reset_first=False)
LINES = program.dose(program.begin(PROFILE, READY, 300.0, None), (40.0, 270.0), (320.0, 60.0), 48.0)
PUSH = next(number for number, line in enumerate(LINES) if line.kind == "push")
SCALE = Scale(25.0 / 60.0, 0.01, 0.01)


def status(x: float, y: float, z: float, activity: Activity = "idle") -> Status:
    return Status(activity, activity.title(), x, y, z)


@pytest.mark.parametrize(
    ("why", "at", "believed"),
    [
        ("silent", status(320.0, 60.0, 0.0), True),
        ("silent", status(320.0, 60.0, 0.0, "held"), True),
        ("silent", status(0.0, 0.0, 0.0), False),  # it restarted and nobody heard the banner
        ("silent", status(320.0, 60.0, 0.0, "alarm"), False),
        ("silent", None, False),
        ("restarted", status(320.0, 60.0, 0.0), False),
        ("alarm", status(320.0, 60.0, 0.0), False),
    ],
)
def test_which_status_is_believed(why: Why, at: Status | None, believed: bool) -> None:
    outcome = settle_dose(LINES, 20.0, SCALE, Progress(PUSH, PUSH + 1), Trouble(why, "why", at=at))
    assert outcome.amount is not None
    assert (outcome.amount.low > 19.0) is believed
    assert outcome.amount.high > 20.0
    assert ("plunger_at_end_mm" in outcome.evidence) is believed


@pytest.mark.parametrize(
    ("why", "status_word"),
    [
        ("silent", "unknown"),
        ("restarted", "unknown"),
        ("alarm", "partly"),
        ("short", "partly"),
        ("held", "unknown"),
    ],
)
def test_what_is_not_known_is_called_unknown(why: Why, status_word: str) -> None:
    assert (
        settle_dose(LINES, 20.0, SCALE, Progress(PUSH, PUSH + 1), Trouble(why, "why")).status == status_word
    )
