"""Blobs as files named by their SHA-256, written so that a crash leaves the whole file or none."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from labcore.errors import StorageError


class FileBlobs:
    """See `labcore.ports.BlobStore`. `durable` asks the disk to keep them through a power cut."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable

    def put(self, data: bytes) -> str:
        """Store `data` and return its digest; StorageError if the disk does not take it."""
        digest = hashlib.sha256(data).hexdigest()
        try:
            self._write(self._path(digest), data)
        except OSError as error:
            raise StorageError(
                f"a picture cannot be kept in {self._folder}: {error.strerror or error}",
                remedy="Free space on the disk or make the folder writable.",
            ) from error
        return digest

    def _write(self, path: Path, data: bytes) -> None:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}.part")
            with temporary.open("wb") as file:
                file.write(data)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(path)

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
