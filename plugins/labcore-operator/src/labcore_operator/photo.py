"""Read a photograph's size from its header, without decoding it.

Sources: PNG specification, 11.2.2 (IHDR is the first chunk); JPEG, ITU-T T.81, B.2.2 (frame header).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8"
NO_FRAME = {0xC4, 0xC8, 0xCC}  # among SOF0..SOF15 these are tables and an extension
ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture file says of itself; `shape` is (height, width) in pixels."""

    media_type: str
    shape: tuple[int, int]


def read_header(data: bytes) -> Header:
    """Return the header of a PNG or JPEG file; ValueError if it is neither or broken."""
    if data.startswith(PNG_START) and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return _checked("image/png", height, width)
    if data.startswith(JPEG_START):
        return _jpeg(data)
    raise ValueError("neither PNG nor JPEG")


def _jpeg(data: bytes) -> Header:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            raise ValueError("a JPEG marker is missing")
        marker = data[at + 1]
        if marker == 0xFF or marker in ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in NO_FRAME:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return _checked("image/jpeg", height, width)
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    raise ValueError("the JPEG ends before its frame header")


def _checked(media_type: str, height: int, width: int) -> Header:
    if not (0 < height <= 65535 and 0 < width <= 65535):
        raise ValueError(f"impossible size {width} x {height}")
    return Header(media_type, (height, width))
