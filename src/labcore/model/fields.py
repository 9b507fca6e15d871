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

from labcore.model.quantity import Quantity, QuantityError, format_number, parse_quantity

# A number and a unit, as far as a pattern can tell (ECMA 262, for editors).
QUANTITY_PATTERN = r"^\s*[+\-]?(\d+\.?\d*|\.\d+)([eE][+\-]?\d+)?(\s+\S.*|[^\d\s.].*)$"


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
            "pattern": QUANTITY_PATTERN,
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
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = format_number(value)
        if not isinstance(value, str):
            raise self._no_quantity(f"{value!r} is not a quantity", f"Write it like {self.example}.")
        try:
            return parse_quantity(value)
        except QuantityError as error:
            remedy = f"Write the unit, like {self.example}." if _is_number(value) else error.remedy
            raise self._no_quantity(error.message, remedy) from error

    def _no_quantity(self, message: str, remedy: str) -> PydanticCustomError:
        return PydanticCustomError("quantity", "{m}", {"m": message, "remedy": remedy})

    def _error(self, message: str) -> PydanticCustomError:
        return PydanticCustomError(
            "dimension", "{m}", {"m": message, "remedy": f"Write it like {self.example}."}
        )


class AnyDimension:
    """Annotate a Quantity field that may measure anything: a limit's dimension is that of what it limits."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": QUANTITY_PATTERN,
            "examples": ["800 rpm"],
            "description": "number and unit",
        }

    def read(self, value: Any) -> Quantity:
        """Turn text into a Quantity."""
        if isinstance(value, Quantity):
            return value
        text = value if isinstance(value, str) else str(value)
        try:
            return parse_quantity(text)
        except QuantityError as error:
            raise PydanticCustomError(
                "quantity", "{m}", {"m": error.message, "remedy": error.remedy}
            ) from error


def _is_number(text: str) -> bool:
    try:
        return not parse_quantity(text, bare=True).unit
    except QuantityError:
        return False


@dataclass(frozen=True, slots=True)
class NameOf:
    """Annotate a string field that names something declared elsewhere."""

    kind: str


Volume = Annotated[Quantity, Dimension("volume", "20 mL", positive=True)]
Duration = Annotated[Quantity, Dimension("time", "30 s", positive=True)]
Speed = Annotated[Quantity, Dimension("rotation", "300 rpm", positive=True)]
Temperature = Annotated[Quantity, Dimension("temperature", "60 °C")]
TemperatureStep = Annotated[Quantity, Dimension("temperature difference", "2 K", positive=True)]
Loss = Annotated[Quantity, Dimension("volume flow", "0.1 mL/h", positive=True)]
Mass = Annotated[Quantity, Dimension("mass", "0.5 g", positive=True)]
Amount = Annotated[Quantity, Dimension("amount", "0.2 mmol", positive=True)]
Ratio = Annotated[Quantity, Dimension("ratio", "5 %", positive=True)]
VesselName = Annotated[str, NameOf("vessel")]
MaterialName = Annotated[str, NameOf("material")]
PlaceName = Annotated[str, NameOf("place")]
DeviceName = Annotated[str, NameOf("device")]
