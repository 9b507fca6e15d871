"""A bench, a catalogue with a turbidity observer and plugins that misbehave, and a way to check texts."""

from __future__ import annotations

import textwrap
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


HEAD = """labcore: 1
name: Test
parameters:
  speed: {default: 300 rpm, min: 50 rpm, max: 800 rpm}
  amount: {default: 5 mL}
  count: {default: 3}
  回転数: {default: 200 rpm}
materials:
  diamine solution: {solute: "4,4'-oxydianiline", concentration: 10 mmol/L}
  acetone: {}
vessels: {reactor: {labware: vial-50ml}, spare: {labware: vial-50ml}, flask: {}}
devices:
  dispenser: [dosing]
  mover: [placing]
  stirrer: [stirring]
  hotplate: [heating]
  camera: [imaging]
steps:
"""


@pytest.fixture(scope="session")
def planned(check: Check) -> Callable[..., Prepared]:
    """Return the plan of steps (as text) under a head that declares everything; errors are not expected."""

    def prepared(steps: str, **how: Any) -> Prepared:
        done = check(HEAD + textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ") + "\n", **how)
        assert [one.text() for one in done.errors] == []
        assert done.plan is not None
        return done

    return prepared


@pytest.fixture(scope="session")
def problems(check: Check) -> Callable[..., list[str]]:
    """Return the codes of what is found in steps under the same head, notes about unused things left out."""

    def codes(steps: str, **how: Any) -> list[str]:
        text = HEAD + textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ") + "\n"
        return [one.code for one in check(text, **how).problems if one.code != "N218"]

    return codes
