"""A report in words and as data."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from typing import Any

from labcore.app.torture.campaign import Report, Wanted
from labcore.app.torture.trial import Result

SHOWN = 20  # failing points in the text


def command(wanted: Wanted, trial: str) -> str:
    """Return the one command that replays a trial exactly."""
    parts = ["labcore", "torture", str(wanted.protocol)]
    parts += ["--lab", str(wanted.lab)] if wanted.lab is not None else []
    for name, value in wanted.parameters.items():
        parts += ["--set", f"{name}={value}"]
    return shlex.join([*parts, "--seed", str(wanted.seed), "--only", trial])


def numbers(report: Report) -> dict[str, Any]:
    """Return what was counted over all trials."""
    results = report.results
    ready = sorted(one.ready for one in results if one.ready is not None)
    return {
        "kills": sum(one.died for one in results) + sum(one.trial.count(",") for one in results if one.died),
        "trials": len(results),
        "points": {"journal": len(report.undisturbed.journal), "wire": len(report.undisturbed.wire)},
        "points_tried": len({one.trial.rpartition("/")[0].split(",")[0] for one in results}),
        "issued": sum(one.issued for one in results),
        "doubled": sum(len(one.doubled) for one in results),
        "lost": sum(len(one.lost) for one in results),
        "unknown": sum(one.unknown for one in results),
        "ledger": sum(len(one.ledger) for one in results) + len(report.undisturbed.ledger),
        "other": sum(len(one.other) for one in results),
        "outcomes": dict(Counter(one.outcome for one in results).most_common()),
        "ready_median_s": round(ready[len(ready) // 2], 3) if ready else None,
        "ready_max_s": round(ready[-1], 3) if ready else None,
        "seconds": round(report.seconds, 1),
    }


def as_data(report: Report) -> dict[str, Any]:
    """Return it for machines."""
    trials = [
        one.as_data() | ({"replay": command(report.wanted, one.trial)} if one.findings else {})
        for one in report.results
    ]
    return {
        "protocol": report.name, "lab": report.lab, "seed": report.wanted.seed, "ok": report.ok, "numbers": numbers(report),
        "undisturbed": {
            "outcome": report.undisturbed.outcome, "events": report.undisturbed.events, "acts": report.undisturbed.acts,
            "ledger": list(report.undisturbed.ledger), "unrecorded": sorted(report.undisturbed.expected.unrecorded),
        },
        "trials": trials,
    }  # fmt: skip


def lines(report: Report) -> list[str]:
    """Return the summary for people."""
    counted = numbers(report)
    said = [
        f"{report.name}, {report.lab}",
        f"killed {counted['kills']} times at {counted['points_tried']} of {points_in_all(counted)} points in {counted['seconds']:g} s",
        f"doses and moves in the world's record {counted['issued']}, done twice {counted['doubled']}, lost {counted['lost']}, "
        f"declared unknown {counted['unknown']}",
        f"true volumes outside the ledger {counted['ledger']}, anything else {counted['other']}",
        f"from restart to a decision {_seconds(counted['ready_median_s'])} (median), {_seconds(counted['ready_max_s'])} (longest)",
    ]
    said += [f"even undisturbed: {finding}" for finding in report.undisturbed.ledger]
    said += [_unrecorded(report)] if report.undisturbed.expected.unrecorded else []
    for one in report.failed[:SHOWN]:
        said += [f"FAILED {finding}" for finding in one.findings] + [f"  {command(report.wanted, one.trial)}"]
    left = len(report.failed) - SHOWN
    said += [f"... and {left} more failing points; --json names all"] if left > 0 else []
    return [*said, "passed" if report.ok else "FAILED"]


def _unrecorded(report: Report) -> str:
    names = ", ".join(sorted(report.undisturbed.expected.unrecorded))
    return (
        f"not judged: {names}. Its simulator writes none of its acts (draw, pour, lift, put) into the shared world; "
        "only the journal speaks for it"
    )


def points_in_all(counted: Mapping[str, Any]) -> int:
    """Return how many places there are to be killed at."""
    return int(counted["points"]["journal"]) + int(counted["points"]["wire"])


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"


def by_step(report: Report) -> dict[str, list[Result]]:
    """Return the trials by what was under way when the process died."""
    found: dict[str, list[Result]] = {}
    for one in report.results:
        found.setdefault(
            one.during or ("before the run began" if one.outcome == "never began" else "between steps"), []
        ).append(one)
    return found
