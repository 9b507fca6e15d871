"""A character on a serial line, and what the other side hears of it with other settings."""

from __future__ import annotations

import pytest

from labcore_simulators.instruments import LineSettings
from labcore_simulators.serve.framing import bits_of, byte_of, heard_by_client, heard_by_device


def test_bits_of_a_character() -> None:
    line = LineSettings(9600, 7, "E", 1)
    assert bits_of(0x49, line) == [0, 1, 0, 0, 1, 0, 0, 1, 1, 1]
    assert byte_of(bits_of(0x49, line), line) == (0x49, True)


@pytest.mark.parametrize("parity", ["N", "E", "O", "M", "S"])
@pytest.mark.parametrize("bits", [7, 8])
def test_equal_settings_pass_everything(parity: str, bits: int) -> None:
    line = LineSettings(9600, bits, parity, 1)
    data = bytes(range(1 << bits))
    assert bytes(byte_of(bits_of(b, line), line)[0] for b in data) == data


def test_7e1_heard_as_8n1_has_parity_in_the_top_bit() -> None:
    device, client = LineSettings(9600, 7, "E", 1), LineSettings(9600, 8, "N", 1)
    assert heard_by_client(b"IK", device, client) == b"\xc9K"
    assert heard_by_device(b"IK", client, device) == b"K"
    assert heard_by_device(b"IK", LineSettings(19200, 7, "E", 1), device) == b""
