"""Figures of several rounds as one table: medians, peers beside us, goal, gate and verdict."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gates import GATES, Gate, value, verdict
from processes import HEAVY

HEAD = ("gate", "what", "CPU us/op", "yu/op", "spread", "in all", "peers", "goal", "gate at", "verdict")


@dataclass(frozen=True)
class Row:
    """One line of the table. `spread` is the range over the rounds as a share of the median."""

    gate: str
    what: str
    cpu_us: float | None
    yu: float | None
    spread: float | None
    wall_us: float | None
    measured: str
    peers: str
    goal: str
    limit: str
    verdict: str

    @property
    def holds(self) -> bool:
        """Say whether nothing is missed."""
        return not self.verdict.startswith(("misses", "not measured"))


def rows(found: Sequence[Mapping[str, Any]], heavy: Sequence[str]) -> list[Row]:
    """Return the table: a row a gate, and what importing labcore loads."""
    middle = medians(found)
    table = [*(_row(gate, middle) for gate in GATES), _modules(heavy)]
    return sorted(table, key=lambda row: (row.gate[0] != "P", int(row.gate[1:])))


def medians(found: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the median of every figure over the rounds, by metric, and the spread of `yu`."""
    by_metric: dict[str, list[Mapping[str, Any]]] = {}
    for one in found:
        by_metric.setdefault(one["metric"], []).append(one)
    return {metric: _median(several) for metric, several in by_metric.items()}


def _median(several: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    middle = {key: statistics.median(one[key] for one in several) for key in several[0] if key != "metric"}
    every = [one["yu"] for one in several]
    return middle | {"spread": (max(every) - min(every)) / middle["yu"]}


def _row(gate: Gate, middle: Mapping[str, Mapping[str, float]]) -> Row:
    goal, limit = _with_unit(gate.goal, gate), _with_unit(gate.gate, gate)
    ours = middle.get(gate.metric)
    if ours is None:
        return Row(gate.name, gate.what, None, None, None, None, "", "", goal, limit, "not measured")
    theirs = {metric: middle[metric] for metric in gate.peers or {} if metric in middle}
    rival = next(iter(gate.peers or {}), "")
    if gate.unit == "x" and rival not in theirs:
        return Row(gate.name, gate.what, None, None, None, None, "", "", goal, limit, "not measured")
    measured = value(gate, ours, theirs.get(rival))
    peers = "; ".join(
        f"{(gate.peers or {})[name]} {_of_peer(gate, ours, one)}" for name, one in theirs.items()
    )
    shown = "" if gate.unit == "yu" else _with_unit(measured, gate)
    if gate.unit == "x" and gate.figure == "wall_us":
        shown += f", {1e6 / ours['wall_us']:.0f}/s"
    return Row(
        gate.name, gate.what, ours["cpu_us"], ours["yu"], ours["spread"], ours["wall_us"], shown, peers, goal, limit,
        verdict(gate, measured),
    )  # fmt: skip


def _of_peer(gate: Gate, ours: Mapping[str, float], peer: Mapping[str, float]) -> str:
    if gate.unit != "x":
        return _with_unit(value(gate, peer), gate)
    figure = f"{1e6 / peer['wall_us']:.0f}/s" if gate.figure == "wall_us" else f"{peer['yu']:.0f} yu"
    return f"{figure} (we: {value(gate, ours, peer):.1f} x)"


def _modules(heavy: Sequence[str]) -> Row:
    loaded = f"misses: loads {', '.join(heavy)}" if heavy else "holds"
    what = "modules not loaded by import or --help"
    return Row("P7", what, None, None, None, None, "", "", "", ", ".join(HEAVY), loaded)


def _with_unit(number: float | None, gate: Gate) -> str:
    if number is None:
        return ""
    return f"{number:.{2 if gate.unit == 's' else 1 if gate.unit == 'x' else 0}f} {gate.unit}"


def as_json(
    table: Sequence[Row], found: Sequence[Mapping[str, Any]], counts: Sequence[Mapping[str, Any]]
) -> str:
    """Return the rows, the counts of the kill experiment and every single figure, one JSON object a line."""
    lines = [{"row": asdict(row)} for row in table]
    lines += [{"kills": dict(one)} for one in counts] + [{"figure": dict(one)} for one in found]
    return "\n".join(json.dumps(line) for line in lines)


def as_table(table: Sequence[Row]) -> str:
    """Return the table as Markdown, with columns lined up for a terminal."""
    cells = [HEAD, *(_cells(row) for row in table)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |"
        for line in cells
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    cpu = "" if row.cpu_us is None else f"{row.cpu_us:,.1f}"
    yu = "" if row.yu is None else f"{row.yu:,.0f}"
    spread = "" if row.spread is None else f"{row.spread * 100:.0f} %"
    return row.gate, row.what, cpu, yu, spread, row.measured, row.peers, row.goal, row.limit, row.verdict
