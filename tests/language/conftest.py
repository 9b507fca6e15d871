"""A bench, a catalogue with a turbidity observer and plugins that misbehave, and a way to check texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.errors import PluginError
from labcore.model.observation import Observable
from labcore.pipeline.prepare import Prepared, prepare
from labcore.pipeline.resolve import Sources
from labcore.plugin.driver import DriverOptions

HERE = Path(__file__).parent
Check = Callable[..., Prepared]


class Turbidity:
    """What check needs to know of an observer."""

    observables = (
        Observable("turbidity", "", 0.0, 5.0, from_images=True),
        Observable("placement.offset", "mm", 0.0, 20.0, from_images=True),
    )


class NoSimulator:
    """A driver that cannot be simulated."""

    capabilities = ()
    Options = DriverOptions
    transport = "person"
    simulator = ""
    limits: dict[str, Any] = {}
    outputs = ()
    watchdog = ()


class Catalogue(EntryPointCatalog):
    """The installed plugins, and some more; what is called broken cannot be loaded."""

    def __init__(self) -> None:
        super().__init__({("observers", "turbidity"): Turbidity, ("drivers", "no-simulator"): NoSimulator})

    def load(self, kind: Any, name: str) -> Any:
        if name == "broken":
            raise PluginError(
                f"{kind} 'broken' cannot be used: it raised", plugin="broken 1.0", remedy="Repair it."
            )
        return super().load(kind, name)


def read_called(name: str) -> str:
    return (HERE / "called" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture(scope="session")
def bench() -> str:
    return (HERE / "bench.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def check(catalogue: Catalogue, bench: str) -> Check:
    """Return what becomes of a protocol on the bench of these tests, or on another lab."""

    def prepared(
        protocol: str, lab: str = bench, *, parameters: Mapping[str, str] | None = None, simulate: bool = True,
        file: str = "p.yaml", lab_file: str = "l.yaml",
    ) -> Prepared:  # fmt: skip
        sources = Sources(protocol, file, lab, lab_file, dict(parameters or {}), simulate, read_called)
        return prepare(sources, catalogue)

    return prepared
