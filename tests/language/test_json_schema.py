"""The published schemas are those of the models and plugins of this repository, and every example fits them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.pipeline.compose import compose, plain
from labcore.pipeline.json_schema import lab_schema, protocol_schema
from labcore.pipeline.words import BLOCK_KEYS, BLOCKS, HEADER_KEYS, MODIFIERS

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "protocols").glob("**/*.yaml"), *(ROOT / "src/labcore/app").glob("**/*.yaml")])
KEYS = {"labcore": "protocol", "lab": "lab"}
REFRESH = "write it again: labcore schema {0} > protocols/{0}.schema.json"


class OurPlugins(EntryPointCatalog):
    """The plugins of this repository only, whatever else is installed."""

    def names(self, kind: Any) -> tuple[str, ...]:
        ours = {
            one.name for one in self.listed() if one.kind == kind and one.distribution.startswith("labcore")
        }
        return tuple(name for name in super().names(kind) if name in ours)


def data(file: Path) -> Any:
    node, problems = compose(file.read_text(encoding="utf-8"), file.name)
    assert node is not None, problems
    return plain(node)


def kind_of(file: Path) -> str:
    """Say by its keys what a file is: "protocol", "lab", or "" for anything else."""
    keys = data(file).keys()
    return next((kind for key, kind in KEYS.items() if key in keys), "")


EXAMPLES = [(file, kind_of(file)) for file in FILES if kind_of(file)]
OF_THE_REPOSITORY = [(file, kind) for file, kind in EXAMPLES if file.is_relative_to(ROOT / "protocols")]


def shown(value: object) -> str:
    return f"{value.parent.name}/{value.stem}" if isinstance(value, Path) else str(value)


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    catalog = OurPlugins()
    return {"protocol": protocol_schema(catalog), "lab": lab_schema(catalog)}


def faults(schema: Any, instance: Any) -> list[str]:
    found: Iterable[Any] = Draft202012Validator(schema).iter_errors(instance)
    return [f"{one.json_path}: {one.message}" for one in found]


@pytest.mark.parametrize("kind", ["protocol", "lab"])
def test_the_published_schema_is_fresh(kind: str, schemas: dict[str, Any]) -> None:
    published = json.loads((ROOT / "protocols" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert published == schemas[kind], REFRESH.format(kind)


@pytest.mark.parametrize("kind", ["protocol", "lab"])
def test_it_is_a_schema(kind: str, schemas: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schemas[kind])


def test_every_protocol_and_lab_is_an_example() -> None:
    assert [file.name for file in FILES if not kind_of(file)] == ["runs.yaml"]  # a record of published runs
    folders = {folder for folder in (ROOT / "protocols").iterdir() if folder.is_dir()}
    for kind in ("protocol", "lab"):
        assert {file.parent for file, one in OF_THE_REPOSITORY if one == kind} == folders
    carried = {(file.name, kind) for file, kind in EXAMPLES if (file, kind) not in OF_THE_REPOSITORY}
    assert {("bench.yaml", "lab"), ("first.yaml", "protocol")} <= carried


@pytest.mark.parametrize(("file", "kind"), EXAMPLES, ids=shown)
def test_an_example_fits(file: Path, kind: str, schemas: dict[str, Any]) -> None:
    assert faults(schemas[kind], data(file)) == []


@pytest.mark.parametrize(("file", "kind"), OF_THE_REPOSITORY, ids=shown)
def test_an_example_names_its_schema(file: Path, kind: str) -> None:
    first = file.read_text(encoding="utf-8").split("\n")[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / named).resolve() == ROOT / "protocols" / f"{kind}.schema.json"


PROTOCOL = {"labcore": 1, "name": "x", "steps": [{"wait": "5 s"}]}


@pytest.mark.parametrize(
    "step",
    [
        {"wait": "5 s"},
        {"wait": {"duration": "${n}"}},
        "home",
        {"home": None},
        {"stir": {"device": "s", "speed": "300 rpm"}, "for": "5 min"},
        {
            "dispense": {
                "material": "a",
                "into": "b",
                "volume": {"value": "${x}", "min": "0 mL", "max": "1 mL"},
            }
        },
        {"repeat": [{"wait": "1 s"}], "times": 3},
        {"when": "a > 3", "then": [{"note": "x"}], "otherwise": [{"note": "y"}]},
        {"parallel": [[{"wait": "1 s"}], {"wait": "2 s"}]},
        {"for_each": {"n": ["a", "b"], "do": [{"note": "${n}"}]}},
        {"call": "x.yaml"},
        {"note": "x", "when": "a > 3"},
        {"wait": "1 s", "on_error": {"retry": 2, "then": "skip", "fallback": [{"note": "x"}]}},
    ],
    ids=str,
)
def test_a_right_step_fits(step: Any, schemas: dict[str, Any]) -> None:
    assert faults(schemas["protocol"], PROTOCOL | {"steps": [step]}) == []


@pytest.mark.parametrize(
    "step",
    [
        {"wait": 5},
        {"wait": "5 s", "note": "two verbs"},
        {"evry": "5 s", "wait": "1 s"},
        {"dispense": {"material": "a"}},
        {"timeout": "5 s"},
        {"dispense": {"material": "a", "into": "b", "volum": "5 mL"}},
        {"for_each": {"n": ["a"]}},
        {"wait": "1 s", "on_error": "panic"},
        5,
    ],
    ids=str,
)
def test_a_wrong_step_does_not_fit(step: Any, schemas: dict[str, Any]) -> None:
    assert faults(schemas["protocol"], PROTOCOL | {"steps": [step]}) != []


def test_a_step_is_one_object_with_one_property_a_verb(schemas: dict[str, Any]) -> None:
    written_out = schemas["protocol"]["$defs"]["step"]["anyOf"][0]
    assert set(written_out["properties"]) == {
        *OurPlugins().names("verbs"),
        *BLOCKS,
        *MODIFIERS,
        *BLOCK_KEYS,
    } - {"do"}
    for name, one in written_out["properties"].items():
        assert one.get("description") or "$ref" in one, f"{name} is not described"


def test_the_head_has_all_its_keys(schemas: dict[str, Any]) -> None:
    assert set(schemas["protocol"]["properties"]) == set(HEADER_KEYS)
    assert set(schemas["protocol"]["$defs"]["ParameterEntry"]["properties"]) == {
        "default",
        "min",
        "max",
        "help",
    }


@pytest.mark.parametrize(
    "device",
    [
        {"driver": "ika-namur", "port": "sim://ika-rct", "watchdog": "60 s"},
        {"same_as": "other"},
        {"driver": "operator"},
        {"driver": "gantry-dispenser", "port": "COM3", "syringe": "25 mL"},
        {"driver": "opencv-camera", "source": 0},
    ],
    ids=str,
)
def test_a_right_device_fits(device: Any, schemas: dict[str, Any]) -> None:
    assert faults(schemas["lab"], {"lab": "x", "devices": {"one": device}}) == []


@pytest.mark.parametrize(
    "device",
    [
        {"driver": "ika-nemur", "port": "COM3"},
        {"driver": "ika-namur"},
        {"driver": "ika-namur", "port": "COM3", "wachdog": "60 s"},
        {},
        {"driver": "gantry-dispenser", "port": "COM3", "syringe": 25},
    ],
    ids=str,
)
def test_a_wrong_device_does_not_fit(device: Any, schemas: dict[str, Any]) -> None:
    assert faults(schemas["lab"], {"lab": "x", "devices": {"one": device}}) != []
