"""Drivers that read, connect, renew and leave badly: refused at the border, named, and never the end of the engine (C20)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from labcore.capabilities import Reading, Spot
from labcore.model.observation import Picture
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Identity

Play = Callable[..., Any]
DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"
NAN, INF = float("nan"), float("inf")


# ------------------------------------------------------------------------------------------------ reading
def test_what_reading_raises_fails_the_step(
    play: Play, escape: BaseException, ended: Any, later: Any
) -> None:
    done = play(
        "steps:\n - image: vial\n   on_error: skip\n - note: after", driver={"capture": later(escape)}
    )
    assert ended(done).outcome == "failed"
    assert "robot: capture failed" in ended(done).error
    assert done.state.outcome == "done"


READINGS: list[Any] = [
    None, 7.0, Quantity(7, ""), Reading(Quantity(7, ""), NAN), Reading(Quantity(7, ""), INF), Reading(Quantity(7, ""), -1.0),
    Reading(Quantity(1.7e308, ""), 1.7e308), Reading(7.0, 0.1), Reading(Quantity(7, "mL"), 0.1), Reading(Quantity(7, ""), "0.1"),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize("reading", READINGS, ids=range(len(READINGS)))
def test_a_reading_that_no_step_can_use_is_not_observed(play: Play, reading: Any, ended: Any) -> None:
    async def measure(self: Any, what: str, spot: Spot) -> Any:
        return reading

    measures = {"pH": ""}
    done = play("steps:\n - measure: {what: pH, in: vial}", driver={"measure": measure, "measures": measures})
    assert ended(done).code == "E925"
    assert "bug in the driver" in ended(done).remedy
    assert done.of("observed") == []


PICTURES: list[Any] = [
    None, b"bytes", Picture("text", "image/png", (1, 1), {}), Picture(b"", "image/png", (NAN, 1), {}),  # type: ignore[arg-type]
    Picture(b"", "image/png", (0, 1), {}), Picture(b"", None, (1, 1), {}), Picture(b"", "image/png", (1, 1), None),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize("picture", PICTURES, ids=range(len(PICTURES)))
def test_a_picture_that_is_none_is_not_kept(play: Play, picture: Any, ended: Any) -> None:
    async def capture(self: Any, spot: Spot) -> Any:
        return picture

    done = play("steps:\n - image: vial", driver={"capture": capture})
    assert ended(done).code == "E925"
    assert done.of("image_taken") == []


def test_a_reading_in_the_wrong_unit_is_refused(play: Play, ended: Any) -> None:
    async def speed(self: Any) -> Quantity:
        return Quantity(7, "mL")

    done = play(
        "steps:\n - stir: {vessel: vial, speed: 300 rpm, reach: true}\n   timeout: 60 s",
        driver={"speed": speed},
    )
    assert ended(done).code == "E925"
    assert "cannot be written in rpm" in ended(done).error


# ------------------------------------------------------------------------------------------------ around a run
IDENTITIES = [
    None,
    "fake",
    Identity(""),
    Identity(7),
    Identity("fake", None),
    Identity("fake", "", [1]),
    Identity("\udc80"),
]  # type: ignore[arg-type]


@pytest.mark.parametrize("identity", IDENTITIES, ids=range(len(IDENTITIES)))
def test_a_device_that_does_not_say_who_it_is_ends_the_run_before_anything_moved(
    play: Play, identity: Any, ended: Any
) -> None:
    async def connect(self: Any) -> Any:
        return identity

    done = play(f"steps:\n - {DOSE}", driver={"connect": connect})
    ended(done)
    assert done.state.outcome == "failed"
    assert done.state.reason.startswith("robot: ")
    assert done.of("intended") == []


def test_what_connecting_raises_ends_the_run_before_anything_moved(
    play: Play, escape: BaseException, later: Any
) -> None:
    done = play(f"steps:\n - {DOSE}", driver={"connect": later(escape)})
    assert (done.state.outcome, done.of("intended")) == ("failed", [])
    assert "robot: " in done.state.reason
    assert "while connecting" in done.state.reason


def test_what_leaving_and_renewing_raise_changes_nothing(
    play: Play, escape: BaseException, later: Any
) -> None:
    hostile: Mapping[str, Any] = {
        "disconnect": later(escape),
        "renew": later(escape),
        "renew_every": 1.0,
    }
    done = play(f"steps:\n - {DOSE}", driver=hostile)
    assert done.state.outcome == "done"


@pytest.mark.parametrize("interval", [NAN, INF, 0.0, -1.0, "often", None])
def test_an_interval_of_renewal_that_is_none_stops_nothing(play: Play, interval: Any) -> None:
    async def renew(self: Any) -> None:
        raise AssertionError("never")

    done = play(f"steps:\n - {DOSE}", driver={"renew": renew, "renew_every": interval})
    assert done.state.outcome == "done"
