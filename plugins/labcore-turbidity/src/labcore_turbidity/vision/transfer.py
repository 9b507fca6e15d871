"""Read a vial before a card: how much of the checks comes through, how much light the liquid sends itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Gray, Picture
from .card import Box, Card
from .change import Place
from .glow import FEWEST, SHORTEST, read_glow
from .look import CardLook, NoLook
from .pixels import sharpness
from .standing import find_standing
from .surface import COLUMNS, Upright, find_front, horizon, stand_up
from .vessels import Vessel

MAGNIFIED = 1.5  # a round vial of liquid widens what stands close behind it by about this much
EDGE = 0.16  # of the width on each side: refracted beyond use
GUARD = 0.06  # of the width, left out on both sides of the border between checks and black
FROTH = 0.15  # of white: liquid's air space is darker than this
MIRROR = 0.9  # of full light
THIN = 6  # rows: less liquid than this before the card is not read at all
PITCHES = (1 / 20, 1 / 11)  # cycles a row between which the checks lie where the card's checks span 306 rows
FINE = 2048  # points of the spectrum in which they are found
BETWEEN = (
    1.6,
    2.2,
    4.0,
)  # times the checks' frequency, away from its odd overtones: what is found there is noise
ROUGH = 2.5  # error of a transfer that rests on less than two periods, and on a vortex before them
SATURATED, DIM = 250, 50  # codes of the white patch: beyond the camera's range, hardly lit
SHARP = 0.19  # sharpness of the white patch's edges; less, and they are six pixels wide and more


@dataclass(frozen=True)
class _Halves:
    """Columns of an upright vial with checks behind them, and with black."""

    checks: slice
    black: slice


def read_before_card(picture: Picture, gray: Gray, light: Gray, card: Card) -> CardLook | NoLook:
    """Look at the vial that stands before the card."""
    vessel = find_standing(gray, card)
    if vessel is None:
        return NoLook((), ("no_vial",))
    white, flags = _white(picture, gray, light, card)
    upright = stand_up(gray, light, vessel, card.checks.top)
    last = horizon(upright, card)
    front = find_front(upright, card, white)
    if front is None or last - front < THIN:
        foot = min(upright.light.shape[0] - 1, last + round(0.35 * vessel.width))
        return NoLook(upright.outline(round(0.15 * last), foot), ("liquid_not_seen", *flags))
    flags = (
        *flags,
        *_foam(upright, card, front, white),
        *(("little_liquid",) if last - front < SHORTEST else ()),
    )
    place = Place(vessel, upright.top + front, upright.top + last)
    front = place.calm - upright.top if place.calm > place.top else front
    return _look(light, card, upright, place, front, white, (*flags, *_glare(upright, front, last)))


def _look(
    light: Gray, card: Card, upright: Upright, place: Place, front: int, white: float, flags: tuple[str, ...]
) -> CardLook:
    vessel, last = upright.vessel, place.bottom - upright.top
    halves = _halves(upright, card, (front + last) / 2)
    body = upright.light[front:last]
    beside = _beside(card, vessel, upright.top + front, upright.top + last)
    outside = light[beside.top : beside.bottom, beside.left : beside.right]
    pitch = _pitch(light, card, beside)
    clear = _amplitude(outside, pitch)
    checks = _plumb(light, upright, front, last, halves.checks)
    transfer, noise = (
        _transfer(checks, clear, pitch) if last - front >= SHORTEST else _spread(checks, outside)
    )
    edge = int(max(vessel.right_at(upright.top + front), vessel.right_at(upright.top + last)))
    ground = light[upright.top + front : upright.top + last, edge + 12 : edge + 45]
    halved = (body[:, halves.checks], body[:, halves.black])
    glow, error = read_glow(*halved, outside, ground, 1.0 if transfer is None else min(1.0, transfer), white)
    pixels = (halves.checks.stop - halves.checks.start + halves.black.stop - halves.black.start) * (
        last - front
    )
    return CardLook(
        transfer,
        noise,
        None if glow is None else glow / white,
        error / white,
        clear / white,
        place,
        pixels,
        upright.outline(
            round(0.15 * last), min(upright.light.shape[0] - 1, last + round(0.35 * vessel.width))
        ),
        upright.outline(front, last, round(EDGE * COLUMNS), round((1 - EDGE) * COLUMNS)),
        flags,
    )


def _white(picture: Picture, gray: Gray, light: Gray, card: Card) -> tuple[float, tuple[str, ...]]:
    """Return the light of the white patch, and flags where the camera could not follow it."""
    p = card.patch
    middle = (
        slice(p.top + p.height // 4, p.bottom - p.height // 4),
        slice(p.left + p.width // 4, p.right - p.width // 4),
    )
    code = float(np.median(picture[middle]))
    flags = ("overexposed",) if code >= SATURATED else ("dark",) if code < DIM else ()
    edges = gray[max(0, p.top - 10) : p.bottom + 10, max(0, p.left - 10) : p.right + 10]
    return float(np.median(light[middle])), (*flags, *(("blurred",) if sharpness(edges) < SHARP else ()))


def _foam(upright: Upright, card: Card, front: int, white: float) -> tuple[str, ...]:
    """Say whether something white and uneven stands on the liquid, where a clear vial shows black."""
    ring = round(2 * upright.sag) + 8
    above = upright.light[
        max(0, front - 2 * ring - 8) : max(1, front - ring), _halves(upright, card, front).black
    ]
    if above.shape[0] < ring // 2 or above.shape[1] < FEWEST:
        return ()
    return (
        ("foam",)
        if float(np.median(above)) > FROTH * white and float(above.std()) > 0.15 * float(above.mean())
        else ()
    )


def _glare(upright: Upright, front: int, last: int) -> tuple[str, ...]:
    """Say whether much of the window mirrors the lamp; what is left of it is read all the same."""
    body = upright.light[front:last, round(EDGE * COLUMNS) : round((1 - EDGE) * COLUMNS)]
    return ("glare",) if float(np.mean(body > MIRROR)) > 0.05 and float(np.median(body)) < MIRROR / 2 else ()


def _halves(upright: Upright, card: Card, row: float) -> _Halves:
    """Split the columns where the border between checks and black is seen through the liquid."""
    y = upright.top + row
    left, right = upright.vessel.left_at(y), upright.vessel.right_at(y)
    border = 0.5 + MAGNIFIED * ((card.checks.right - 5 - left) / (right - left) - 0.5)
    border = min(max(border, EDGE - GUARD), 1 - EDGE + GUARD)
    return _Halves(
        slice(round(EDGE * COLUMNS), max(round(EDGE * COLUMNS), int((border - GUARD) * COLUMNS))),
        slice(
            int((border + GUARD) * COLUMNS), max(int((border + GUARD) * COLUMNS), int((1 - EDGE) * COLUMNS))
        ),
    )


def _beside(card: Card, vessel: Vessel, top: int, bottom: int) -> Box:
    """Return the checks left of the vial in the same rows, or above the vial where too few are left of it."""
    right = int(min(vessel.left_at(top), vessel.left_at(bottom))) - 6
    left = card.checks.left + 6
    if right - left >= FEWEST:
        return Box(left, top, right, bottom)
    high = card.checks.top + 6
    return Box(left, high, card.checks.right - 10, max(high + SHORTEST, high + bottom - top))


def _pitch(light: Gray, card: Card, beside: Box) -> float:
    """Return the checks' cycles a row, found where nothing stands before them."""
    field = light[card.checks.top + 6 : card.checks.bottom - 6, beside.left : beside.right]
    scale = 306 / card.checks.height
    swing = field - field.mean(axis=0)
    window = np.hanning(field.shape[0] + 2)[1:-1, None]
    power = (np.abs(np.fft.rfft(swing * window, FINE, axis=0)) ** 2).sum(axis=1)
    first, last = (round(cycles * scale * FINE) for cycles in PITCHES)
    return (first + int(np.argmax(power[first : last + 1]))) / FINE


