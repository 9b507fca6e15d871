"""Take a photograph that a person hands over as a file."""

from __future__ import annotations

from pathlib import Path

from labcore.errors import UsageError

LARGEST = 50_000_000  # bytes; a phone's picture has 2 to 15 MB
MEDIA = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def read_photo(path: Path) -> tuple[bytes, str]:
    """Return a picture file's bytes and media type; UsageError if it is no PNG or JPEG."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise UsageError(f"{path} has {size / 1e6:.0f} MB; at most {LARGEST / 1e6:.0f} MB are taken")
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    for start, media in MEDIA:
        if data.startswith(start):
            return data, media
    raise UsageError(
        f"{path} is neither PNG nor JPEG", remedy="Hand over a photograph in one of these formats."
    )
