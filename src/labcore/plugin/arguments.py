"""Field types for a verb's arguments.

class Args(StepArgs):
    volume: Volume
    into: VesselName
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from labcore.model.fields import (
    Amount,
    DeviceName,
    Dimension,
    Duration,
    Mass,
    MaterialName,
    NameOf,
    PlaceName,
    Ratio,
    Speed,
    Temperature,
    TemperatureStep,
    VesselName,
    Volume,
)

__all__ = [
    "Amount", "DeviceName", "Dimension", "Duration", "Mass", "MaterialName", "NameOf", "PlaceName", "Ratio", "Speed",
    "StepArgs", "Temperature", "TemperatureStep", "VesselName", "Volume",
]  # fmt: skip


class StepArgs(BaseModel):
    """Base of a verb's arguments; unknown keys are problems."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
