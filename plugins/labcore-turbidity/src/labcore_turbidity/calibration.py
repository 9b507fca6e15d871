"""The measured constants of the optical model, and where they come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Added", "Band", "Calibration", "Dark", "Glow", "Transfer", "calibration"]


@dataclass(frozen=True)
class Transfer:
    """Contrast of a pattern seen through the liquid: ln transfer = clear + slant ln(s / usual) - path * a * diameter.

    `path` is the mean way of light through the liquid over the inner diameter; errors are relative, `floor` absolute;
    `noise` is the share of the look's own noise that ends up as error.
    """

    clear: float
    path: float
    slant: float
    usual_slant: float
    error: float
    error_with_reference: float
    path_error: float
    floor: float
    noise: float


@dataclass(frozen=True)
class Glow:
    """Light that the liquid sends back, relative to white: full x / (1 + x), x = (per_depth * a * diameter) ** power.

    The relative error is error + thin_error * (a * diameter) ** -thin_power: thin suspensions of small and of large
    particles scatter differently much, thick ones nearly alike. `floor` is absolute.
    """

    full: float
    per_depth: float
    power: float
    error: float
    thin_error: float
    thin_power: float
    floor: float


@dataclass(frozen=True)
class Band:
    """Contrast against a clear picture: ln transfer = -path * a * way + lift * ln(brightness over that of the clear one).

    For ways through the liquid of `chord` diameters and more, up to the next band. `error` is relative and `path_error`
    that of the exponent, `floor` absolute.
    """

    chord: float
    path: float
    lift: float
    error: float
    path_error: float
    floor: float


@dataclass(frozen=True)
class Added:
    """Light that came on top of a clear picture, over the contrast of the checks seen through the clear vial.

    The law is that of `Glow`; the relative error is thick_error + thin_error / (1 + a * diameter).
    """

    full: float
    per_depth: float
    power: float
    thick_error: float
    thin_error: float
    floor: float


@dataclass(frozen=True)
class Dark:
    """The same law for a vial before a dark ground, with the brightest white of the picture as the only measure."""

    full: float
    per_depth: float
    power: float
    error: float
    floor: float


@dataclass(frozen=True)
class Calibration:
    """All constants; `usual_inner_mm` stands in where nobody says how wide the vial is."""

    transfer: Transfer
    glow: Glow
    bands: tuple[Band, ...]
    added: Added
    dark_ground: Dark
    usual_inner_mm: float
    usual_inner_error: float


@cache
def calibration() -> Calibration:
    """Return the constants of calibration.json."""
    data: dict[str, Any] = json.loads(
        files(__package__ or "").joinpath("calibration.json").read_text("utf-8")
    )
    return Calibration(
        Transfer(**data["transfer"]), Glow(**data["glow"]), tuple(Band(**one) for one in data["bands"]),
        Added(**data["added"]), Dark(**data["dark_ground"]),
        data["usual_inner_mm"], data["usual_inner_error"],
    )  # fmt: skip
