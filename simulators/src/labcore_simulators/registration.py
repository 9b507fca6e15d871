"""The factories behind the entry points of group `labcore.simulators`, named as in a sim:// URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .instruments.balance import Balance
from .instruments.camera import Camera
from .instruments.contract import Bench
from .instruments.gantry import Gantry
from .instruments.ika import IkaRct
from .instruments.person import Person


def gantry(
    world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
) -> Gantry:
    """Make a gantry with syringe and gripper behind a GRBL 1.1h board."""
    return Gantry(world, device=device, options=options, lab=lab, seed=seed)


def ika_rct(
    world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
) -> IkaRct:
    """Make an IKA RCT digital stirrer-hotplate."""
    return IkaRct(world, device=device, options=options, lab=lab, seed=seed)


def balance(
    world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
) -> Balance:
    """Make an MT-SICS balance."""
    return Balance(world, device=device, options=options, lab=lab, seed=seed)


def camera(
    world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
) -> Camera:
    """Make a camera over one place."""
    return Camera(world, device=device, options=options, lab=lab, seed=seed)


def person(
    world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
) -> Person:
    """Make a person who works on the bench."""
    return Person(world, device=device, options=options, lab=lab, seed=seed)


Simulator = Gantry | IkaRct | Balance | Camera | Person
SIMULATORS: Mapping[str, type[Simulator]] = {
    "gantry": Gantry,
    "ika-rct": IkaRct,
    "balance": Balance,
    "camera": Camera,
    "person": Person,
}
