"""What is known of one vessel: what it holds, as intervals, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labcore.model.interval import Interval

EMPTY = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class VesselState:
    """One vessel. `contents` in mL by material; `place` None means that nobody knows."""

    labware: str
    place: str | None
    contents: Mapping[str, Interval] = field(default_factory=dict)
    closed: bool = False

    @property
    def volume(self) -> Interval:
        """Total volume, mL; volumes are taken as additive."""
        total = EMPTY
        for amount in self.contents.values():
            total = total + amount
        return total

    def drawn(self, volume: Interval) -> dict[str, Interval]:
        """Return what `volume` (mL) taken out of here consists of: it has the composition of the mixture."""
        if not self.contents:
            return {"unknown": volume}
        if len(self.contents) == 1:
            return dict.fromkeys(self.contents, volume)
        total = sum(amount.mid for amount in self.contents.values())
        return {name: _portion(volume, self._share(name, total)) for name in self.contents}

    def _share(self, name: str, total: float) -> Interval:
        """Return the fraction of one material in the mixture, from the least to the most it can be."""
        amount = self.contents[name]
        others_low = sum(other.low for key, other in self.contents.items() if key != name)
        others_high = sum(other.high for key, other in self.contents.items() if key != name)
        low = amount.low / (amount.low + others_high) if amount.low + others_high > 0 else 0.0
        high = amount.high / (amount.high + others_low) if amount.high + others_low > 0 else 0.0
        mid = amount.mid / total if total > 0 else 0.0
        return Interval(min(low, mid), mid, max(high, mid))


def _portion(volume: Interval, share: Interval) -> Interval:
    return Interval(volume.low * share.low, volume.mid * share.mid, volume.high * share.high)
