"""The parts others build loaders from: PyYAML's C loader, and pint for two quantities a step. Runs with the peers."""

from __future__ import annotations

from functools import partial

import pint
import yaml
from texts import STEPS, long_protocol
from timing import measure, scaled


def load(text: str, registry: pint.UnitRegistry) -> None:
    """Load the text and parse the quantities; check nothing."""
    for step in yaml.load(text, Loader=yaml.CSafeLoader)["steps"]:
        arguments = step["dispense"]
        registry.Quantity(arguments["volume"])
        registry.Quantity(arguments["tolerance"])


def main() -> None:
    """Measure one step."""
    registry = pint.UnitRegistry()
    measure("pyyaml+pint.step", lambda n: partial(load, long_protocol(n), registry), scaled(STEPS, least=100))


if __name__ == "__main__":
    main()
