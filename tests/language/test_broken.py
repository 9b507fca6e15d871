"""Every broken file says what is wrong with it, at the right place, with a remedy; nothing raises.

Expectations stand in the files: `# expect: CODE @LINE:COLUMN words of the message`, `@FILE LINE:COLUMN` for another file,
`@-` where there is no place. They are complete: what is not expected must not be found. `# set: name=value` sets a
parameter; a file called `lab_...` is a lab, checked with a good protocol.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcore.pipeline.codes import CODES
from labcore.pipeline.prepare import Prepared
from labcore.pipeline.problem import Problem

HERE = Path(__file__).parent
FILES = sorted((HERE / "broken").glob("*.yaml"))
EXPECT = re.compile(r"# expect: ([EWN]\d{3}) @(?:(\S+\.yaml) )?(-|\d+:\d+) ?(.*)")
IN_A_RUN = {
    "W608",
    "E805",
    "E806",
    "E807",
    "E808",
    *(f"E{number}" for number in (*range(908, 912), *range(921, 927))),
    "W912",
    "W913",
    "W920",
}  # found by no check

Check = Callable[..., Prepared]


def text_of(file: Path) -> str:
    return file.read_bytes().decode("utf-8")


def checked(file: Path, check: Check) -> Prepared:
    text = text_of(file)
    given = dict(re.findall(r"^# set: (\w+)=(.*)$", text, re.MULTILINE))
    if file.name.startswith("lab_"):
        return check((HERE / "good.yaml").read_text(encoding="utf-8"), text, lab_file=file.name)
    return check(text, parameters=given, file=file.name)


def expected(file: Path) -> list[tuple[str, str, str]]:
    return [
        (code, place if not other else f"{other} {place}", words)
        for code, other, place, words in EXPECT.findall(text_of(file))
    ]


def found(problem: Problem, file: Path) -> tuple[str, str]:
    if problem.place is None:
        return problem.code, "-"
    at = f"{problem.place.line}:{problem.place.column}"
    return problem.code, at if problem.place.file == file.name else f"{problem.place.file} {at}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_broken_file_says_what_is_wrong(file: Path, check: Check) -> None:
    prepared = checked(file, check)
    wanted = expected(file)
    assert sorted(found(one, file) for one in prepared.problems) == sorted(
        (code, at) for code, at, _ in wanted
    )
    for code, at, words in wanted:
        texts = [one.text() for one in prepared.problems if found(one, file) == (code, at)]
        assert any(words in text for text in texts), f"{words!r} is not in {texts}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_problem_helps(file: Path, check: Check) -> None:
    problems = checked(file, check).problems
    assert problems
    for problem in problems:
        assert problem.message.strip()
        assert len(problem.remedy.split()) >= 2, problem
        assert problem.severity == CODES[problem.code].severity
        assert problem.place is None or problem.place.column >= 1


def test_every_code_that_check_can_find_has_a_broken_file() -> None:
    shown = {code for file in FILES for code, _, _ in expected(file)}
    assert CODES.keys() - shown == IN_A_RUN


def test_carets_stand_under_the_text_they_are_about(check: Check) -> None:
    file = HERE / "broken" / "many_at_once.yaml"
    lines = text_of(file).split("\n")
    under: dict[str, Any] = {}
    for problem in checked(file, check).problems:
        place = problem.place
        assert place is not None
        assert place.end_column is not None
        under[problem.code + str(place.line)] = lines[place.line - 1][place.column - 1 : place.end_column - 1]
    assert under["E2013"] == "paramters"
    assert under["E2158"] == "aceton"
    assert under["E2048"] == "reacter"
    assert under["E3018"] == "5"
    assert under["E60115"] == "70 mL"
    assert under["E20714"] == "nothing"
