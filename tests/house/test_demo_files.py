"""What `labcore demo` and `labcore init` carry inside the package is what stands in protocols/."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["protocol.yaml", "robot.yaml"])
def test_the_demo_is_the_protocol_of_the_repository(name: str, root: Path) -> None:
    carried = root / "src" / "labcore" / "app" / "demo" / name
    assert carried.read_text(encoding="utf-8") == (root / "protocols" / "polyamic_acid" / name).read_text(
        encoding="utf-8"
    )


def test_the_built_in_bench_is_the_robot_lab(root: Path) -> None:
    bench = root / "src" / "labcore" / "app" / "bench.yaml"
    assert bench.read_text(encoding="utf-8") == (
        root / "protocols" / "polyamic_acid" / "robot.yaml"
    ).read_text(encoding="utf-8")
