"""What devices can do: one ability a file, methods marked as acts or reads."""

from __future__ import annotations

from labcore.capabilities.act import Act, Acts, Outcome, Reads, Spot, acts, marked, reads, reads_in
from labcore.capabilities.dosing import Dosing, DosingDriver
from labcore.capabilities.heating import Heating, HeatingDriver
from labcore.capabilities.homing import Homing, HomingDriver
from labcore.capabilities.imaging import Imaging, ImagingDriver
from labcore.capabilities.measuring import Measuring, MeasuringDriver
from labcore.capabilities.placing import Placing, PlacingDriver
from labcore.capabilities.stirring import Stirring, StirringDriver
from labcore.capabilities.weighing import Reading, Weighing, WeighingDriver

__all__ = [
    "Act", "Acts", "Dosing", "DosingDriver", "Heating", "HeatingDriver", "Homing", "HomingDriver", "Imaging",
    "ImagingDriver", "Measuring", "MeasuringDriver", "Outcome", "Placing", "PlacingDriver", "Reading", "Reads", "Spot",
    "Stirring", "StirringDriver", "Weighing", "WeighingDriver", "acts", "marked", "reads",
    "reads_in",
]  # fmt: skip
