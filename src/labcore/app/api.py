"""What a program (a Jupyter cell, a script, the command line) can do with labcore, async and sync.

import labcore
report = labcore.check("protocol.yaml", lab="lab.yaml")
run = labcore.simulate("protocol.yaml", seed=1)
run.observations("turbidity", "reactor")
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.app.files import Texts, find_texts, reader_beside
from labcore.app.how import How, clock, clock_of
from labcore.app.opening import open_run
from labcore.app.places import DEFAULT_DATA
from labcore.errors import ProblemsFound
from labcore.model.lab import LabFile
from labcore.model.plan import Plan
from labcore.pipeline.draft import Findings
from labcore.pipeline.parse import parse_lab
from labcore.pipeline.prepare import Prepared, prepare
from labcore.pipeline.problem import Problem
from labcore.pipeline.resolve import Sources
from labcore.plugin.catalog import Catalog
from labcore.records.finished import FinishedRun
from labcore.records.run_folder import find_run

if TYPE_CHECKING:  # the engine is loaded when something runs: checking needs none of it
    from labcore.app.gate import Gate
    from labcore.app.lab_state import Remembered
    from labcore.engine.recover import Decision
    from labcore.model.event import VesselStated

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Checked:
    """A protocol with everything that was found about it; `remembered` is what the lab's last real run left, if asked for."""

    prepared: Prepared
    texts: Texts
    catalog: Catalog = field(repr=False, compare=False)
    remembered: Remembered | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, sorted by place."""
        return self.prepared.problems

    @property
    def ok(self) -> bool:
        """Say whether it can be run."""
        return self.prepared.plan is not None and not self.prepared.errors

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<li><code>{escape(p.code)}</code> {escape(p.message)} <i>{escape(p.remedy)}</i></li>"
            for p in self.problems
        )
        return f"<b>{'ready' if self.ok else 'not ready'}</b><ul>{rows}</ul>"


def check(
    protocol: str | Path, *, lab: str | Path | None = None, parameters: Mapping[str, str] | None = None, simulate: bool = False,
    catalog: Catalog | None = None,
    from_now: bool = False,
) -> Checked:  # fmt: skip
    """Check a protocol against a lab and return every problem. UsageError if a file cannot be read.

    `from_now` begins with what the lab remembers of its last real run instead of what its file says.
    """
    texts = find_texts(protocol, lab)
    catalog = catalog or EntryPointCatalog()
    memory = _Memory(simulate)
    sources = Sources(
        texts.protocol, texts.protocol_file, texts.lab, texts.lab_file, dict(parameters or {}), simulate,
        reader_beside(texts.folder), memory.recall if from_now else None,
    )  # fmt: skip
    return Checked(prepare(sources, catalog), texts, catalog, memory.found)


@dataclass(slots=True)
class _Memory:
    """Asks once what the lab remembers: it takes a whole journal to tell."""

    simulate: bool
    found: Remembered | None = None

    def recall(self, plan: Plan) -> tuple[VesselStated, ...]:
        """Return what stands where now."""
        from labcore.app.lab_state import bench_for

        bench, self.found = bench_for(plan, simulate=self.simulate)
        return bench


def plan(protocol: str | Path, **how: Any) -> Plan:
    """Return the plan of a protocol; ProblemsFound if it has errors."""
    return _ready(check(protocol, **how)).prepared.plan  # type: ignore[return-value]


def load_lab(lab: str | Path) -> LabFile:
    """Read a lab file; ProblemsFound if it has errors."""
    from labcore.app.files import read_text

    findings = Findings()
    found, _ = parse_lab(read_text(Path(lab), "lab"), str(lab), findings)
    if found is None or findings.problems:
        raise ProblemsFound(findings.problems)
    return found


def how_to_run(
    checked: Checked, *, simulate: bool, speed: float | None, seed: int | None, data: str | Path, by: str = "",
    more: Mapping[str, Any] | None = None,
) -> How:  # fmt: skip
    """Choose the clock; UsageError if another than the real one was asked for with a real device."""
    lab = _ready(checked).prepared.plan.lab  # type: ignore[union-attr]
    mode = clock_of(lab, simulate=simulate, speed=speed)
    return How(Path(data), mode, speed or 1.0, seed or 0, by, simulate, {} if more is None else more)


def recover(
    run: str, *, data: str | Path = DEFAULT_DATA, said: Mapping[str, str] | None = None, decision: Decision | None = None,
    why: str = "", by: str = "", ask: bool = False, more: Mapping[str, Any] | None = None, catalog: Catalog | None = None,
) -> FinishedRun:  # fmt: skip
    """Take an interrupted run over and run it to its end: resume it, finish it with its clean-up, or close it.

    `said` tells what became of open acts ({"act-3": "done"}, "not started", "unknown", "12 mL"); what nobody knows is
    recorded as unknown, unless people may be asked (`ask`). DecisionNeeded, with nothing moved, if a device is missing.
    """
    from labcore.adapters.loop import run_loop
    from labcore.app.interrupted import read_interrupted
    from labcore.app.recovering import Takeover
    from labcore.app.recovering import recover as take_over

    found = read_interrupted(find_run(Path(data), run))
    simulated, speed = found.started.simulated, found.header.get("speed")
    mode = clock(simulate=simulated, speed=speed)
    how = How(Path(data), mode, speed or 1.0, found.started.seed or 0, by, simulated, dict(more or {}))
    takeover = Takeover(dict(said or {}), decision, ask, why)
    job = partial(take_over, found, catalog or EntryPointCatalog(), how.options(), takeover)
    _beside_any_loop(partial(run_loop, job, mode=how.mode, speed=how.speed))
    return open_run(str(found.folder), data=data)


def run_checked(checked: Checked, how: How) -> FinishedRun:
    """Run on a loop of its own with the clock that was chosen.

    DecisionNeeded, before anything is opened, if the lab's emergency stop is set or a real run would begin with something
    that nobody knows.
    """
    from labcore.adapters.loop import run_loop
    from labcore.app.emergency import refuse_latched
    from labcore.app.lab_state import refuse_unknown
    from labcore.app.running import carry_out

    plan = _ready(checked).prepared.plan
    if plan is not None and not how.simulate:
        refuse_latched(plan.lab.lab)
        refuse_unknown(plan.bench, checked.remembered)
    job = partial(carry_out, _ready(checked).prepared, checked.texts, checked.catalog, how.options())
    folder, _ = _beside_any_loop(partial(run_loop, job, mode=how.mode, speed=how.speed))
    return open_run(str(folder), data=how.data)


def _beside_any_loop(job: Callable[[], T]) -> T:
    """Call `job` here, or in a thread if this one has a running loop already (a Jupyter cell)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _plainly(job)
    with ThreadPoolExecutor(1, thread_name_prefix="labcore-run") as pool:
        return pool.submit(_plainly, job).result()


