"""From what was seen to what may be believed: the optical model, its errors, and the belief that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .calibration import Calibration
from .posterior import PER_CM, Belief, Curve, Sign, weigh
from .reading import Reference
from .vision.change import Change
from .vision.look import CardLook, DarkLook

__all__ = ["Optics", "believe_card", "believe_change", "believe_dark"]


BLIND = 0.5  # relative: the white patch may be half as bright again as the camera can tell, and more


@dataclass(frozen=True)
class Optics:
    """The optical depth of the vial on the grid, and how well the vial's diameter is known (relative)."""

    depth: Curve
    error: float

    @classmethod
    def of(cls, inner_diameter_mm: float | None, constants: Calibration) -> Optics:
        """Return the optics of a vial; without a diameter those of a usual vial, and less sure."""
        if inner_diameter_mm is None:
            return cls(PER_CM * constants.usual_inner_mm / 10, constants.usual_inner_error)
        return cls(PER_CM * inner_diameter_mm / 10, 0.0)


def believe_card(
    look: CardLook, optics: Optics, constants: Calibration, reference: Reference | None
) -> Belief:
    """Weigh the contrast and the glow of a vial before a card."""
    signs = []
    if look.transfer is not None:
        signs.append(_transfer(look, optics, constants, reference))
    if look.glow is not None:
        signs.append(_glow(look, optics, constants, reference))
    return weigh(signs)


def believe_change(change: Change, optics: Optics, constants: Calibration) -> Belief:
    """Weigh what has changed since a clear picture of the same vial: contrast band by band, and added light."""
    signs = []
    for band in change.bands:
        k = max((one for one in constants.bands if one.chord <= band.chord), key=lambda one: one.chord)
        depth = k.path * band.chord * optics.depth
        expected = np.exp(k.lift * band.lift - depth)
        relative = np.sqrt(k.error**2 + (k.path_error**2 + optics.error**2) * depth**2)
        error = np.sqrt((relative * expected) ** 2 + k.floor**2 + band.noise**2)
        signs.append(Sign(band.transfer, expected, error))
    a = constants.added
    expected = _scattered(optics.depth, a.full, a.per_depth, a.power)
    relative = a.thick_error + a.thin_error / (1 + optics.depth) + a.power * optics.error
    error = np.sqrt((relative * expected) ** 2 + a.floor**2 + change.error**2)
    return weigh([*signs, Sign(change.glow, expected, error)])


def _transfer(look: CardLook, optics: Optics, constants: Calibration, reference: Reference | None) -> Sign:
    k = constants.transfer
    assert look.transfer is not None
    clear, error = k.clear + k.slant * float(np.log(look.slant / k.usual_slant)), k.error + _blind(look) / 5
    if reference is not None:
        clear, error = float(np.log(reference.transfer)), k.error_with_reference
    depth = k.path * optics.depth
    expected = np.exp(clear - depth)
    relative = np.sqrt(error**2 + (k.path_error**2 + optics.error**2) * depth**2)
    absolute = k.floor**2 + (k.noise * look.noise) ** 2
    return Sign(look.transfer, expected, np.sqrt((relative * expected) ** 2 + absolute))


def _glow(look: CardLook, optics: Optics, constants: Calibration, reference: Reference | None) -> Sign:
    k = constants.glow
    assert look.glow is not None
    expected = _scattered(optics.depth, k.full, k.per_depth, k.power)
    thin = k.thin_error * np.maximum(optics.depth, 1e-3) ** -k.thin_power
    relative = np.sqrt((k.error + thin) ** 2 + (k.power * optics.error) ** 2 + _blind(look) ** 2)
    stray = 0.0 if reference is None else reference.glow
    error = np.sqrt((relative * expected) ** 2 + k.floor**2 + look.glow_error**2)
    return Sign(look.glow - stray, expected, error)


def _blind(look: CardLook) -> float:
    """Return the relative error of the light where the white patch is beyond the camera's range."""
    return BLIND if "overexposed" in look.flags else 0.0


def believe_dark(look: DarkLook, optics: Optics, constants: Calibration) -> Belief:
    """Judge the glow of a vial before a dark ground."""
    k = constants.dark_ground
    expected = _scattered(optics.depth, k.full, k.per_depth, k.power)
    error = np.sqrt((k.error * expected) ** 2 + k.floor**2 + look.error**2)
    return weigh([Sign(look.glow, expected, error)])


def _scattered(depth: Curve, full: float, per_depth: float, power: float) -> Curve:
    x = (per_depth * depth) ** power
    return full * x / (1 + x)
