"""Where the guards of a lab's runs are found: one file a run in the lab's state folder, readable by its owner only.

It also keeps every device's safe state as frames, as its driver last gave it: should the process die, another one knows
what is safe now (a gantry that carries a vessel must not be reset).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from labcore.adapters.loopback_client import read_address
from labcore.app.places import lab_folder
from labcore.engine.guard_post import Post
from labcore.plugin.driver import BreaksIn, SafeAct


def guard_file(lab: str, run: str) -> Path:
    """Return where a run says how its guard is reached."""
    return lab_folder(lab) / "guards" / f"{run}.json"


def guards_of(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the guards of runs, under way or dead, that a lab's state folder names."""
    for path in sorted(folder.glob("guards/*.json")):
        address = read_address(path)
        if address is not None:
            yield path, address


def safe_states(posts: Iterable[Post]) -> dict[str, Any]:
    """Return the safe states of devices as data that JSON can carry."""
    return {post.name: {"at": post.address, "safe": [_plain(act) for act in post.safe]} for post in posts}


def safe_acts(states: Mapping[str, Any]) -> tuple[SafeAct, ...]:
    """Return the safe state of one device as it was kept; who it was kept by cannot be asked for confirmation any more."""
    return tuple(_act(entry) for entry in states.get("safe", ()))


def _plain(act: SafeAct) -> dict[str, Any]:
    return {"output": act.output, "frames": [frame.hex() for frame in act.frames], "breaks_in": act.breaks_in}


def _act(entry: Mapping[str, Any]) -> SafeAct:
    breaks_in: BreaksIn = next(one for one in get_args(BreaksIn) if one == entry["breaks_in"])
    return SafeAct(
        str(entry["output"]), tuple(bytes.fromhex(one) for one in entry["frames"]), breaks_in, _nobody
    )


async def _nobody() -> bool:
    return False
