"""The head of a protocol file as data; its steps are read by `pipeline.parse`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from labcore.model.fields import Loss


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class ParameterEntry(_Entry):
    """What a user may set. Values are text until resolved: a quantity, a number, a word."""

    default: Any = None
    min: Any = None
    max: Any = None
    help: str = ""


class MaterialEntry(_Entry):
    """A material by meaning; unknown keys are refused so that a typing error is seen."""

    solute: str | None = None
    concentration: str | None = None
    solvent: str | None = None
    density: str | None = None
    help: str = ""


class VesselNeed(_Entry):
    """A vessel the protocol works in."""

    labware: str | None = None
    closed: bool = False
    evaporation: Loss | None = None
    help: str = ""


class Header(_Entry):
    """Everything in a protocol but its steps."""

    labcore: Literal[1]
    name: str
    description: str = ""
    parameters: dict[str, ParameterEntry] = Field(default_factory=dict)
    materials: dict[str, MaterialEntry] = Field(default_factory=dict)
    vessels: dict[str, VesselNeed] = Field(default_factory=dict)
    devices: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    leave_on: tuple[str, ...] = ()
    observers: tuple[str, ...] = ()
