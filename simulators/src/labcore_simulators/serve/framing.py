"""What a character becomes when both ends of a serial line are not set alike, bit by bit.

A character is a start bit (0), the data bits with the lowest first, an optional parity bit and stop bits (1).
"""

from __future__ import annotations

from ..instruments.contract import LineSettings


def bits_of(byte: int, line: LineSettings) -> list[int]:
    """Return the bits on the wire for `byte`, start and stop bits included."""
    data = [byte >> n & 1 for n in range(line.bytesize)]
    return [0, *data, *_parity(data, line.parity), *[1] * (2 if line.stopbits > 1 else 1)]


def byte_of(bits: list[int], line: LineSettings) -> tuple[int, bool]:
    """Return what a receiver reads from one character's bits and whether parity and stop bit were right."""
    bits = bits + [1] * 4  # the line rests at 1 afterwards
    data = bits[1 : 1 + line.bytesize]
    parity = _parity(data, line.parity)
    after = 1 + line.bytesize
    good = bits[after : after + len(parity)] == parity and bits[after + len(parity)] == 1
    return sum(bit << n for n, bit in enumerate(data)), good


def _parity(data: list[int], parity: str) -> list[int]:
    odd = sum(data) % 2
    return {"E": [odd], "O": [1 - odd], "M": [1], "S": [0]}.get(parity, [])


def heard_by_device(data: bytes, client: LineSettings, device: LineSettings) -> bytes:
    """Return what reaches the device: its UART drops characters with a wrong parity or stop bit."""
    if client == device:
        return data
    if client.baud != device.baud:
        return b""
    read = (byte_of(bits_of(byte, client), device) for byte in data)
    return bytes(byte for byte, good in read if good)


def heard_by_client(data: bytes, device: LineSettings, client: LineSettings) -> bytes:
    """Return what reaches the client: an operating system passes characters of wrong parity on."""
    if client == device:
        return data
    if client.baud != device.baud:
        # Sampled at the wrong speed, one character turns into some other one; which one is of no importance.
        return bytes((byte * 167 + 89) & 0xFF | 0x80 for byte in data)
    return bytes(byte_of(bits_of(byte, device), client)[0] for byte in data)
