"""The world's own error."""

from __future__ import annotations


class WorldError(ValueError):
    """The lab file or a call asks for something that this bench does not have."""
