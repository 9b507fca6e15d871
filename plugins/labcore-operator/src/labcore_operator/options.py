"""What a lab file may say about an operator."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from labcore.model.fields import Duration, Ratio
from labcore.model.quantity import Quantity
from labcore.plugin.driver import DriverOptions
from labcore_operator.catalogue import Language


class OperatorOptions(DriverOptions):
    """Options of a person in the lab file.

    `uncertainty` is the half-width, relative, of a volume this person says was dispensed. `tolerance`: a
    value further than this from the commanded one is `partly`, not `done`. `patience` is how long an act may
    take altogether, `stop_patience` how long a stop or a safety question is waited for. `labels` tell people
    what a place or vessel holds ("bottle/1": "diamine solution").
    """

    language: Language = "en"
    uncertainty: Ratio = Quantity(2.0, "%")
    tolerance: Ratio = Quantity(10.0, "%")
    patience: Duration = Quantity(3600.0, "s")
    stop_patience: Duration = Quantity(60.0, "s")
    attempts: int = Field(default=3, ge=1, le=10)
    labels: Mapping[str, str] = Field(default_factory=dict)
