"""Every YAML text that we show or ship is read alike by YAML 1.1 and 1.2 rules: people copy it into any tool."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from labcore.pipeline.compose import compose, plain

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^( *)```ya?ml[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def _blocks() -> list[Any]:
    pages = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("protocols/*/README.md"),
    ]
    pages += [*ROOT.glob("plugins/*/README.md"), ROOT / "simulators" / "README.md"]
    found = []
    for page in sorted(page for page in pages if page.exists()):
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            indent = len(match[1])
            block = "\n".join(line[indent:] for line in match[2].split("\n"))
            line = text[: match.start()].count("\n") + 1
            found.append(pytest.param(block, id=f"{page.relative_to(ROOT)}:{line}"))
    return found


def _files() -> list[Any]:
    paths = [*ROOT.glob("protocols/**/*.yaml"), *ROOT.glob("src/labcore/app/**/*.yaml")]
    return [
        pytest.param(path.read_text(encoding="utf-8"), id=str(path.relative_to(ROOT)))
        for path in sorted(paths)
    ]


def _same(text: str) -> None:
    old = yaml.safe_load(text)
    node, problems = compose(text, "block")
    assert node is not None, problems
    assert not [one for one in problems if getattr(one, "severity", "error") == "error"], problems
    assert plain(node) == old


@pytest.mark.parametrize("text", _blocks())
def test_a_block_in_a_document_is_read_alike(text: str) -> None:
    _same(text)


@pytest.mark.parametrize("text", _files())
def test_a_file_we_ship_is_read_alike(text: str) -> None:
    _same(text)


def test_a_difference_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        _same("answer: yes\n")


def test_there_are_blocks_and_files() -> None:
    assert len(_blocks()) >= 8
    assert {"runs.yaml", "bench.yaml", "protocol.yaml", "lab.yaml"} <= {Path(one.id).name for one in _files()}
