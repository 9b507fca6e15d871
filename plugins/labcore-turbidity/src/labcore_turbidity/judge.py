"""Read the turbidity of the liquid in a picture."""

from __future__ import annotations

import numpy as np

from .calibration import calibration
from .posterior import Belief
from .reading import Quality, Reading, Reference, Regions
from .signs import Optics, believe_card, believe_change, believe_dark
from .vision.arrays import Gray, Picture
from .vision.card import find_card
from .vision.change import compare, keep
from .vision.dark import read_dark
from .vision.look import CardLook, DarkLook, NoLook
from .vision.pixels import checked, linear, luma, sharpness
from .vision.transfer import read_before_card

__all__ = ["measure", "measure_all", "reference_from"]

SHARP = 0.13  # sharpness below which a picture without a card is not read
CLEAR = 0.9  # least transfer, relative to what is usual, of a picture that may serve as reference
STRAY = 0.003  # greatest glow of it, relative to white: less than 0.003 per cm
STEADY = 0.15  # greatest noise of it
SPOILS: dict[str, Quality] = {
    "no_vial": "bad", "liquid_not_seen": "bad", "black": "bad", "white": "bad", "bright_ground": "bad",
    "foam": "doubtful", "glare": "doubtful", "blurred": "doubtful", "dark": "doubtful", "overexposed": "doubtful",
    "several_vials": "doubtful", "no_card": "doubtful", "little_liquid": "doubtful", "sediment": "good", "unreadable": "bad",
    "saturated": "good", "uncalibrated": "good",
}  # fmt: skip


def measure(
    picture: Picture, *, inner_diameter_mm: float | None = None, reference: Reference | None = None
) -> Reading:
    """Return the reading of the one vial of a picture (height x width x 3, blue-green-red, uint8).

    `inner_diameter_mm` is the vial's; `reference` comes from an early, clear picture of the same vial. Where several
    vials stand in the picture, the most central one is read and the reading says so. Raises ValueError for what is no
    picture; a picture that shows nothing readable gives a reading without value.
    """
    readings = measure_all(picture, inner_diameter_mm=inner_diameter_mm, reference=reference)
    if len(readings) == 1:
        return readings[0]
    middle = np.asarray(picture).shape[1] / 2
    central = min(
        readings, key=lambda r: abs(sum(x for x, _ in r.regions.vial) / len(r.regions.vial) - middle)
    )
    return _reading(central, "several_vials")


def measure_all(
    picture: Picture, *, inner_diameter_mm: float | None = None, reference: Reference | None = None
) -> list[Reading]:
    """Return the readings of all vials from left to right; one reading without value where there is no vial."""
    picture = checked(picture)
    gray = luma(picture)
    constants = calibration()
    optics = Optics.of(inner_diameter_mm, constants)
    useless = _useless(gray)
    if useless:
        return [_none(NoLook((), (useless,)))]
    light = linear(picture)
    card = find_card(gray)
    if card is not None:
        look = read_before_card(picture, gray, light, card)
        if isinstance(look, NoLook):
            return [_none(look)]
        kept = None if reference is None else reference.kept
        change = None if kept is None else compare(kept, picture, look.place)
        belief = (
            believe_card(look, optics, constants, reference)
            if change is None
            else believe_change(change, optics, constants)
        )
        sure = reference is not None and inner_diameter_mm is not None
        return [_read(look, belief, () if sure else ("uncalibrated",))]
    if sharpness(gray) < SHARP:
        return [_none(NoLook((), ("no_card", "blurred")))]
    return [
        _none(one)
        if isinstance(one, NoLook)
        else _read(one, believe_dark(one, optics, constants), ("uncalibrated",))
        for one in read_dark(gray, light)
    ]


def reference_from(picture: Picture) -> Reference | None:
    """Return what a clear picture tells about vial, card and light; None where it does not show clear liquid."""
    picture = checked(picture)
    gray = luma(picture)
    card = None if _useless(gray) else find_card(gray)
    if card is None:
        return None
    look = read_before_card(picture, gray, linear(picture), card)
    if isinstance(look, NoLook) or look.glow is None:
        return None
    k = calibration().transfer
    if look.transfer is None or look.noise > STEADY:
        return None
    usual = float(np.exp(k.clear + k.slant * np.log(look.slant / k.usual_slant)))
    if abs(look.glow) > STRAY or look.transfer < CLEAR * usual:
        return None
    return Reference(look.transfer, look.glow, keep(picture, card, look.place))


def _useless(gray: Gray) -> str:
    """Name what makes a whole picture worthless: no light, or nothing but light."""
    low, high = (float(v) for v in np.percentile(gray[::5, ::5], (2, 99.7)))
    if high < 12:
        return "black"
    return "white" if low > 245 else ""


def _none(look: NoLook) -> Reading:
    return Reading(None, None, None, None, "bad", look.flags, Regions(vial=look.vial))


def _read(look: CardLook | DarkLook, belief: Belief, more: tuple[str, ...]) -> Reading:
    flags = (*look.flags, *(("saturated",) if belief.high >= 5.0 else ()), *more)
    regions = Regions(look.vial, look.liquid, look.pixels)
    return Reading(belief.value, belief.low, belief.high, belief.per_cm, _quality(flags), flags, regions)


def _reading(reading: Reading, flag: str) -> Reading:
    flags = (*reading.flags, flag)
    return Reading(
        reading.value, reading.low, reading.high, reading.attenuation_per_cm,
        "bad" if reading.value is None else _quality(flags), flags, reading.regions,
    )  # fmt: skip


def _quality(flags: tuple[str, ...]) -> Quality:
    found = {SPOILS[flag] for flag in flags}
    return "bad" if "bad" in found else "doubtful" if "doubtful" in found else "good"
