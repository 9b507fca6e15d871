"""How long a gantry is expected to take, from its profile and options: what a plan says before anything moves."""

from __future__ import annotations

import math

from labcore.model.pace import Pace
from labcore_gantry.options import GantryOptions
from labcore_gantry.profile import Profile, load_profile


def paces_of(options: GantryOptions) -> dict[str, Pace]:
    """Return the pace of every act; ways are taken as half the deck's diagonal, because places are not known yet."""
    profile = load_profile(options.profile)
    timing, polled = profile.timing, profile.status.poll_longest_s
    there = _way(profile) / timing.travel_mm_per_min * 60.0
    dose = Pace(2 * (there + 2 * timing.head_s) + polled, 2.0 / _flow(options, profile), _stroke(options))
    carry = Pace(2 * there + 4 * timing.head_s + 3 * timing.grip_s + polled)
    return {"dispense": dose, "prime": dose, "rinse": dose, "place": carry, "home": Pace(timing.home_s)}


def _way(profile: Profile) -> float:
    area = profile.area
    return math.hypot(area.x_mm[1] - area.x_mm[0], area.y_mm[1] - area.y_mm[0]) / 2


def _stroke(options: GantryOptions) -> float:
    """Return what one full stroke moves, mL."""
    return options.syringe.in_("mL") * (options.calibration.factor if options.calibration else 1.0)


def _flow(options: GantryOptions, profile: Profile) -> float:
    """Return mL/s while the plunger moves."""
    if options.feed is not None:
        return options.feed.in_("mL/s")
    plunger = profile.plunger
    return _stroke(options) / plunger.stroke_mm * plunger.feed_mm_per_min / 60.0
