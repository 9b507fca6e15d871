"""Take an interrupted run over: made again from its own copies, its devices reached, its journal continued."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app.connecting import connect_what_is_there
from labcore.app.copies import CALLED, sign_on, versions
from labcore.app.emergency import refuse_latched
from labcore.app.evidence import look
from labcore.app.files import Texts, read_text, reader_beside
from labcore.app.in_use import hold_devices
from labcore.app.interrupted import Interrupted
from labcore.app.lab_state import remember_run
from labcore.app.machines import used_machines
from labcore.app.run_lock import hold_run
from labcore.app.running import Options, RunUnderWay, assembled, go_on
from labcore.app.unrecorded import closed
from labcore.engine.recover import Decision, Recovery
from labcore.errors import DecisionNeeded, UsageError
from labcore.model.event import RunStarted, VesselStated
from labcore.pipeline.prepare import Prepared, prepare
from labcore.pipeline.resolve import Sources
from labcore.plugin.catalog import Catalog
from labcore.records.run_folder import JOURNAL, under_way
from labcore.state.run_state import RunState

WIRE_LINES = 6  # of a device's wire log, shown to whoever has to judge


@dataclass(frozen=True, slots=True)
class Takeover:
    """How to recover: what was said beforehand of open acts, how the run goes on (None: ask), who decides."""

    said: Mapping[str, str] = field(default_factory=dict)
    decision: Decision | None = None
    ask: bool = True
    why: str = ""
    away: float | None = None


def prepare_again(run: Interrupted, catalog: Catalog) -> tuple[Prepared, Texts]:
    """Make the run's plan again from the copies in its folder; UsageError if it is not the same plan."""
    folder, header = run.folder, run.header
    texts = Texts(
        read_text(folder / "protocol.yaml", "protocol"), str(header.get("protocol_file", "protocol.yaml")),
        read_text(folder / "lab.yaml", "lab"), str(header.get("lab_file", "lab.yaml")), folder / CALLED,
    )  # fmt: skip
    sources = Sources(
        texts.protocol, texts.protocol_file, texts.lab, texts.lab_file, dict(run.started.parameters),
        run.started.simulated, reader_beside(folder / CALLED), None,
    )  # fmt: skip
    prepared = prepare(sources, catalog)
    if prepared.plan is None or prepared.plan.digest != run.started.plan_digest:
        raise UsageError(
            f"the plan of run {folder.name} cannot be made again as it was; nothing was touched",
            remedy=f"Install what it was begun with ({_shown(header.get('versions', {}))}), then recover again.",
        )
    return _as_it_began(run, prepared), texts


def _as_it_began(run: Interrupted, prepared: Prepared) -> Prepared:
    """Let the plan begin with what the run began with: what the lab remembers is another thing by now."""
    plan = prepared.plan
    assert plan is not None
    first = takewhile(lambda event: isinstance(event.body, RunStarted | VesselStated), run.events)
    bench = tuple(event.body for event in first if isinstance(event.body, VesselStated))
    return replace(prepared, plan=replace(plan, bench=bench))


def refuse_other_versions(run: Interrupted, prepared: Prepared, catalog: Catalog) -> None:
    """UsageError if a plugin that the run uses has another version now: its verbs could want something else than they did."""
    then, now = run.header.get("versions", {}), versions(catalog)
    used = _distributions(prepared, catalog)
    changed = {name: then[name] for name in sorted(used) if name in then and then[name] != now.get(name)}
    if changed:
        have = {name: now[name] for name in changed}
        raise UsageError(
            f"run {run.folder.name} was begun with {_shown(changed)}, installed is {_shown(have)}; nothing was touched",
            remedy=f"Install {_shown(changed)} and recover again, or close the run: --policy close.",
        )


def _distributions(prepared: Prepared, catalog: Catalog) -> set[str]:
    """Return labcore and the distributions of the drivers, verbs and observers that a run uses."""
    plan = prepared.plan
    assert plan is not None
    used = {("drivers", plan.machines[name].driver) for name in used_machines(prepared)}
    used |= {("verbs", word) for word in prepared.verbs} | {("observers", name) for name in plan.observers}
    return {"labcore"} | {one.distribution for one in catalog.listed() if (one.kind, one.name) in used}


def _shown(numbers: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items())


