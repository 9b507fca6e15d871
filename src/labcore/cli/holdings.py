"""What vessels hold, in words and as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from labcore.model.interval import Interval
from labcore.model.vessel import VesselState

if TYPE_CHECKING:
    from labcore.records.finished import FinishedRun

NOTABLE = 0.05  # mL of evaporation that is worth a word
UNSURE = 0.05  # half-width, as a share of the middle, from which on a volume is called uncertain
LEAST = 0.1  # mL; a width below that is never worth a line


def holdings(contents: Mapping[str, Interval]) -> str:
    """Return amounts with their intervals, for example "20 mL acetone [19.8 to 20.2]", or "empty"."""
    amounts = (f"{a.mid:.4g} mL {name} [{a.low:.4g} to {a.high:.4g}]" for name, a in contents.items())
    return ", ".join(amounts) or "empty"


def vessel_text(name: str, vessel: VesselState) -> str:
    """Return where a vessel stands and what it holds; the sum too where there is more than one material."""
    total = vessel.volume
    whole = f"{total.mid:.4g} mL [{total.low:.4g} to {total.high:.4g}]: " if len(vessel.contents) > 1 else ""
    gone = f"; up to {vessel.lost:.3g} mL may have evaporated" if vessel.lost > NOTABLE else ""
    return f"{name} at {vessel.place or 'unknown place'}: {whole}{holdings(vessel.contents)}{gone}"


def vessels_as_data(vessels: Mapping[str, VesselState]) -> dict[str, Any]:
    """Return vessels as data: volumes in mL, each from the least over the most likely to the most."""
    return {
        name: {
            "labware": one.labware,
            "place": one.place,
            "closed": one.closed,
            "volume": asdict(one.volume),
            "contents": {material: asdict(amount) for material, amount in one.contents.items()},
            "evaporated": one.lost,
        }
        for name, one in vessels.items()
    }


def finished_vessels(run: FinishedRun) -> Mapping[str, VesselState]:
    """Return what vessels hold at a run's last event, acts without a settlement taken as of unknown end."""
    return run.record.state_at(run.state.position, widened=True).vessels


def uncertain(vessels: Mapping[str, VesselState]) -> list[str]:
    """Return a line for every vessel of which it is not known well what it holds or where it stands."""
    return [
        vessel_text(name, one) for name, one in vessels.items() if one.place is None or _unsure(one.volume)
    ]


def _unsure(volume: Interval) -> bool:
    return volume.width > max(LEAST, 2 * UNSURE * volume.mid)
