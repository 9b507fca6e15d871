"""The bytes an instrument has said and nobody has read yet."""

from __future__ import annotations

from .contract import BUFFER_LIMIT


class Outbox:
    """A bounded queue of bytes; what nobody reads is lost from the front, as on a line without listener."""

    def __init__(self) -> None:
        self._data = bytearray()

    def say(self, text: str) -> None:
        """Queue `text` (ASCII)."""
        self._data += text.encode("ascii", "replace")
        if len(self._data) > BUFFER_LIMIT:
            del self._data[: len(self._data) - BUFFER_LIMIT]

    def take(self) -> bytes:
        """Return and forget everything queued."""
        said = bytes(self._data)
        self._data.clear()
        return said

    def clear(self) -> None:
        """Forget everything queued."""
        self._data.clear()

    def __len__(self) -> int:
        return len(self._data)

    def snapshot(self) -> str:
        """Return the queued bytes as text."""
        return self._data.decode("latin-1")

    def restore(self, state: str) -> None:
        """Take over what `snapshot` gave."""
        self._data = bytearray(state.encode("latin-1"))
