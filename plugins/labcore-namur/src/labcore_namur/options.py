"""What a lab file may say about an IKA stirrer-hotplate."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from labcore.model.fields import Dimension
from labcore.model.quantity import Quantity
from labcore.plugin.driver import DriverOptions

SHORTEST = 20  # s, the least the device takes
LONGEST = 1500  # s
_AS_TEXT = WithJsonSchema(
    {"type": "string", "examples": ["20 s", "60 s", "off"], "description": "20 s to 1500 s, or off"}
)
_TIME = Dimension("time", "60 s", positive=True)


def _seconds_or_off(value: Any) -> int | None:
    """Read "60 s" as 60 and "off" (which some YAML readers turn into false) as None."""
    if value is False or value == "off" or value is None:
        return None
    if isinstance(value, int) and value is not True:
        raise PydanticCustomError("quantity", "{m}", {"m": f"{value} has no unit: write {value} s, or off"})
    quantity: Quantity = _TIME.read(value)
    seconds = quantity.in_("s")
    if not SHORTEST <= seconds <= LONGEST:
        raise PydanticCustomError("watchdog", "{m}", {"m": f"{quantity} is outside 20 s to 1500 s"})
    return round(seconds)


class NamurOptions(DriverOptions):
    """Keys of an IKA device in the lab file.

    `watchdog` (20 s to 1500 s, or off), `sensor` (plate or external).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    watchdog: Annotated[int | None, BeforeValidator(_seconds_or_off), _AS_TEXT] = SHORTEST
    sensor: Literal["plate", "external"] = "plate"
