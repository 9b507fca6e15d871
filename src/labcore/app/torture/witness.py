"""An all-knowing witness: what somebody who saw everything would say about the acts that a killed run left open."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.app.torture.deeds import Deed

SAME = 0.008  # relative: a dose within this of what was asked for is the whole dose; the ledger allows 1 %


def witness_says(open_acts: Sequence[Deed]) -> dict[str, str]:
    """Return {act: what became of it} in the words that `labcore recover --settle` takes."""
    return {one.intent.act: _said(one) for one in open_acts}


def _said(deed: Deed) -> str:
    if deed.placements:
        return f"at {deed.put[-1]}" if deed.put else "unknown" if deed.lifted else "not started"
    if not deed.happened:
        return "not started"
    asked = sum(one.volume.mid for one in deed.transfers)
    low, high = sorted((deed.poured, deed.drawn))
    if low >= asked * (1 - SAME):
        return "done"
    # what was drawn and not poured is lost to the vessel and gone from the bottle: the truth is an interval
    return f"{low * 0.999:.4f}-{high * 1.001:.4f} mL"
