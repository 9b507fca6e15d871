"""What is known of one vessel: what it holds, as intervals, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from labcore.model.evaporation import Loss, lost
from labcore.model.interval import Interval

EMPTY = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A weighing: the `mass` (g) that an event at `position` gives, what the vessel held then, what came and went since (mL)."""

    position: int
    mass: Interval
    volume: Interval
    added: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VesselState:
    """One vessel. `contents` in mL by material; `place` None means that nobody knows, `maybe` are the places where it may be then.

    `total` is what is known of the sum beyond the sum of what is known: a weighing tells the whole better than its parts.
    `since` is the time, s, that all this is about, and `lost` how much (mL) of its uncertainty is evaporation. `tare` in g
    is whatever stands on the pan and is no liquid. `weighed` are the last two weighings. `solids` in g were stated; what dissolves of
    them is not counted.
    """

    labware: str
    place: str | None
    contents: Mapping[str, Interval] = field(default_factory=dict)
    closed: bool = False
    total: Interval | None = None
    losses: tuple[Loss, ...] = ()
    since: float = 0.0
    lost: float = 0.0
    tare: Interval | None = None
    weighed: tuple[Weighed, ...] = ()
    solids: Mapping[str, float] = field(default_factory=dict)
    maybe: tuple[str, ...] = ()

    @property
    def volume(self) -> Interval:
        """Total volume, mL; volumes are taken as additive."""
        total = EMPTY
        for amount in self.contents.values():
            total = total + amount
        return total if self.total is None else self.total.intersect(total) or self.total

    def aged(self, at: float, faster: float = 1.0) -> VesselState:
        """Return the vessel as it is at a time, s: what may have evaporated since widens the lower ends."""
        elapsed = at - self.since
        if elapsed <= 0:
            return self
        there = [name for name, amount in self.contents.items() if amount.high > 0]
        if self.closed or not there or not self.losses:
            return replace(self, since=at)
        each, total = lost(self.losses, there, elapsed / 3600 * faster)
        contents = {name: _less(amount, each.get(name, 0.0)) for name, amount in self.contents.items()}
        now = self.volume
        left = _less(now, total)
        return replace(
            self,
            contents=contents,
            total=left,
            since=at,
            lost=self.lost + now.low - left.low,
            weighed=_noted(self.weighed, {name: Interval(-loss, 0.0, 0.0) for name, loss in each.items()}),
        )

    def drawn(self, volume: Interval) -> dict[str, Interval]:
        """Return what `volume` (mL) taken out of here consists of: it has the composition of the mixture."""
        if not self.contents:
            return {"unknown": volume}
        if len(self.contents) == 1:
            return dict.fromkeys(self.contents, volume)
        total = sum(amount.mid for amount in self.contents.values())
        return {name: _portion(volume, self._share(name, total)) for name in self.contents}

    def without(self, moved: Mapping[str, Interval], volume: Interval) -> VesselState:
        """Return the vessel after `volume` (mL), consisting of `moved`, was taken out."""
        told = [name for name in moved if name != "unknown"]  # of what was not on the books nothing is told
        contents = {
            name: self.contents.get(name, EMPTY) - moved.get(name, EMPTY)
            for name in dict.fromkeys((*self.contents, *told))
        }
        gone = {name: amount.scale(-1.0) for name, amount in moved.items()}
        return replace(
            self, contents=contents, total=self.volume - volume, weighed=_noted(self.weighed, gone)
        )

    def not_below_zero(self) -> VesselState:
        """Return the vessel as it is when nothing is going in or out: it holds no less than nothing of anything."""
        total = self.volume
        if total.low >= 0 and all(amount.low >= 0 for amount in self.contents.values()):
            return self
        contents = {name: amount.clamp_low(0.0) for name, amount in self.contents.items()}
        return replace(self, contents=contents, total=total.clamp_low(0.0))

    def filled(
        self, moved: Mapping[str, Interval], volume: Interval, since: float | None, at: float, faster: float
    ) -> VesselState:
        """Return the vessel at a time, s, when `volume` (mL) had come in, consisting of `moved`, at any time from `since` on."""
        first = at if since is None else min(since, at)
        if self.since <= first:
            return self.aged(first, faster).with_(moved, volume).aged(at, faster)
        alone = replace(self, contents=moved, total=volume, since=first, lost=0.0, weighed=())
        alone = alone.aged(self.since, faster)
        return self.with_(alone.contents, alone.volume).aged(at, faster)

    def with_(self, moved: Mapping[str, Interval], volume: Interval) -> VesselState:
        """Return the vessel after `volume` (mL), consisting of `moved`, was put in."""
        contents = _sum(self.contents, moved)
        return replace(
            self, contents=contents, total=self.volume + volume, weighed=_noted(self.weighed, moved)
        )

    def _share(self, name: str, total: float) -> Interval:
        """Return the fraction of one material in the mixture, from the least to the most it can be."""
        amount = self.contents[name].clamp_low(0.0)
        others_low = sum(max(0.0, other.low) for key, other in self.contents.items() if key != name)
        others_high = sum(other.high for key, other in self.contents.items() if key != name)
        low = amount.low / (amount.low + others_high) if amount.low + others_high > 0 else 0.0
        high = amount.high / (amount.high + others_low) if amount.high + others_low > 0 else 0.0
        mid = amount.mid / total if total > 0 else 0.0
        return Interval(min(low, mid), mid, max(high, mid))


def _portion(volume: Interval, share: Interval) -> Interval:
    return Interval(volume.low * share.low, volume.mid * share.mid, volume.high * share.high)


def _less(amount: Interval, loss: float) -> Interval:
    """Lower the lower end only: how much of the loss came true nobody knows."""
    return Interval(min(amount.low, max(0.0, amount.low - loss)), amount.mid, amount.high) if loss else amount


def _sum(contents: Mapping[str, Interval], more: Mapping[str, Interval]) -> dict[str, Interval]:
    return {
        name: contents.get(name, EMPTY) + more.get(name, EMPTY) for name in dict.fromkeys((*contents, *more))
    }


def _noted(weighed: tuple[Weighed, ...], change: Mapping[str, Interval]) -> tuple[Weighed, ...]:
    """Add to the last weighing what came and went since."""
    if not weighed:
        return weighed
    last = weighed[-1]
    return (*weighed[:-1], replace(last, added=_sum(last.added, change)))
