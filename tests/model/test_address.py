"""One port, many spellings."""

from __future__ import annotations

import pytest

from labcore.model.address import one_spelling, scheme_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/dev/ttyUSB0", "/dev/./ttyUSB0"),
        ("COM3", r"\\.\com3"),
        ("COM3", "com3:"),
        ("tcp://localhost:5000", "socket://127.0.0.1:5000/"),
        ("socket://LAB-PC:5000", "socket://lab-pc:5000"),
    ],
)
def test_spellings_of_one_port(one: str, other: str) -> None:
    assert one_spelling(one) == one_spelling(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/dev/ttyUSB0", "/dev/ttyUSB1"),
        ("/dev/ttyUSB0", "/dev/TTYUSB0"),
        ("COM3", "COM13"),
        ("socket://a:1", "socket://a:2"),
        ("http://a:1/one.mjpg", "http://a:1/two.mjpg"),
        ("hwgrep://0403:6001", "hwgrep://0403:6015"),
    ],
)
def test_different_ports(one: str, other: str) -> None:
    assert one_spelling(one) != one_spelling(other)


def test_schemes() -> None:
    assert [scheme_of(one) for one in ("sim://x", "/dev/ttyUSB0", "COM3", 0, r"C:\x")] == [
        "sim",
        "",
        "",
        "",
        "",
    ]