async def recover(run: Interrupted, catalog: Catalog, options: Options, how: Takeover) -> RunState:
    """Take the run over and run it to its end. DecisionNeeded, with the run still interrupted, if a device is missing or the
    lab's emergency stop is set.
    """
    prepared, texts = prepare_again(run, catalog)
    if how.decision != "close":
        refuse_other_versions(run, prepared, catalog)
    plan, folder = prepared.plan, run.folder
    assert plan is not None
    if not options.simulate:
        refuse_latched(plan.lab.lab)
    options = replace(options, from_now=bool(run.header.get("from_now")))
    away = max(0.0, how.away if how.away is not None else _away(run, options))
    async with AsyncExitStack() as stack:
        stack.enter_context(hold_run(folder))
        _refuse_if_somebody_else_did(run)
        if not options.simulate:
            stack.enter_context(hold_devices(prepared, folder.name))
        stack.enter_context(under_way(folder))
        sign_on(folder)
        engine, setting, handle = await stack.enter_async_context(
            assembled(folder, prepared, texts, catalog, options, stack, before=run.state, away=away)
        )
        if not options.simulate:
            remember_run(plan.lab, folder, scaled=options.virtual)
        recovery = Recovery(
            setting, engine.questions, run.events, by=options.by, ask=how.ask, said=how.said, wire=_WireTails(folder)
        )  # fmt: skip

        async def begin() -> None:
            await _take_over(recovery, handle, away, how)

        state = await go_on(engine, setting, handle, options, begin)
    closed(plan, handle.record, state, handle.untold)
    return state


def _refuse_if_somebody_else_did(run: Interrupted) -> None:
    """UsageError if the journal went on between reading it and holding it: what was read is not how it stands.

    DamagedRecord if it was damaged since: from here on nobody else changes it.
    """
    damage = look(run.folder)
    if damage is not None:
        raise damage
    journal = SqliteJournal(run.folder / JOURNAL, read_only=True)
    try:
        if journal.read(run.state.position, 1):
            raise UsageError(
                f"run {run.folder.name} was taken over by somebody else just now; nothing was touched",
                remedy="Look at it again: `labcore show` says how it stands.",
            )
    finally:
        journal.close()


async def _take_over(recovery: Recovery, run: RunUnderWay, away: float, how: Takeover) -> None:
    await recovery.begin(away)
    problem = await connect_what_is_there(recovery.setting)
    if problem and how.decision != "close":
        off = await recovery.make_safe_what_is_there()
        did = f"Switched off: {', '.join(off)}; nothing else was touched" if off else "Nothing was moved"
        raise DecisionNeeded(
            f"{problem}. {did}. Run {run.folder.name} is still interrupted.",
            remedy="Bring the device back and recover again, or close the run: --policy close.",
        )
    await recovery.make_safe()
    await recovery.settle()
    await recovery.decide(how.decision, how.why)


def _away(run: Interrupted, options: Options) -> float:
    """Return how long nobody ran it, s; a simulated or scaled run has no time of its own outside."""
    if options.virtual:
        return 0.0
    last = datetime.fromisoformat(run.events[-1].wall.replace("Z", "+00:00"))
    return (datetime.now(UTC) - last).total_seconds()


@dataclass(frozen=True, slots=True)
class _WireTails:
    """Read the ends of wire logs: what went over a device's wire before the process died."""

    folder: Path

    def __call__(self, device: str, frames: tuple[str, ...]) -> tuple[str, ...]:
        """Return the last lines that belong to an act: from a later connection there are none among them."""
        path = self.folder / "wire" / f"{device}.jsonl"
        if not path.exists():
            return ()
        shown = [_wire_line(line) for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
        sent = {f"> {frame}" for frame in frames}
        last = max(
            (n for n, line in enumerate(shown) if line.removesuffix("\\n").removesuffix("\\r") in sent),
            default=-1,
        )
        end = (
            next((n for n in range(last + 1, len(shown)) if shown[n] == "open"), len(shown))
            if last >= 0
            else 0
        )
        return tuple(line for line in shown[:end] if line not in ("", "open"))[-WIRE_LINES:]


def _wire_line(line: str) -> str:
    """Return "> sent" or "< received"; "" for what cannot be read (a kill in the middle of a line)."""
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    arrow = {"out": ">", "in": "<"}.get(entry.get("dir", ""))
    return "open" if entry.get("dir") == "open" else f"{arrow} {entry.get('text', '')}" if arrow else ""
