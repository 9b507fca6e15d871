"""Where labcore keeps things: run folders under `--data`, lab state and locks in the user's state folder."""

from __future__ import annotations

import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

from labcore.errors import UsageError

DEFAULT_DATA = "labcore-data"


def state_folder() -> Path:
    """Return the per-user folder for what belongs to labs and devices, not to runs (`LABCORE_STATE` overrides it)."""
    given = os.environ.get("LABCORE_STATE")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_state_dir("labcore", appauthor=False))


def lab_folder(lab: str) -> Path:
    """Return the folder of a lab's state, by the lab's name."""
    return state_folder() / "labs" / slug(lab)


def new_run_folder(data: Path, protocol: str) -> Path:
    """Make the folder of a new run; its name sorts by time."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    for _ in range(100):
        folder = data / "runs" / f"{stamp}-{secrets.token_hex(3)}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(
                f"runs cannot be kept in {data}: {error.strerror or error}",
                remedy="Name a folder that you may write to: --data FOLDER, or LABCORE_DATA.",
            ) from None
        return folder
    raise RuntimeError("no free run folder")


def slug(text: str) -> str:
    """Return a text as a safe file name."""
    return re.sub(r"[^\w-]+", "-", text, flags=re.UNICODE).strip("-").lower()[:80] or "lab"
