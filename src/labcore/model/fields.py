"""Field types for pydantic models: quantities with their dimension, names with their kind.

A quantity field accepts text ("20 mL") and refuses bare numbers. The kind of a name ("vessel", "material", "place",
"device") lets check resolve it and editors complete it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from labcore.model.quantity import Quantity, QuantityError, parse_quantity


@dataclass(frozen=True, slots=True)
class Dimension:
    """Annotate a Quantity field with the dimension it must have, and an example for messages."""

    name: str
    example: str
    positive: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "examples": [self.example],
            "description": f"{self.name}, for example {self.example}",
        }

    def read(self, value: Any) -> Quantity:
        """Turn text into a Quantity of this dimension."""
        quantity = value if isinstance(value, Quantity) else self._parse(value)
        if quantity.dimension != self.name:
            found = quantity.dimension if quantity.unit else "a number without unit"
            raise self._error(f"{quantity} is {found}, not {self.name}")
        if self.positive and quantity.value < 0:
            raise self._error(f"{quantity} is negative")
        return quantity

    def _parse(self, value: Any) -> Quantity:
        if not isinstance(value, str):
            raise self._error(f"{value!r} has no unit")
        try:
            return parse_quantity(value)
        except QuantityError as error:
            raise PydanticCustomError(
                "quantity", "{m}", {"m": error.message, "remedy": error.remedy}
            ) from error

    def _error(self, message: str) -> PydanticCustomError:
        return PydanticCustomError(
            "dimension", "{m}", {"m": message, "remedy": f"Write it like {self.example}."}
        )


@dataclass(frozen=True, slots=True)
class NameOf:
    """Annotate a string field that names something declared elsewhere."""

    kind: str


Volume = Annotated[Quantity, Dimension("volume", "20 mL", positive=True)]
Duration = Annotated[Quantity, Dimension("time", "30 s", positive=True)]
Speed = Annotated[Quantity, Dimension("rotation", "300 rpm", positive=True)]
Temperature = Annotated[Quantity, Dimension("temperature", "60 °C")]
TemperatureStep = Annotated[Quantity, Dimension("temperature difference", "2 K", positive=True)]
Mass = Annotated[Quantity, Dimension("mass", "0.5 g", positive=True)]
Amount = Annotated[Quantity, Dimension("amount", "0.2 mmol", positive=True)]
Ratio = Annotated[Quantity, Dimension("ratio", "5 %", positive=True)]
VesselName = Annotated[str, NameOf("vessel")]
MaterialName = Annotated[str, NameOf("material")]
PlaceName = Annotated[str, NameOf("place")]
DeviceName = Annotated[str, NameOf("device")]