def _amplitude(block: Gray, cycles: float) -> float:
    """Return how strongly the columns swing at so many cycles a row: root mean square over the columns."""
    window = np.hanning(block.shape[0] + 2)[1:-1]
    window /= window.sum()
    swing = (block - (window[:, None] * block).sum(axis=0)) * window[:, None]
    turn = 2 * np.pi * cycles * np.arange(block.shape[0])[:, None]
    squares = (swing * np.cos(turn)).sum(axis=0) ** 2 + (swing * np.sin(turn)).sum(axis=0) ** 2
    return float(2 * np.sqrt(squares.mean()))


def _transfer(block: Gray, clear: float, pitch: float) -> tuple[float | None, float]:
    """Return the contrast in the block over the clear one, less what noise alone would show, and the noise."""
    if block.shape[1] < FEWEST or clear <= 0:
        return None, 1.0
    found = _amplitude(block, pitch) ** 2
    floor = float(np.mean([_amplitude(block, pitch * k) ** 2 for k in BETWEEN]))
    return float(np.sqrt(max(0.0, found - floor))) / clear, float(np.sqrt(floor)) / clear


def _plumb(light: Gray, upright: Upright, front: int, last: int, columns: slice) -> Gray:
    """Return the picture's own columns there: a leaning vial does not make the checks behind it lean."""
    first = upright.top + front + round(upright.sag)
    y = (front + last) / 2 + upright.top
    left, wide = upright.vessel.left_at(y), upright.vessel.right_at(y) - upright.vessel.left_at(y)
    a, b = (round(left + wide * edge / COLUMNS) for edge in (columns.start, columns.stop))
    return light[first : first + last - front, a:b]


def _spread(block: Gray, outside: Gray) -> tuple[float | None, float]:
    """Return the contrast in a block too low for a wave over the clear one in the same rows, and its error."""
    if block.shape[1] < FEWEST or float(outside.std()) <= 0:
        return None, 1.0
    return float(block.std() / outside.std()), ROUGH
