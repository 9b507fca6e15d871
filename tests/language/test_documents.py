"""Every YAML block of the documents means what it says: protocols are checked, labs are read, fragments fit into either."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labcore.app.files import built_in_lab
from labcore.pipeline.compose import ListNode, MapNode, compose
from labcore.pipeline.draft import Findings
from labcore.pipeline.parse import parse_lab
from labcore.pipeline.prepare import Prepared
from labcore.pipeline.words import HEADER_KEYS

Check = Callable[..., Prepared]
ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^( *)```ya?ml[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PAGES = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("protocols/*/README.md")),
    *sorted(ROOT.glob("plugins/*/README.md")), ROOT / "simulators" / "README.md",
]  # fmt: skip
NOT_INSTALLED = {"E213", "E405", "E408"}  # a page about writing a plugin uses words that only its reader has
OF_THE_BENCH = ("E4", "E5", "E6", "E204", "E208", "E801", "E215")  # a fragment's names are those of its page


def blocks_of(page: Path) -> Iterator[tuple[int, str]]:
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield text[: match.start()].count("\n") + 1, textwrap.dedent(match[2])


BLOCKS = [
    pytest.param(page, text, id=f"{page.relative_to(ROOT)}:{line}")
    for page in PAGES
    if page.exists()
    for line, text in blocks_of(page)
]


def kind_of(text: str) -> str:
    node, problems = compose(text, "block")
    assert not problems, [one.text() for one in problems]
    if isinstance(node, ListNode):
        return "steps"
    assert isinstance(node, MapNode)
    keys = node.keys()
    if "labcore" in keys:
        return "protocol"
    if "lab" in keys:
        return "lab"
    if set(keys) <= {"steps", "finally", "parameters", "materials"}:
        return "part of a protocol"
    return "part of a lab" if not set(keys) <= set(HEADER_KEYS) or "devices" in keys else "part of a protocol"


def lab_beside(page: Path) -> str:
    labs = [text for _, text in blocks_of(page) if kind_of(text) == "lab"]
    return labs[0] if labs else built_in_lab()


def errors(done: Prepared, *but: str) -> list[str]:
    return [one.text() for one in done.errors if not one.code.startswith(but)]


def lab_problems(text: str) -> list[Any]:
    findings = Findings()
    parse_lab(text, "block", findings)
    return findings.problems


@pytest.mark.parametrize(("page", "text"), BLOCKS)
def test_a_block_says_what_it_means(page: Path, text: str, check: Check) -> None:
    match kind_of(text):
        case "protocol":
            done = check(text, lab_beside(page))
            unknown = NOT_INSTALLED & {one.code for one in done.problems}
            runs = page.name == "README.md" or page.parent.name == "tutorials"  # what people type and run
            assert errors(done, *NOT_INSTALLED, *(OF_THE_BENCH if unknown or not runs else ())) == []
        case "lab":
            assert lab_problems(text) == []
        case "steps":
            assert (
                errors(check("labcore: 1\nname: x\nsteps:\n" + textwrap.indent(text, "  ")), *OF_THE_BENCH)
                == []
            )
        case "part of a protocol":
            steps = "" if re.search(r"^steps:", text, re.MULTILINE) else "steps: [{note: a}]\n"
            assert errors(check("labcore: 1\nname: x\n" + steps + text), *OF_THE_BENCH) == []
        case _:
            assert lab_problems("lab: x\n" + text) == []


def test_there_are_blocks_of_several_kinds() -> None:
    kinds = {kind_of(str(block.values[1])) for block in BLOCKS}
    assert {"protocol", "lab"} <= kinds
    assert len(BLOCKS) >= 10
