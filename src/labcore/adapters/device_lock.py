"""One engine per real device: a lock on the port's resolved identity, freed by the system if its owner dies."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from labcore.errors import UsageError
from labcore.model.address import one_spelling


class DeviceLock:
    """Hold a device for this process. Refused in under a second if another process has it, naming that process."""

    def __init__(self, folder: Path, address: str, run: str) -> None:
        identity = resolved(address)
        self._address = address
        self._run = run
        name = hashlib.sha256(identity.encode()).hexdigest()[:24]
        self._note = folder / f"{name}.json"
        self._lock = FileLock(folder / f"{name}.lock", timeout=0.5)

    def __enter__(self) -> Self:
        self._note.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout:
            owner = self._owner()
            raise UsageError(
                f"{self._address} is in use by process {owner.get('pid', '?')} (run {owner.get('run', '?')})",
                remedy="Stop that run first; two programs must not drive one device.",
            ) from None
        self._note.write_text(
            json.dumps({"pid": os.getpid(), "run": self._run, "port": self._address}), encoding="utf-8"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._note.unlink(missing_ok=True)
        self._lock.release()

    def _owner(self) -> dict[str, object]:
        try:
            owner = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return owner if isinstance(owner, dict) else {}


def resolved(address: str) -> str:
    """Return one name for one port, however it is spelled: a device path is followed to its end."""
    spelled = one_spelling(address)
    return os.path.realpath(spelled) if spelled.startswith("/") else spelled
