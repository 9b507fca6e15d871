"""What is measured, beside whom, and how good it must be. The gates are those of the project's performance anchors.

A gate in x says how many times better than a peer in the same run: more is better. A gate in yu is CPU per operation in
yardstick units. A gate in s is CPU time for the whole thing, at the speed of the machine on which one unit took 0.5 us:
measured seconds are brought there by the yardstick, so that a slow machine neither excuses nor condemns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from texts import STEPS
from timing import REFERENCE_YU

WEEK = 20_160  # polls of 30 s
MILLION = 1_000_000


@dataclass(frozen=True)
class Gate:
    """One row. `times` operations make the whole; without `gate` the row is information. `peers`: metric -> words.

    In x, the first of `peers` is what `figure` is compared with: wall_us asks who does more a second, yu who needs less.
    """

    name: str
    what: str
    metric: str
    unit: Literal["yu", "s", "MiB", "x"] = "yu"
    goal: float | None = None
    gate: float | None = None
    peers: Mapping[str, str] | None = None
    times: int = 1
    figure: Literal["wall_us", "yu"] = "yu"


STEP = {"bluesky.null": "bluesky null", "pylabrobot.operation": "PyLabRobot operation"}
ACT = {"pylabrobot.operation": "PyLabRobot operation", "bluesky.mv": "bluesky mv"}
EVENT = {"bluesky.event": "bluesky count, 1 subscriber"}
TEXT = {"pyyaml+pint.step": "PyYAML C + pint"}
IMPORT = {"bluesky.import": "import bluesky", "pylabrobot.import": "import PyLabRobot"}
DBOS = {"dbos.step": "DBOS, SQLite as it comes", "dbos.step.wal": "DBOS, SQLite in WAL mode"}
RESTART = {"dbos.start": "DBOS, start and launch, nothing to recover"}
WHOLE = {"pylabrobot.whole": "PyLabRobot, 144 operations", "bluesky.whole": "bluesky, 144 events"}

GATES = (
    Gate("P1", "no-op step, whole runtime, journal in memory", "labcore.noop", "yu", 150, 300, STEP),
    Gate(
        "P2",
        "device command, intent and result, SQLite NORMAL",
        "labcore.command.normal",
        "yu",
        300,
        600,
        ACT,
    ),
    Gate("P2", "the same, the disk waited for once an act (FULL)", "labcore.command.full"),
    Gate("P2", "dose by the gantry's driver, in bytes, over sim://", "labcore.command.gantry"),
    Gate(
        "P3",
        "durable steps a second, as a real run does them",
        "labcore.command.real",
        "x",
        3.0,
        2.0,
        DBOS,
        figure="wall_us",
    ),
    Gate("P3", "the same in CPU time", "labcore.command.real", "x", peers=DBOS),
    Gate(
        "P4",
        "event: validated, journalled, 3 subscribers, one by one",
        "labcore.events",
        "yu",
        50,
        100,
        EVENT,
    ),
    Gate("P4", "the same in a burst (readers read in batches)", "labcore.events.burst"),
    Gate(
        "P5",
        "event, durable in groups; readers: 1 ms each, stuck, raising, leaving, counting",
        "labcore.stream",
        "yu",
        100,
        200,
    ),
    Gate("P5", "memory that grew over 100,000 of them", "labcore.stream", "MiB", 10, 30),
    Gate("P6", "load, validate, plan 10,000 steps", "labcore.text", "s", 0.8, 1.5, TEXT, STEPS),
    Gate("P6", "of that: the tree with its places", "labcore.text.tree", "s", times=STEPS),
    Gate("P6", "of that: the tree and what it means", "labcore.text.resolve", "s", times=STEPS),
    Gate("P7", "import labcore", "labcore.import", "s", 0.15, 0.25, IMPORT),
    Gate("P7", "import labcore.app.api", "labcore.import.app", "s", 0.15, 0.25, IMPORT),
    Gate("P7", "labcore --help", "labcore.help", "s", 0.15, 0.25, IMPORT),
    Gate("P7", "import labcore, peak memory", "labcore.import", "MiB", 40, 50, IMPORT),
    Gate("P7", "import labcore.app.api, peak memory", "labcore.import.app", "MiB", 40, 50, IMPORT),
    Gate("P7", "labcore --help, peak memory", "labcore.help", "MiB", 40, 50, IMPORT),
    Gate("P8", "a week of 30 s polls through the engine, SQLite", "labcore.polls", "s", 0.5, 1.0, times=WEEK),
    Gate("P8", "the same week, bare sleeps on the loop", "labcore.polls.bare", "s", 0.5, 1.0, times=WEEK),
    Gate("P9", "24 vessels x 6 steps, a virtual day, start to exit", "labcore.day", "s", 0.7, 1.5, WHOLE),
    Gate("P9", "the same with the notebook observer", "labcore.day.notebook", "s"),
    Gate("E27", "read and fold a journal of a million events", "labcore.fold", "s", 5.0, 10.0, times=MILLION),
    Gate(
        "P14",
        "10,000 events: to what recovery waits for, as JSON",
        "labcore.restart.json",
        "s",
        0.5,
        1.5,
        RESTART,
    ),
    Gate("P14", "10,000 events: to the first question", "labcore.restart.question", "s", 0.5, 1.5, RESTART),
)


def value(gate: Gate, figures: Mapping[str, float], peer: Mapping[str, float] | None = None) -> float:
    """Return what the gate is about, in its unit; in x, `peer` divided by `figures`."""
    if gate.unit == "x":
        return (peer or figures)[gate.figure] / figures[gate.figure]
    if gate.unit == "MiB":
        return figures["mib"]
    return figures["yu"] if gate.unit == "yu" else figures["yu"] * gate.times * REFERENCE_YU


def verdict(gate: Gate, measured: float) -> str:
    """Say in a few words whether the gate holds."""
    if gate.gate is None or gate.goal is None:
        return "information"
    share = gate.gate / measured if gate.unit == "x" else measured / gate.gate
    if share > 1:
        return f"misses by {(share - 1) * 100:.0f} %"
    reached = measured >= gate.goal if gate.unit == "x" else measured <= gate.goal
    return "holds, goal too" if reached else "holds"
