"""The report as one self-contained page that a chemist can read: a verdict, the numbers, a map of all kills, what it means."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from labcore.app.torture.campaign import Report
from labcore.app.torture.point import parse_trial
from labcore.app.torture.report import by_step, command, numbers, points_in_all
from labcore.app.torture.trial import Result

WAY = {
    "witness": "somebody who saw it said what became of open acts",
    "unknown": "nobody knew what became of open acts",
}


def write_page(report: Report, path: Path) -> None:
    """Write the report as one self-contained page."""
    path.write_text(page(report), encoding="utf-8")


def page(report: Report) -> str:
    """Return the HTML."""
    counted = numbers(report)
    template = Template(files("labcore.app.torture").joinpath("page.html").read_text(encoding="utf-8"))
    return template.substitute(
        name=escape(report.name),
        lab=escape(report.lab),
        seed=report.wanted.seed,
        verdict="pass" if report.ok else "fail",
        headline=_headline(report),
        tiles=_tiles(report),
        map=_map(report),
        failures=_failures(report),
        tried=counted["points_tried"],
        journal=counted["points"]["journal"],
        wire=counted["points"]["wire"],
        kills=counted["kills"],
        seconds=f"{counted['seconds']:g}",
        events=report.undisturbed.events,
        acts=report.undisturbed.acts,
        notes=_notes(report),
        command=escape(command(report.wanted, "POINT/WAY").replace(" --only POINT/WAY", "")),
    )


def _headline(report: Report) -> str:
    killed = f"Killed {numbers(report)['kills']} times; {_points(report)} tried."
    if report.ok:
        return f"{killed} Nothing was done twice, nothing was lost, and the books are right."
    return f"{killed} {len(report.failed)} trials show something that must not be."


def _points(report: Report) -> str:
    counted = numbers(report)
    return f"{counted['points_tried']} of {points_in_all(counted)} points"


def _tiles(report: Report) -> str:
    counted = numbers(report)
    ready = counted["ready_max_s"]
    tiles = [
        (f"of {points_in_all(counted)} points tried", counted["points_tried"], _open(not _whole(report))),
        ("doses and moves in the world's own record", counted["issued"], ""),
        ("done twice", counted["doubled"], _bad(counted["doubled"])),
        ("lost", counted["lost"], _bad(counted["lost"])),
        ("declared unknown and left to people", counted["unknown"], _open(counted["unknown"])),
        ("true volumes outside the ledger", counted["ledger"], _bad(counted["ledger"])),
        ("longest restart to a decision", "-" if ready is None else f"{ready:.2f} s", ""),
    ]
    return "".join(
        f'<div class="tile {kind}"><b>{value}</b><span>{escape(text)}</span></div>'
        for text, value, kind in tiles
    )


def _whole(report: Report) -> bool:
    counted = numbers(report)
    return bool(counted["points_tried"] >= points_in_all(counted))


def _open(something: object) -> str:
    return "open" if something else ""


def _bad(count: int) -> str:
    return "bad" if count else "good"


def _map(report: Report) -> str:
    rows = []
    for step, results in by_step(report).items():
        squares = "".join(_square(one) for one in results)
        unknown = sum(one.unknown for one in results)
        rows.append(
            f"<tr><th>{escape(step)}</th><td class=squares>{squares}</td><td class=n>{len(results)}</td>"
            f"<td class=n>{sum(one.issued for one in results)}</td><td class=n>{sum(len(one.doubled) for one in results)}</td>"
            f"<td class=n>{sum(len(one.lost) for one in results)}</td><td class=n>{unknown}</td></tr>"
        )
    return "".join(rows)


def _square(result: Result) -> str:
    trial = parse_trial(result.trial)
    where = ", then ".join(point.said() for point in trial.points)
    said = f"{where}; {WAY[trial.way]}; the run ended: {result.outcome}"
    said += f"; {result.unknown} act(s) declared unknown" if result.unknown else ""
    said += "".join(f"; {finding}" for finding in result.findings)
    return f'<i class="{_colour(result)}" title="{escape(said)}"></i>'


def _colour(result: Result) -> str:
    if result.findings:
        return "red"
    if result.outcome == "never began":
        return "grey"
    if result.outcome != "done":
        return "amber"
    return "half" if result.unknown else "green"


def _failures(report: Report) -> str:
    if not report.failed:
        return "<p>None.</p>"
    return "".join(_failure(report, one) for one in report.failed)


def _failure(report: Report, result: Result) -> str:
    trial = parse_trial(result.trial)
    where = ", then ".join(point.said() for point in trial.points)
    findings = "".join(f"<li>{escape(one)}</li>" for one in result.findings)
    during = f" during <em>{escape(result.during)}</em>" if result.during else ""
    return (
        f"<section class=failure><p>Killed {escape(where)}{during}; {WAY[trial.way]}.</p><ul>{findings}</ul>"
        f"<pre>{escape(command(report.wanted, result.trial))}</pre></section>"
    )


def _notes(report: Report) -> str:
    return "".join(f"<li>{escape(one)}</li>" for one in _said(report))


def _said(report: Report) -> Iterable[str]:
    for finding in report.undisturbed.ledger:
        yield f"Even without any kill: {finding}."
    silent = sorted(report.undisturbed.expected.unrecorded)
    if silent:
        yield (
            f"Not judged: {', '.join(silent)}. The simulator writes none of its acts into the shared world, so that nobody "
            "but the journal speaks for it."
        )
    if not _whole(report):
        yield f"{_points(report)} were tried, evenly spread. `--every 1` tries all of them."
