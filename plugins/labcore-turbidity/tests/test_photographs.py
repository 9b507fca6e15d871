"""Real vials: hazy and white ones read above clear ones; foam and settled solid are named, not read as turbid."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from labcore_turbidity import Reading, measure, measure_all

PHOTOS = Path(__file__).parent / "photos"


def photograph(name: str) -> cv2.typing.MatLike:
    picture = cv2.imread(str(PHOTOS / name))
    assert picture is not None
    return picture


def value(reading: Reading) -> float:
    assert reading.value is not None, reading.flags
    return reading.value


def test_clear_beside_hazy_over_settled_solid() -> None:
    clear, hazy = measure_all(photograph("2vials_homo_hetro.jpg"))
    assert value(hazy) > value(clear) + 0.5
    assert value(clear) < 1.0
    assert "sediment" in hazy.flags
    assert "sediment" not in clear.flags


def test_hazy_beside_clear_under_foam() -> None:
    hazy, foamy = measure_all(photograph("2vials.jpg"))
    assert value(hazy) > value(foamy) + 0.5
    assert "foam" in foamy.flags
    assert foamy.quality == "doubtful"
    assert value(foamy) < 1.0
    assert "foam" not in hazy.flags


def test_cloudy_beside_clear_and_solids_that_are_no_liquid() -> None:
    powder, grains, cloudy, clear = measure_all(photograph("multiple_blurry.JPG"))
    assert value(cloudy) > value(clear) + 2
    for dry in (powder, grains):
        assert dry.value is None
        assert "liquid_not_seen" in dry.flags


@pytest.mark.parametrize("name", ["2vials.jpg", "2vials_homo_hetro.jpg", "multiple_blurry.JPG"])
def test_no_photograph_gives_a_sure_number(name: str) -> None:
    readings = measure_all(photograph(name))
    assert len(readings) >= 2
    for reading in readings:
        assert reading.quality in ("doubtful", "bad")
        if reading.value is not None:
            assert reading.low is not None
            assert reading.high is not None
            assert reading.high - reading.low > 1.0
            assert "uncalibrated" in reading.flags


@pytest.mark.parametrize("scale", [0.5, 0.75])
def test_order_holds_at_other_sizes(scale: float) -> None:
    picture = cv2.resize(
        photograph("2vials_homo_hetro.jpg"), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    clear, hazy = measure_all(picture)
    assert value(hazy) > value(clear) + 0.5


def test_one_reading_of_a_picture_with_two_vials_says_so() -> None:
    reading = measure(photograph("2vials.jpg"))
    assert "several_vials" in reading.flags
    assert reading.quality == "doubtful"
