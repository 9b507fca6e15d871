"""Blobs as files named by their SHA-256, written so that a crash leaves the whole file or none."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


class FileBlobs:
    """See `labcore.ports.BlobStore`. `durable` asks the disk to keep them through a power cut."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable

    def put(self, data: bytes) -> str:
        """Store `data` and return its digest."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}.part")
            with temporary.open("wb") as file:
                file.write(data)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(path)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes; KeyError if they are not here."""
        if not digest.isalnum():
            raise KeyError(digest)
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise KeyError(digest) from None

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest
