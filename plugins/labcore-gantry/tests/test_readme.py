from __future__ import annotations

import re
from pathlib import Path

import yaml

from labcore_gantry.options import GantryOptions as Options

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
HOW_TO_REACH = ("driver", "port", "same_as")


def test_every_device_of_the_readme_is_one() -> None:
    found = 0
    for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL):
        for entry in yaml.safe_load(block)["devices"].values():
            options = {key: value for key, value in entry.items() if key not in HOW_TO_REACH}
            if "driver" in entry:
                Options(**options)
                found += 1
    assert found
