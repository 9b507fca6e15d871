"""Numbers and photographs that a person hands over."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from labcore.adapters.loop import run_virtual
from labcore.capabilities.act import Spot
from labcore.errors import DeviceRefused
from labcore.model.quantity import Quantity
from labcore.ports import Answer
from labcore_operator.driver import Operator

REACTOR = Spot("reactor", "stirrer")
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 64, 48, 8, 2, 0, 0, 0)
PNG += struct.pack(">I", zlib.crc32(PNG[12:]))
JPEG = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc4\x00\x03\x00\xff\xc0\x00\x0b\x08\x00\x30\x00\x40" + bytes(4)


Hire = Callable[..., Any]
Hands = Callable[..., Operator]


@pytest.mark.parametrize(
    ("typed", "value", "uncertainty"),
    [("58.23 g", 58.23, 0.01), ("58.2 g", 58.2, 0.1), ("0.0582 kg", 58.2, 0.1), ("58-59 g", 58.5, 1.0)],
)
def test_weighing(typed: str, value: float, uncertainty: float, hire: Hire, operator: Hands) -> None:
    person = hire(typed)
    reading = run_virtual(operator(person).weigh, REACTOR)
    assert reading.value.in_("g") == pytest.approx(value)
    assert reading.uncertainty == pytest.approx(uncertainty)
    assert person.asked[0].act == {"method": "weigh", "what": "mass", "vessel": "reactor", "place": "stirrer"}
    assert person.asked[0].ask == "measure"


def test_measuring_a_plain_number_and_a_quantity(hire: Hire, operator: Hands) -> None:
    reading = run_virtual(operator(hire("done", 7.35)).measure, "pH", REACTOR)
    assert (reading.value, reading.uncertainty) == (Quantity(7.35, ""), 0.05)
    reading = run_virtual(operator(hire("23", "23.5 °C")).measure, "temperature", REACTOR)
    assert reading.value == Quantity(23.5, "°C")
    assert run_virtual(operator(hire({"value": 301.0, "unit": "rpm"})).speed) == Quantity(301, "rpm")
    assert run_virtual(operator(hire("60 °C")).temperature) == Quantity(60, "°C")


def test_a_reading_that_cannot_be_made_is_refused_with_the_reason(hire: Hire, operator: Hands) -> None:
    person = hire("no: the balance is broken")
    with pytest.raises(DeviceRefused, match="hands: Kei did not do it.*the balance is broken"):
        run_virtual(operator(person).weigh, REACTOR)
    assert len(person.asked) == 1


@pytest.mark.parametrize(("photo", "media"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_photograph(photo: bytes, media: str, hire: Hire, operator: Hands) -> None:
    person = hire("done", Answer("a.txt", "Kei", b"text"), Answer("a.jpg", "Kei", photo, media))
    picture = run_virtual(operator(person).capture, REACTOR)
    assert (picture.data, picture.media_type, picture.shape) == (photo, media, (48, 64))
    assert picture.settings["taken_by"] == "Kei"
    assert person.asked[0].ask == "picture"
    assert person.asked[1].text.startswith("No photograph came with the answer.")
    assert person.asked[2].text.startswith("The file is neither PNG nor JPEG.")


@pytest.mark.parametrize("cut", range(2, len(JPEG) - 8, 3))
def test_a_broken_photograph_is_asked_again(cut: int, hire: Hire, operator: Hands) -> None:
    person = hire(Answer("a.jpg", "Kei", JPEG[:cut]), Answer("a.jpg", "Kei", JPEG))
    run_virtual(operator(person).capture, REACTOR)
    assert len(person.asked) == 2
