"""The table of codes is complete in both directions, and its page is fresh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labcore.pipeline.codes import CODES, FAMILIES
from labcore.pipeline.codes.page import problems_page
from labcore.pipeline.draft import Findings

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"""["']([EWN]\d{3})["']""")
REFRESH = """write it again: python -c "from labcore.pipeline.codes import CODES; from labcore.pipeline.codes.page import \
problems_page; print(problems_page(CODES.values()), end='')" > docs/reference/problems.md"""
ROOMS = (ROOT / "src", ROOT / "simulators" / "src", *sorted((ROOT / "plugins").glob("*/src")))


def used() -> dict[str, str]:
    files = [file for room in ROOMS for file in room.rglob("*.py") if "codes" not in file.parts]
    return {code: file.name for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}


def test_every_code_that_is_used_is_in_the_table() -> None:
    assert {code: file for code, file in used().items() if code not in CODES} == {}


def test_every_code_in_the_table_is_used() -> None:
    perhaps = {"W" + code[1:] for code in used() if code[0] == "E"}  # see check/notes.py
    assert CODES.keys() - used().keys() - perhaps == set()


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_described(code: str) -> None:
    one = CODES[code]
    assert one.code == code
    assert one.code[1] in FAMILIES
    assert one.severity == {"E": "error", "W": "warning", "N": "note"}[code[0]]
    assert one.title[0].isupper()
    assert one.meaning.endswith(".")
    assert one.remedy.endswith((".", '"'))


def test_titles_are_told_apart() -> None:
    titles = [one.title for one in CODES.values()]
    assert len(titles) == len(set(titles))


def test_the_page_is_fresh() -> None:
    page = ROOT / "docs" / "reference" / "problems.md"
    fresh = problems_page(CODES.values())
    assert page.read_text(encoding="utf-8") == fresh, REFRESH


def test_a_problem_without_a_remedy_gets_the_one_of_its_code() -> None:
    findings = Findings()
    findings.add("E101", None, "nothing there")
    assert findings.problems[0].remedy == CODES["E101"].remedy
