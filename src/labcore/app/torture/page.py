"""The report as one self-contained page that a chemist can read: a verdict, the numbers, a map of all kills, what it means."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template

from labcore.app.torture.campaign import Report
from labcore.app.torture.point import parse_trial
from labcore.app.torture.report import by_step, command, numbers
from labcore.app.torture.trial import Result

WAY = {
    "witness": "somebody who saw it said what became of open acts",
    "unknown": "nobody knew what became of open acts",
}


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
    counted = numbers(report)
    if report.ok:
        return f"Killed {counted['kills']} times. Nothing was done twice, nothing was lost, and the books are right."
    return f"Killed {counted['kills']} times. {len(report.failed)} trials show something that must not be."


def _tiles(report: Report) -> str:
    counted = numbers(report)
    ready = counted["ready_max_s"]
    tiles = [
        ("doses and moves in the world's own record", counted["issued"], ""),
        ("done twice", counted["doubled"], _bad(counted["doubled"])),
        ("lost", counted["lost"], _bad(counted["lost"])),
        ("declared unknown and left to people", counted["unknown"], "open" if counted["unknown"] else ""),
        ("true volumes outside the ledger", counted["ledger"], _bad(counted["ledger"])),
        ("longest restart to a decision", "-" if ready is None else f"{ready:.2f} s", ""),
    ]
    return "".join(
        f'<div class="tile {kind}"><b>{value}</b><span>{escape(text)}</span></div>'
        for text, value, kind in tiles
    )


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
    said += "".join(f"; {finding}" for finding in result.findings)
    return f'<i class="{_colour(result)}" title="{escape(said)}"></i>'


def _colour(result: Result) -> str:
    if result.findings:
        return "red"
    if result.outcome == "never began":
        return "grey"
    return "green" if result.outcome == "done" else "amber"


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
    total = len(report.undisturbed.journal) + len(report.undisturbed.wire)
    tried = numbers(report)["points_tried"]
    if tried < total:
        yield f"{tried} of {total} points were tried, evenly spread. `--every 1` tries all of them."