def _plainly(job: Callable[[], T]) -> T:
    """Call `job`; the error that ended one of its tasks is raised as it is, not in a task group's wrapping."""
    try:
        return job()
    except ExceptionGroup as group:
        error: Exception = group
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    raise error


def run(
    protocol: str | Path, *, lab: str | Path | None = None, parameters: Mapping[str, str] | None = None, simulate: bool = False,
    seed: int | None = None, speed: float | None = None, data: str | Path = DEFAULT_DATA, by: str = "",
    catalog: Catalog | None = None, prompts: Callable[..., Any] | None = None, language: str = "en",
    confirm: Callable[[Gate], bool] | None = None,
) -> FinishedRun:  # fmt: skip
    """Check and run a protocol and return its record. ProblemsFound if it has errors; nothing was moved then.

    `confirm` is called once in a real run, with what the devices said and what is known, before anything moves; if it returns
    False the run is stopped there and DecisionNeeded raised.
    """
    from labcore.app.gate import by_program

    checked = check(
        protocol, lab=lab, parameters=parameters, simulate=simulate, catalog=catalog, from_now=not simulate
    )
    how = how_to_run(
        checked,
        simulate=simulate,
        speed=speed,
        seed=seed,
        data=data,
        by=by,
        more={"prompts": prompts, "language": language, "confirm": confirm and by_program(confirm)},
    )
    return run_checked(checked, how)


def simulate(protocol: str | Path, **how: Any) -> FinishedRun:
    """Run a protocol against simulated devices in virtual time."""
    return run(protocol, simulate=True, **how)


async def _in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a synchronous call beside the loop one is on: a simulation has a loop and a clock of its own."""
    import anyio.to_thread

    return await anyio.to_thread.run_sync(partial(function, *args, **kwargs))


async def check_async(protocol: str | Path, **how: Any) -> Checked:
    """`check` for use inside a running event loop."""
    return await _in_thread(check, protocol, **how)  # type: ignore[no-any-return]


async def plan_async(protocol: str | Path, **how: Any) -> Plan:
    """`plan` for use inside a running event loop."""
    return await _in_thread(plan, protocol, **how)  # type: ignore[no-any-return]


async def run_async(protocol: str | Path, **how: Any) -> FinishedRun:
    """`run` for use inside a running event loop."""
    return await _in_thread(run, protocol, **how)  # type: ignore[no-any-return]


async def simulate_async(protocol: str | Path, **how: Any) -> FinishedRun:
    """`simulate` for use inside a running event loop."""
    return await _in_thread(simulate, protocol, **how)  # type: ignore[no-any-return]


def _ready(checked: Checked) -> Checked:
    if not checked.ok:
        raise ProblemsFound(checked.prepared.errors)
    return checked
