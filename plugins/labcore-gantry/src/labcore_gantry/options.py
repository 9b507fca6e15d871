"""What a lab file may say about a gantry dispenser."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from labcore.errors import AuthorError
from labcore.model.fields import Dimension, Ratio, Volume
from labcore.model.quantity import Quantity
from labcore.plugin.driver import DriverOptions
from labcore_gantry.profile import load_profile

Flow = Annotated[Quantity, Dimension("volume flow", "2 mL/s", positive=True)]


def _known(name: str) -> str:
    try:
        load_profile(name)
    except AuthorError as error:
        raise ValueError(str(error)) from error
    return name


class Calibration(BaseModel):
    """A weighing of what the syringe really delivers: `factor` times the nominal volume.

    `uncertainty` is the half-width of its 90 % interval, relative.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    date: date
    factor: Annotated[float, Field(gt=0.5, lt=2.0)] = 1.0
    uncertainty: Ratio


class GantryOptions(DriverOptions):
    """Keys of a gantry dispenser in the lab file."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    profile: Annotated[str, AfterValidator(_known)] = "grbl11-syringe"
    syringe: Volume
    deck: dict[str, tuple[float, float]] = Field(default_factory=dict)
    feed: Flow | None = None
    calibration: Calibration | None = None

    @field_validator("syringe")
    @classmethod
    def _holds_something(cls, value: Quantity) -> Quantity:
        if not 0.05 <= value.in_("mL") <= 500.0:
            raise ValueError(f"a syringe of {value} is not possible; write its nominal volume, like 25 mL")
        return value
