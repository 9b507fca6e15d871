"""Common solvents: how heavy and how volatile they are. Facts with their source, for the ledger.

Densities at 20 °C and vapour pressures at 25 °C: usual handbook values (CRC Handbook of Chemistry and Physics, NIST
Chemistry WebBook), rounded. The simulated bench has numbers of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from labcore.model.interval import Interval
from labcore.model.names import normal_name

ORGANIC_SPREAD = (
    0.017  # 10 K of thermal expansion (0.14 %/K), purity, and the buoyancy of what is weighed in air
)
AQUEOUS_SPREAD = 0.005


@dataclass(frozen=True, slots=True)
class Solvent:
    """A liquid: density in g/mL with the share by which it may be off, vapour pressure in Pa at 25 °C, molar mass in g/mol."""

    name: str
    density: float
    vapour_pressure: float
    molar_mass: float
    aliases: tuple[str, ...] = ()
    spread: float = ORGANIC_SPREAD

    @property
    def density_interval(self) -> Interval:
        """Return the density, g/mL, of a bottle of it in a room of 10 to 30 °C."""
        return Interval.around(self.density, relative=self.spread)


SOLVENTS: tuple[Solvent, ...] = (
    Solvent("water", 0.998, 3170, 18.02, ("h2o", "deionised water", "deionized water", "pure water", "水"), AQUEOUS_SPREAD),
    Solvent("acetone", 0.791, 30_800, 58.08, ("propanone", "2-propanone", "アセトン")),
    Solvent("methanol", 0.792, 16_900, 32.04, ("meoh", "methyl alcohol", "メタノール")),
    Solvent("ethanol", 0.789, 7_870, 46.07, ("etoh", "ethyl alcohol", "エタノール")),
    Solvent("2-propanol", 0.785, 6_020, 60.10, ("isopropanol", "ipa", "isopropyl alcohol")),
    Solvent("acetonitrile", 0.782, 11_900, 41.05, ("mecn", "アセトニトリル")),
    Solvent("ethyl acetate", 0.900, 12_600, 88.11, ("etoac", "酢酸エチル")),
    Solvent("tetrahydrofuran", 0.889, 21_600, 72.11, ("thf",)),
    Solvent("dichloromethane", 1.326, 58_200, 84.93, ("dcm", "methylene chloride", "ジクロロメタン")),
    Solvent("chloroform", 1.489, 26_200, 119.4, ("trichloromethane", "クロロホルム")),
    Solvent("diethyl ether", 0.714, 71_700, 74.12, ("ether", "et2o", "ジエチルエーテル")),
    Solvent("pentane", 0.626, 68_300, 72.15, ("n-pentane",)),
    Solvent("hexane", 0.659, 20_200, 86.18, ("n-hexane", "ヘキサン")),
    Solvent("heptane", 0.684, 6_090, 100.2, ("n-heptane",)),
    Solvent("cyclohexane", 0.779, 13_000, 84.16, ()),
    Solvent("toluene", 0.867, 3_790, 92.14, ("トルエン",)),
    Solvent("acetic acid", 1.049, 2_070, 60.05, ("酢酸",)),
    Solvent("dmf", 0.949, 439, 73.09, ("n,n-dimethylformamide", "dimethylformamide")),
    Solvent("dmac", 0.940, 300, 87.12, ("n,n-dimethylacetamide", "dimethylacetamide")),
    Solvent("dmso", 1.100, 80, 78.13, ("dimethyl sulfoxide",)),
    Solvent("nmp", 1.028, 45, 99.13, ("n-methyl-2-pyrrolidone", "n-methylpyrrolidone")),
)  # fmt: skip

_BY_NAME = {normal_name(name).casefold(): one for one in SOLVENTS for name in (one.name, *one.aliases)}


def solvent(name: str) -> Solvent | None:
    """Return the solvent of a name, None if the table does not have it."""
    return _BY_NAME.get(normal_name(name).casefold())
