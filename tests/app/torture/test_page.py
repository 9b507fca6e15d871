"""The page says how much was tried, and marks what nobody knew apart from what was settled."""

from __future__ import annotations

import re
from pathlib import Path

from labcore.app.torture.campaign import Report, Undisturbed, Wanted
from labcore.app.torture.page import page
from labcore.app.torture.point import Point
from labcore.app.torture.trial import Expected, Result

POINTS = tuple(Point("commit", number) for number in range(5))
WIRE = tuple(Point("write", number, device="pump") for number in range(3))


def report(*results: Result) -> Report:
    undisturbed = Undisturbed("done", 1.0, 20, 3, POINTS, WIRE, (), (), Expected())
    return Report(Wanted(Path("p.yaml")), "Doses", "A bench, simulated", undisturbed, results, 9.0)


def result(point: int, outcome: str = "done", way: str = "witness", unknown: int = 0) -> Result:
    trial = f"commit-{point}-before/{way}"
    return Result(trial=trial, died=True, outcome=outcome, during="dispense", unknown=unknown)


def squares(html: str) -> list[str]:
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    return re.findall(r'<i class="(\w+)"', body)


def test_it_says_how_many_points_were_tried() -> None:
    html = page(report(result(0), result(0, way="unknown"), result(2)))
    assert "Killed 3 times; 2 of 8 points tried. Nothing was done twice" in html
    assert '<div class="tile open"><b>2</b><span>of 8 points tried</span></div>' in html
    assert "2 of 8 points were tried, evenly spread" in html
    assert html.count("A bench, simulated;") == 1
    assert "simulated, simulated" not in html


def test_an_act_declared_unknown_has_a_mark_of_its_own() -> None:
    html = page(report(result(0), result(1, way="unknown", unknown=1), result(2, "failed", "unknown", 1)))
    assert squares(html) == ["green", "half", "amber"]
    assert "1 act(s) declared unknown" in html
    assert '<i class="half"></i> recovered and finished, but an act had to be declared unknown' in html
