"""What `init` writes, and what a run keeps of what it was made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

Call = Callable[..., Any]

RINSE = """
labcore: 1
name: Rinse
materials: {acetone: {}}
vessels: {reactor: {labware: vial-50ml}}
devices: {dispenser: [dosing]}
steps:
  - dispense: {material: acetone, into: reactor, volume: 2 mL}
"""


@pytest.mark.parametrize("kind", ["protocol", "lab"])
def test_init_writes_the_schema_that_its_file_names(call: Call, tmp_path: Path, kind: str) -> None:
    assert call("init", "first").code == 0
    text = (tmp_path / "first" / f"{kind}.yaml").read_text(encoding="utf-8")
    named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    schema = json.loads((tmp_path / "first" / named).read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load(text), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**yaml.safe_load(text), "nonsense": 1}, schema)


def test_what_init_wrote_has_no_problems(call: Call) -> None:
    call("init", "first")
    checked = call("check", "first/protocol.yaml")
    assert (checked.code, checked.out.splitlines()[-1][-11:]) == (0, "no problems"), checked.err


def test_a_run_keeps_the_protocols_that_were_called(call: Call, protocol: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "rinse.yaml").write_text(RINSE, encoding="utf-8")
    protocol.write_text(
        protocol.read_text(encoding="utf-8") + "  - call: parts/rinse.yaml\n", encoding="utf-8"
    )
    done = call("simulate", protocol, "--quiet")
    assert done.code == 0, done.out + done.err
    (run,) = (tmp_path / "labcore-data" / "runs").iterdir()
    assert (run / "called" / "parts" / "rinse.yaml").read_text(encoding="utf-8") == RINSE
    assert (run / "protocol.yaml").read_text(encoding="utf-8") == protocol.read_text(encoding="utf-8")
