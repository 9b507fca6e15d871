"""Pictures drawn for the purpose: what stands in the way is named, what is seen has the right order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labcore_turbidity import measure, measure_all, overlay, reference_from

Scene = Callable[..., Any]


def test_order_before_a_dark_ground(scene: Scene) -> None:
    values = [measure(scene(a, pattern="plain", lean=2)).value for a in (0.0, 0.1, 0.5, 3.0)]
    assert None not in values
    assert values == sorted(values)
    assert values[0] < 1.2
    assert values[-1] > 3.5


@pytest.mark.parametrize(
    "change", [{"light": 0.8}, {"light": 1.2}, {"shift": 5}, {"side": 0.4}, {"noise": 3.0}, {"lean": -4}]
)
def test_dark_ground_survives_light_place_and_noise(scene: Scene, change: dict[str, float]) -> None:
    plain = measure(scene(0.5, pattern="plain"))
    changed = measure(scene(0.5, pattern="plain", **change))
    assert changed.value == pytest.approx(plain.value, abs=0.5)


def test_a_reading_without_card_is_never_sure_of_itself(scene: Scene) -> None:
    reading = measure(scene(10.0, pattern="plain"))
    assert reading.quality == "doubtful"
    assert {"no_card", "saturated", "uncalibrated"} <= set(reading.flags)
    assert reading.high == 5.0
    assert reading.low is not None
    assert reading.low <= 4.5


def test_foam_on_clear_liquid_is_named_and_not_read(scene: Scene) -> None:
    reading = measure(scene(0.0, pattern="plain", foam=True, fill=0.5))
    assert "foam" in reading.flags
    assert reading.quality == "doubtful"
    assert reading.value is not None
    assert reading.value < 1.0


def test_settled_solid_is_named_and_not_read(scene: Scene) -> None:
    reading = measure(scene(0.0, pattern="plain", settled=14, bar=False, fill=0.7))
    assert "sediment" in reading.flags
    assert reading.value is not None
    assert reading.value < 1.0


@pytest.mark.parametrize(
    ("picture", "flag"),
    [
        (np.zeros((480, 640, 3), np.uint8), "black"),
        (np.full((480, 640, 3), 255, np.uint8), "white"),
        (np.full((480, 640, 3), 90, np.uint8), "no_card"),
        (np.random.default_rng(3).integers(0, 255, (480, 640, 3)).astype(np.uint8), "no_card"),
    ],
)
def test_useless_frames_give_no_value(picture: Any, flag: str) -> None:
    reading = measure(picture)
    assert reading.value is None
    assert reading.quality == "bad"
    assert flag in reading.flags
    assert reference_from(picture) is None


def test_a_scene_without_vial_gives_no_value(scene: Scene) -> None:
    assert measure(scene(vial=False, pattern="plain")).value is None


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3)),
        np.zeros((8, 8, 3), np.uint8),
        None,
        "picture.png",
    ],
)
def test_what_is_no_picture_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="picture"):
        measure(wrong)


def test_grey_pictures_are_read_too(scene: Scene) -> None:
    picture = scene(0.5, pattern="plain")
    assert measure(np.ascontiguousarray(picture[:, :, 0])) == measure(picture)


def test_same_bytes_same_reading_and_untouched(scene: Scene) -> None:
    picture = scene(0.4, pattern="plain")
    before = picture.copy()
    assert measure(picture) == measure(picture.copy())
    assert np.array_equal(picture, before)


def test_overlay_draws_on_a_copy(scene: Scene) -> None:
    picture = scene(0.4, pattern="plain")
    drawn = overlay(picture, measure_all(picture))
    assert drawn.shape == picture.shape
    assert drawn.dtype == np.uint8
    assert 300 < np.count_nonzero((drawn != picture).any(axis=2)) < picture.size / 12
    assert not np.array_equal(overlay(picture, measure(np.zeros_like(picture))), picture)
