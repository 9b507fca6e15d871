"""Properties of solvents and solutes near room temperature.

Sources: densities, refractive indices, viscosities, heat capacities: usual handbook values at 20-25 degC,
rounded; Antoine constants for log10(p/mmHg) = A - B/(C + t): powderprocess.net table (acetone, acetonitrile),
common tables for water and ethanol; diffusion in air: order 1e-5 m2/s, handbook. Amide solvents are treated
as not volatile.
"""

from __future__ import annotations

from dataclasses import dataclass

MMHG = 133.322


@dataclass(frozen=True, slots=True)
class Solvent:
    """A liquid: density g/mL, index at 550 nm, viscosity Pa s, heat capacity J/g/K, molar mass g/mol."""

    density: float
    index: float
    viscosity: float
    heat: float
    molar_mass: float
    antoine: tuple[float, float, float] | None = None
    in_air: float = 1.1e-5

    def vapour_pressure(self, celsius: float) -> float:
        """Return the vapour pressure in Pa, 0 for solvents taken as not volatile."""
        if self.antoine is None:
            return 0.0
        a, b, c = self.antoine
        return float(MMHG * 10 ** (a - b / (c + celsius)))


_SOLVENTS = {
    "acetone": Solvent(0.790, 1.357, 3.2e-4, 2.16, 58.08, (7.2316, 1277.03, 237.23)),
    "water": Solvent(0.998, 1.333, 1.0e-3, 4.18, 18.015, (8.07131, 1730.63, 233.426), 2.5e-5),
    "ethanol": Solvent(0.789, 1.361, 1.2e-3, 2.44, 46.07, (7.79871, 1410.46, 208.514)),
    "acetonitrile": Solvent(0.786, 1.344, 3.7e-4, 2.23, 41.05, (7.0735, 1279.2, 224.01)),
    "dmac": Solvent(0.940, 1.437, 9.2e-4, 2.02, 87.12),
    "nmp": Solvent(1.028, 1.469, 1.7e-3, 1.68, 99.13),
}
_MOLAR_MASS = {
    "4,4'-oxydianiline": 200.24,
    "pyromellitic dianhydride": 218.12,
    "acetic acid": 60.05,
    "hydrochloric acid": 36.46,
    "hydrogen chloride": 36.46,
    "sodium hydroxide": 40.00,
    "ammonia": 17.03,
    "caffeine": 194.19,
    "benzoic acid": 122.12,
    "paracetamol": 151.16,
}


def is_solvent(name: str) -> bool:
    """Tell whether `name` is a solvent of the table."""
    return name.strip().lower() in _SOLVENTS


def solvent(name: str) -> Solvent:
    """Return the solvent called `name`; one that is not in the table is taken as water."""
    return _SOLVENTS.get(name.strip().lower(), _SOLVENTS["water"])


def molar_mass(solute: str) -> float:
    """Return g/mol of a solute, 100 where it is not in the table."""
    return _MOLAR_MASS.get(solute.strip().lower(), 100.0)
