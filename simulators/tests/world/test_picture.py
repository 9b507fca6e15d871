"""Pictures: deterministic, and showing what is there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from labcore_simulators.world import World, WorldError, evolve
from labcore_simulators.world.liquid import Liquid
from labcore_simulators.world.optics import Cloud
from labcore_simulators.world.picture import contents, painter
from labcore_simulators.world.picture.conditions import Conditions, conditions
from labcore_simulators.world.picture.view import view

React = Callable[..., World]
Pixels = NDArray[np.uint8]
PLAIN: dict[str, Any] = {
    "camera": {
        "light": 1, "side": -0.4, "noise": 0, "shift_x": 0, "shift_y": 0, "blur": 0.8,
        "red": 1, "blue": 1, "vignette": 0.2, "flicker": 0,
    }
}  # fmt: skip


def _liquid(picture: Pixels) -> Pixels:
    """The middle of the liquid, where the printed card shows through."""
    return picture[270:340, 285:320]


def _clouded(monkeypatch: pytest.MonkeyPatch, attenuation: float, bench: World, t: float = 20.0) -> Pixels:
    """The picture the reactor would give at an attenuation (1/cm), with the anisotropy of 0.44 um."""
    monkeypatch.setattr(painter, "cloud", lambda zone, rules: Cloud(attenuation, 0.16 * attenuation))
    return bench.picture("stirrer", t, camera="camera")


def test_same_seed_camera_and_time_give_the_same_picture(react: React) -> None:
    one, other = react(5.0), react(5.0)
    first = one.picture("stirrer", 120.0, camera="left")
    other.picture("stirrer", 60.0, camera="left")
    assert first.shape == (480, 640, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, other.picture("stirrer", 120.0, camera="left"))
    assert not np.array_equal(first, one.picture("stirrer", 120.0, camera="right"))
    assert not np.array_equal(first, one.picture("stirrer", 120.1, camera="left"))


def test_a_picture_painted_later_and_elsewhere_shows_what_was_there(react: React) -> None:
    times = [float(at) for at in range(30, 330, 30)]
    expected = [react(5.0).picture("stirrer", at, camera="left") for at in times]
    bench = react(5.0)
    exposed = [bench.expose("stirrer", at, camera="left") for at in times]
    bench.pour("reactor", Liquid(5.0, {"acetone": 5.0}), 400.0, by="hand")
    bench.set_stirring("stirrer", 0.0, 400.0)
    bench.lift("stirrer", 500.0, by="hand")
    with ThreadPoolExecutor(4) as threads:
        painted = list(threads.map(lambda paint: paint(), exposed))
    assert all(np.array_equal(one, other) for one, other in zip(painted, expected, strict=True))


def test_looking_costs_the_one_who_looks_nothing(react: React, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = react(5.0)
    asked: list[float] = []
    settled = evolve.settled
    monkeypatch.setattr(evolve, "settled", lambda *way: (asked.append(way[2]), settled(*way))[1])
    paint = bench.expose("stirrer", 120.0, camera="left")
    assert not asked
    paint()
    assert asked
    begun = bench.snapshot()["vessels"]["reactor"].t
    known = bench._courses["reactor"].known.t
    assert begun < 20 < known <= 120  # what the painter worked out is not worked out again


def test_contrast_falls_with_attenuation_as_it_should(react: React, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = react(5.0, **PLAIN)
    contrasts = {}
    for attenuation in (0.0, 0.1, 0.3, 0.6):
        linear = (_liquid(_clouded(monkeypatch, attenuation, bench))[..., 1].astype(float) / 255) ** 2
        contrasts[attenuation] = float((linear - cv2.GaussianBlur(linear, (0, 0), 6)).std())
    for attenuation in (0.1, 0.3, 0.6):
        expected = np.exp(-attenuation * 3.29)  # mean chord of these columns, cm
        assert contrasts[attenuation] / contrasts[0.0] == pytest.approx(expected, rel=0.08)


def test_brightness_rises_with_attenuation_and_saturates(
    react: React, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = react(5.0, **PLAIN)
    levels = [0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
    means = [float(_liquid(_clouded(monkeypatch, level, bench)).mean()) for level in levels]
    assert means == sorted(means)
    assert means[-1] - means[-2] < 0.2 * (means[-1] - means[0])


def test_the_reaction_whitens_the_vial(react: React) -> None:
    bench = react(5.0)
    early, late = (_liquid(bench.picture("stirrer", t, camera="camera")) for t in (10.0, 400.0))
    assert late.mean() > early.mean() + 40
    assert late.std() < early.std()


def test_empty_place_shows_no_vessel(react: React) -> None:
    bench = react(5.0, **PLAIN)
    full = bench.picture("stirrer", 400.0, camera="camera")
    bench.lift("stirrer", 400.0, by="hand")
    empty = bench.picture("stirrer", 400.0, camera="camera")
    assert _liquid(empty).mean() < _liquid(full).mean() - 40
    assert np.array_equal(empty, bench.picture("nowhere", 400.0, camera="camera"))


def test_an_offset_moves_the_vial_in_the_picture(react: React) -> None:
    bench = react(5.0, offset=8.0, **PLAIN)
    vessel = bench._look("reactor")
    picture = bench.picture("stirrer", 400.0, camera="camera")[300:340].astype(float).mean(axis=(0, 2))
    white = np.flatnonzero(picture > 105)
    assert (white[0] + white[-1]) / 2 == pytest.approx(320 + 3.7 * vessel.placed.right, abs=5)


def test_a_tilt_leans_it(react: React) -> None:
    bench = react(5.0, tilt=6.0, **PLAIN)
    tilt = bench._look("reactor").placed.tilt
    picture = bench.picture("stirrer", 400.0, camera="camera").astype(float).mean(axis=2)
    upper, lower = (
        np.flatnonzero(picture[rows].mean(axis=0) > 140).mean() for rows in (slice(270, 275), slice(340, 345))
    )
    assert np.degrees(np.arctan2(upper - lower, 70)) == pytest.approx(tilt, abs=1.0)


def test_level_follows_the_volume(react: React) -> None:
    bench = react(5.0, **PLAIN)
    tops = []
    for t in (400.0, 500.0):
        column = bench.picture("stirrer", t, camera="camera")[:, 318:322].astype(float).mean(axis=(1, 2))
        tops.append(np.flatnonzero(column[200:] > 140)[0] + 200)
        bench.draw("reactor", 20.0, t, by="hand")
    assert tops[1] - tops[0] == pytest.approx(3.7 * 20e3 / (np.pi * 35**2 / 4), abs=3)


def test_bar_blurs_and_turns(react: React) -> None:
    bench = react(5.0, **PLAIN)
    turning = [bench.picture("stirrer", t, camera="camera") for t in (4.00, 4.05)]
    assert cv2.absdiff(turning[0], turning[1])[360:395].max() > 20
    bench.set_stirring("stirrer", 0.0, 4.05)
    bench.advance(8.0)
    resting = [bench.picture("stirrer", t, camera="camera") for t in (8.0, 8.05)]
    assert cv2.absdiff(resting[0], resting[1]).max() <= 1


def test_uneven_zones_are_visible(react: React) -> None:
    bench = react(5.0, **PLAIN)
    bench.advance(4.0)
    look = contents.Look(
        Cloud(3.0, 0.5),
        Cloud(0.1, 0.02),
        corner_share=0.3,
        level=40.0,
        bed=0.0,
        rpm=0.0,
        turn=0.7,
        side=-0.4,
        axis=-3.0,
    )
    brush = painter.Painter(1, bench.rules)
    bench.picture("stirrer", 4.0, camera="camera")
    vessel = bench._look("reactor")
    brush.paint(vessel, bench._station("stirrer"), 4.0, camera="camera", size=(640, 480))
    stage = brush._sets[("camera", 640, 480)]._stage(vessel)
    image = contents.painted(vessel, look, stage.patch, stage.glass)
    rows = image.shape[0]
    assert image[rows // 2].mean() != pytest.approx(image[rows - 60].mean(), rel=0.1)


def test_conditions_are_drawn_within_their_range_and_can_be_fixed() -> None:
    drawn = [conditions(seed, "camera", {}) for seed in range(200)]
    assert all(0.8 <= each.light <= 1.2 and abs(each.shift_x) <= 5 for each in drawn)
    assert len({each.light for each in drawn}) == 200
    assert conditions(1, "camera", {"light": 2}).light == 2.0
    with pytest.raises(WorldError, match="unknown lite"):
        conditions(1, "camera", {"lite": 2})


def test_a_small_picture_shows_the_same_scene(react: React) -> None:
    bench = react(5.0, **PLAIN)
    large = cv2.resize(
        bench.picture("stirrer", 10.0, camera="camera"), (320, 240), interpolation=cv2.INTER_AREA
    )
    small = bench.picture("stirrer", 10.0, camera="camera", width=320, height=240)
    assert float(np.abs(large.astype(float) - small).mean()) < 6
    assert view((320, 240), Conditions()).scale == pytest.approx(view((640, 480), Conditions()).scale / 2)


def test_dry_and_capped_vessels_can_be_painted(react: React) -> None:
    bench = react(5.0, **PLAIN)
    vessel = replace(bench._look("reactor"), closed=True, core=Liquid(), corner=Liquid())
    brush = painter.Painter(1, bench.rules)
    picture = brush.paint(vessel, bench._station("stirrer"), 4.0, camera="camera", size=(640, 480))
    assert picture[110:140, 300:340].mean() > 120
