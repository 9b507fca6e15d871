"""The lab file as data: devices, positions, stock, vessels and limits of one site (language.md, "A lab")."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from labcore.model.fields import AnyDimension, Duration, Loss, Mass, Volume
from labcore.model.quantity import Quantity

AnyQuantity = Annotated[Quantity, AnyDimension()]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class DeviceEntry(_Entry):
    """One device: its driver and how to reach it; every other key is an option of the driver."""

    model_config = ConfigDict(extra="allow", frozen=True)
    driver: str | None = None
    port: str | None = None
    source: str | int | None = None
    same_as: str | None = None
    on_host_loss: str | None = None
    serial_number: str | None = None
    simulated: bool = False  # what answers there is a simulator, whatever the address looks like

    @property
    def options(self) -> dict[str, Any]:
        """The driver's own keys."""
        return dict(self.model_extra or {})


class PositionEntry(_Entry):
    """A place a vessel can stand. `xy` (mm) overrides a gantry's standard deck."""

    fits: tuple[str, ...] = ()
    reach: tuple[str, ...] = ()
    station: str | None = None
    seen_by: str | None = None
    xy: tuple[float, float] | None = None

    @field_validator("fits", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class StockEntry(_Entry):
    """A material in its bottle. Unknown keys describe it (solute, concentration, solvent, lot, hazard)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    place: str = Field(alias="in")
    volume: Volume
    reach: tuple[str, ...] = ()
    labware: str = "bottle-500ml"
    uncertainty: str = "1 %"
    xy: tuple[float, float] | None = None


class VesselEntry(_Entry):
    """A vessel of the lab and where it stands at the beginning; without `at` nobody knows.

    `evaporation` replaces the tabled rate of an open one, `tare` is what it weighs empty. Unknown keys describe what is in it.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    at: str | None = None
    labware: str | None = None
    empty: bool = True
    contents: dict[str, Any] = Field(default_factory=dict)
    closed: bool = False
    evaporation: Loss | None = None
    tare: Mass | None = None


class LimitEntry(_Entry):
    """A lab's own limit of one setting of a device, narrower than the hardware's."""

    min: AnyQuantity | None = None
    max: AnyQuantity | None = None


class GuardEntry(_Entry):
    """What a reading of a device must not be. It is watched beside the run, whatever the run is doing.

    `stale`: no good reading for so long is as bad as a bad one. `runaway`: a heater that does not warm, or does not hold.
    """

    min: AnyQuantity | None = None
    max: AnyQuantity | None = None
    closed: bool | None = None
    runaway: bool = False
    stale: Duration | None = None
    every: Duration | None = None
    then: Literal["pause", "stop", "abort"] = "stop"


class LabFile(_Entry):
    """A whole lab file. `world` is read by simulators only."""

    lab: str
    description: str = ""
    devices: dict[str, DeviceEntry] = Field(default_factory=dict)
    positions: dict[str, PositionEntry] = Field(default_factory=dict)
    stock: dict[str, StockEntry] = Field(default_factory=dict)
    vessels: dict[str, VesselEntry] = Field(default_factory=dict)
    limits: dict[str, dict[str, LimitEntry]] = Field(default_factory=dict)
    guards: dict[str, dict[str, GuardEntry]] = Field(default_factory=dict)
    observers: tuple[str, ...] = ()
    waste: str | None = None
    world: dict[str, Any] = Field(default_factory=dict)
