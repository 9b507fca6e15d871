"""What somebody who looks at the bench can say about an act: read off the world's own record."""

from __future__ import annotations

from campaign.bench import LastingBench
from campaign.facts import OpenAct


def what_became_of(act: OpenAct, bench: LastingBench) -> str:
    """Return an answer that is true, in the words of recovery's question."""
    for effect in act.effects:
        if effect["kind"] == "placement":
            place = bench.world.place_of(effect["vessel"])
            origin = act.line["data"]["arguments"].get("origin")
            return f"at {place}" if place in (effect["place"], origin) else "unknown"
        if effect["kind"] == "transfer":
            return _moved(act, effect["source"], effect["target"], bench, effect["volume"]["mid"])
    return "unknown"


def _moved(act: OpenAct, source: str, target: str, bench: LastingBench, wanted: float) -> str:
    who = "person" if act.device == "hand" else act.device  # others may dose the same into the same meanwhile
    since = [one for one in bench.world._log.acts[act.world :] if one["by"] == who]
    drawn = sum(one["got_ml"] for one in since if one["act"] == "draw" and one["vessel"] == source)
    poured = sum(one["accepted_ml"] for one in since if one["act"] == "pour" and one["vessel"] == target)
    low, high = min(drawn, poured), max(drawn, poured)
    if high < 1e-9:
        return "not started"
    if low > 0.995 * wanted:  # within what the machine errs; a person who measures says how much otherwise
        return "done"
    return f"{max(0.0, low * 0.97):.4f}-{min(high * 1.03, wanted * 1.4):.4f} mL"
