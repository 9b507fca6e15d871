"""Devices that a run needs for itself alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcore.app import check
from labcore.app.in_use import refuse_devices_in_use
from labcore.errors import UsageError

PROTOCOL = """
labcore: 1
name: two plates
devices: {stirrer: [stirring], plate: [stirring]}
steps:
  - stir: {device: stirrer, speed: 300 rpm}
  - stir: {device: plate, speed: 100 rpm}
  - wait: 1 s
"""
LAB = """
lab: two plates
devices:
  stirrer: {driver: ika-namur, port: FIRST}
  plate:   {driver: ika-namur, port: SECOND}
"""


def test_one_port_behind_two_names_is_refused_without_blaming_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))
    (tmp_path / "ttyUSB0").write_bytes(b"")
    try:
        (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    except OSError:
        pytest.skip("no symbolic links here")
    (tmp_path / "p.yaml").write_text(PROTOCOL, encoding="utf-8")
    lab = LAB.replace("FIRST", str(tmp_path / "ttyUSB0")).replace("SECOND", str(tmp_path / "by-id"))
    (tmp_path / "lab.yaml").write_text(lab, encoding="utf-8")
    checked = check(tmp_path / "p.yaml")
    assert checked.ok, "the text alone does not tell"
    with pytest.raises(UsageError, match="devices stirrer and plate are at one port") as refused:
        refuse_devices_in_use(checked.prepared)
    assert "process" not in str(refused.value)
    assert "same_as: stirrer" in str(refused.value)
