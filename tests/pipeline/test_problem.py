"""Problems as people and machines see them."""

from __future__ import annotations

import json

from labcore.pipeline.problem import Place, Problem, sorted_problems
from labcore.pipeline.render import as_json, count, report


def problem(
    line: int = 1, column: int = 1, end: int | None = None, code: str = "E601", message: str = "too full"
) -> Problem:
    return Problem(code, Place("p.yaml", line, column, end), message, "Use less.", step="dispense")


def test_text_names_code_place_step_fault_and_remedy() -> None:
    found = Problem(
        "E601",
        Place("protocol.yaml", 31, 15),
        "reactor would hold 52 mL; vial-50ml holds 50 mL",
        "Use a larger vessel or at most 18 mL here.",
        step="dispense",
    )
    assert found.text(None) == (
        "E601 protocol.yaml:31:15 dispense: reactor would hold 52 mL; vial-50ml holds 50 mL. "
        "Use a larger vessel or at most 18 mL here."
    )


def test_the_source_line_has_a_caret_under_the_place() -> None:
    lines = ["steps:", "  - wait: 5 mn"]
    assert problem(2, 11, 15).text(lines).splitlines()[1:] == [
        "   2 |   - wait: 5 mn",
        "     |           ^^^^",
    ]
    assert problem(2, 11).text(lines).splitlines()[2] == "     |           ^"
    assert len(problem(7, 1).text(lines).splitlines()) == 1


def test_carets_stand_right_under_wide_letters_and_tabs() -> None:
    _, line, carets = problem(1, 4, 6).text(["溶液: 水x y"]).splitlines()
    assert line == "   1 | 溶液: 水x y"
    assert carets == "     | " + " " * 5 + "^^^"
    _, line, carets = problem(1, 3, 4).text(["か\u3099x"]).splitlines()
    assert carets == "     | " + " " * 2 + "^"
    _, line, carets = problem(1, 2, 3).text(["\tb: 1"]).splitlines()
    assert (line, carets) == ("   1 |  b: 1", "     |  ^")


def test_long_lines_are_cut_around_the_place() -> None:
    line = "x" * 5000 + "HERE" + "y" * 5000
    _, shown, carets = problem(1, 5001, 5005).text([line]).splitlines()
    assert len(shown) < 120
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "HERE"
    assert problem(1, 9999, 99999).text(["short"]).count("^") == 1


def test_nothing_reaches_the_terminal_unchecked() -> None:
    text = Problem("E201", Place("p", 1, 1), "a\x1b[2Jb\nc", "d\u202ee").text(["k\x1b[31m: 1"])
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 3


def test_warnings_and_notes_are_marked() -> None:
    found = Problem("W901", Place("p", 1, 1), "no watchdog", "Mind it.", "warning")
    assert found.text() == "W901 p:1:1 warning: no watchdog. Mind it."
    assert Problem("W901", None, "no watchdog", "", "note").text() == "W901 note: no watchdog"


def test_machines_get_every_part() -> None:
    assert problem(2, 3, 5).as_dict() == {
        "code": "E601",
        "severity": "error",
        "file": "p.yaml",
        "line": 2,
        "column": 3,
        "end_column": 5,
        "step": "dispense",
        "message": "too full",
        "remedy": "Use less.",
    }
    assert Problem("E209", None, "m", "r").as_dict()["line"] is None


def test_problems_are_sorted_by_place_and_said_once() -> None:
    first, second, third = problem(1, 9), problem(2, 1), problem(2, 1, code="E602")
    nowhere = Problem("E209", None, "m", "r")
    assert sorted_problems([third, second, first, nowhere, first]) == (nowhere, first, second, third)


def test_a_report_quotes_every_file() -> None:
    found = [
        problem(2, 1),
        Problem("E201", Place("lab.yaml", 1, 1), "m", "r"),
        Problem("E209", None, "m", "r"),
    ]
    text = report(found, {"p.yaml": "a\r\nb\rc", "lab.yaml": "devices:"})
    assert "   2 | b" in text
    assert "   1 | devices:" in text
    assert [entry["code"] for entry in json.loads(as_json(found))] == ["E209", "E201", "E601"]


def test_counting() -> None:
    warning = Problem("W901", None, "m", "r", "warning")
    assert count([]) == "no problems"
    assert count([problem(1), problem(2), warning]) == "2 errors, 1 warning"
