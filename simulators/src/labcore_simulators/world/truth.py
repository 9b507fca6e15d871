"""What is really in a vessel: for tests and benchmarks."""

from __future__ import annotations

from typing import Any

from .liquid import Liquid
from .rules import Rules
from .substances import molar_mass, solvent
from .vessel import Vessel


def mass(vessel: Vessel, rules: Rules) -> float:
    """Return the mass of a vessel with its contents, g."""
    return vessel.kind.tare + sum(_mass(part, rules) for part in (*vessel.zones, vessel.bed))


def _mass(part: Liquid, rules: Rules) -> float:
    total = sum(solvent(rules.solvent_of(name)).density * volume for name, volume in part.materials.items())
    total += sum(molar_mass(name) * amount for name, amount in part.solutes.items()) * 1e-3
    total += part.product * rules.kinetics.unit * 1e-3 + sum(part.solids.values())
    return total + polymer(part, rules)


def polymer(part: Liquid, rules: Rules) -> float:
    """Return the mass of the particles in a portion, g."""
    if part.numbers is None:
        return 0.0
    from .population import VOLUMES

    return float(part.numbers @ VOLUMES) * 1e6 * rules.kinetics.density


def truth(vessel: Vessel, rules: Rules) -> dict[str, Any]:
    """Return volumes mL, concentrations mmol/L, attenuation 1/cm, turbidity, sizes um, placement, place."""
    from .optics import cloud, mean_cloud, turbidity

    whole = vessel.whole()
    seen = mean_cloud(vessel.zones, rules)
    diameter, spread = _sizes(whole.plus(vessel.bed))
    return {
        "volume_ml": vessel.volume_ml,
        "contents": dict(whole.materials),
        "concentrations": {name: whole.concentration(name) for name in whole.solutes},
        "product_mmol_per_l": 1e3 * whole.product / whole.volume_ml if whole.volume_ml > 0 else 0.0,
        "solid_g": sum(whole.solids.values()) + sum(vessel.bed.solids.values()),
        "bed_g": sum(vessel.bed.solids.values()) + polymer(vessel.bed, rules),
        "attenuation_per_cm": seen.attenuation,
        "transport_per_cm": seen.transport,
        "zone_attenuations": [cloud(zone, rules).attenuation for zone in vessel.zones],
        "turbidity": turbidity(seen.attenuation),
        "diameter_um": diameter,
        "cv": spread,
        "offset_mm": vessel.placed.offset,
        "tilt_deg": vessel.placed.tilt,
        "temperature_c": vessel.temperature,
        "place": vessel.place,
    }


def _sizes(part: Liquid) -> tuple[float, float]:
    if part.numbers is None:
        return 0.0, 0.0
    from .population import diameters

    return diameters(part.numbers)
