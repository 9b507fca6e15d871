"""Safe states as data that JSON can carry, beside the address of a run's guard.

Should the process die, another one knows what was safe for a device at that moment: a gantry that carries a vessel must not
be reset, and a fresh driver would not know that it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from labcore.engine.guard_post import Post
from labcore.plugin.driver import BreaksIn, SafeAct


def safe_states(posts: Iterable[Post]) -> dict[str, Any]:
    """Return the safe states of devices as plain data."""
    return {post.name: {"at": post.address, "safe": [_plain(act) for act in post.safe]} for post in posts}


def safe_acts(states: Mapping[str, Any]) -> tuple[SafeAct, ...]:
    """Return the safe state of one device as it was kept; its `confirm` knows nobody to ask and says no."""
    return tuple(_act(entry) for entry in states.get("safe", ()))


def _plain(act: SafeAct) -> dict[str, Any]:
    return {"output": act.output, "frames": [frame.hex() for frame in act.frames], "breaks_in": act.breaks_in}


def _act(entry: Mapping[str, Any]) -> SafeAct:
    breaks_in: BreaksIn = next(one for one in get_args(BreaksIn) if one == entry["breaks_in"])
    frames = tuple(bytes.fromhex(one) for one in entry["frames"])
    return SafeAct(str(entry["output"]), frames, breaks_in, _nobody)


async def _nobody() -> bool:
    return False
