"""Press, reset and read the emergency stop of a lab, with or without a run.

The latch is written first and whole. Then the guards of the lab's runs are asked; what no living run holds is reached by
opening its port here. A process that holds a device, lives and does not answer is named: nobody can reach its devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labcore.adapters.latch import Latch, Latched
from labcore.adapters.loopback_client import NoAnswer, ask, withdraw
from labcore.app.guard_files import guards_of
from labcore.app.places import lab_folder, state_folder
from labcore.engine.guard_report import CONFIRM_WITHIN, LIMIT, Report
from labcore.errors import LabcoreError, UsageError
from labcore.records.run_folder import is_alive, read_json

ANSWER_WITHIN = 0.2  # s; an owner that lives and has not answered by then is said not to answer


@dataclass(frozen=True, slots=True)
class LabAt:
    """A lab and where its state is. `file` is its lab file if one was given."""

    name: str
    folder: Path
    file: Path | None = None

    @property
    def latch(self) -> Latch:
        """Its latch."""
        return Latch(self.folder)


@dataclass(slots=True)
class Pressed:
    """What pressing did: per device, and what was noticed on the way."""

    lab: LabAt
    latched: Latched | None
    reports: list[Report] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    known: bool = True

    @property
    def safe(self) -> bool:
        """Say whether it is latched and every device that can be made safe has confirmed it."""
        return (
            self.latched is not None and self.known and all(one.made == "confirmed" for one in self.reports)
        )


def find_labs(wanted: str | None) -> list[LabAt]:
    """Return the labs that are meant: by name or file, else those with a run, else the only one there is."""
    if wanted is not None:
        return [_named(wanted)]
    every = [LabAt(_name_of(folder), folder) for folder in _folders()]
    busy = [lab for lab in every if any(is_alive(int(one["pid"])) for _, one in guards_of(lab.folder))]
    latched = [lab for lab in every if lab.latch.is_set()]
    found = busy or latched or every
    if len(found) == 1 or busy:
        return found
    known = f"Known: {', '.join(lab.name for lab in every)}." if every else "Give a lab file: --lab lab.yaml."
    raise UsageError("which lab? Say it with --lab NAME or --lab FILE", remedy=known)


def press(lab: LabAt, by: str, why: str = "") -> Pressed:
    """Latch, then make every device of the lab safe; never raises because of a device."""
    pressed = Pressed(lab, None)
    try:
        pressed.latched = lab.latch.set(by, why)
    except OSError as error:
        pressed.remarks.append(f"the latch could not be written ({error}): runs may start and go on")
    held, dead = _ask_guards(lab, {"ask": "estop", "by": by, "why": why}, pressed)
    try:
        _reach_the_rest(lab, held, dead, pressed)
    except LabcoreError as error:
        pressed.known = False
        pressed.remarks.append(f"the lab's other devices could not be looked up: {error}")
    for report in pressed.reports:
        lab.latch.note(report.made, device=report.device, why=report.message)
    return pressed


def reset(lab: LabAt, by: str, why: str = "") -> None:
    """End the emergency stop. UsageError if it is not set, or while a run of the lab still lives."""
    if not lab.latch.is_set():
        raise UsageError(f"the emergency stop of {lab.name!r} is not set")
    alive = [one for _, one in guards_of(lab.folder) if is_alive(int(one["pid"]))]
    if alive:
        raise UsageError(
            f"run {_run_of(alive[0])} of process {alive[0]['pid']} still lives; reset when it has ended",
            remedy="If it does not end by itself, end the process.",
        )
    lab.latch.reset(by, why)


# --------------------------------------------------------------------------------------------- guards of runs
def _ask_guards(lab: LabAt, request: Mapping[str, Any], pressed: Pressed) -> tuple[set[str], dict[str, Any]]:
    """Ask every guard at once; return the devices that living runs hold and the safe states of those of dead ones."""
    guards = [one for _, one in guards_of(lab.folder)]
    with ThreadPoolExecutor(max(1, len(guards)), thread_name_prefix="labcore-estop") as pool:
        answers = list(pool.map(lambda one: _ask_guard(one, request), guards))
    held: set[str] = set()
    dead: dict[str, Any] = {}
    for guard, (reports, remark) in zip(guards, answers, strict=True):
        if reports is None:
            dead |= guard.get("devices", {})
        else:
            held |= guard.get("devices", {}).keys()
        pressed.reports += reports or ()
        pressed.remarks += [remark] if remark else []
    return held, dead


def _ask_guard(guard: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[list[Report] | None, str]:
    """Return the reports of one guard and a remark; None instead of reports if its process is gone."""
    pid, run, devices = guard["pid"], _run_of(guard), dict(guard.get("devices", {}))
    if not is_alive(int(pid)):
        return None, f"process {pid} of run {run} is gone"
    heard = False
    try:
        for answer in ask(guard, request, first=ANSWER_WITHIN, within=LIMIT + CONFIRM_WITHIN):
            heard = True
            if "reports" in answer:
                return [Report(**one) for one in answer["reports"]], f"run {run} is being aborted"
        why = "hung up"
    except NoAnswer as error:
        if error.gone and not heard:
            return None, f"run {run} of process {pid} has ended"
        why = "does not answer" if not heard else "was heard to begin and does not report"
    held = ", ".join(devices) or "no device"
    lost = [
        Report(name, "not_reached", f"process {pid} {why}") for name, one in devices.items() if one["safe"]
    ]
    return lost, f"process {pid} of run {run} lives and {why}; it holds {held}. Nobody else can reach them"


def _run_of(guard: Mapping[str, Any]) -> str:
    return Path(str(guard.get("run", "?"))).name


# --------------------------------------------------------------------------------------------- other devices
def _reach_the_rest(lab: LabAt, held: set[str], dead: Mapping[str, Any], pressed: Pressed) -> None:
    """Open the ports of devices that no living run holds and make them safe."""
    from labcore.app.takeover import Takeover

    text = _lab_text(lab)
    if text is None:
        pressed.known = bool(pressed.reports)
        pressed.remarks.append(
            "no lab file is known here: name it with --lab FILE to reach its other devices"
        )
        return
    takeover = Takeover.of(text, dead, held)
    pressed.reports += takeover.make_safe()
    pressed.remarks += takeover.remarks


def _lab_text(lab: LabAt) -> str | None:
    """Return the lab file's text: the one given, else what a run kept, newest first."""
    from labcore.app.files import read_text

    if lab.file is not None:
        return read_text(lab.file, "lab")
    runs = [str(one.get("run", "")) for _, one in reversed(list(guards_of(lab.folder)))]
    runs.append(str(read_json(lab.folder / "lab.json").get("last_run", "")))
    kept = (Path(run) / "lab.yaml" for run in runs if run)
    return next((path.read_text(encoding="utf-8") for path in kept if path.exists()), None)


# --------------------------------------------------------------------------------------------- which lab
def _folders() -> list[Path]:
    root = state_folder() / "labs"
    return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _named(wanted: str) -> LabAt:
    path = Path(wanted)
    if path.suffix in (".yaml", ".yml") and path.exists():
        from labcore.app.api import load_lab

        name = load_lab(path).lab
        return LabAt(name, lab_folder(name), path)
    folder = lab_folder(wanted)
    if not folder.is_dir():
        known = ", ".join(_name_of(one) for one in _folders()) or "none"
        raise UsageError(
            f"no lab {wanted!r} was ever used here",
            remedy=f"Known: {known}. Or give its file: --lab lab.yaml.",
        )
    return LabAt(wanted, folder)


def _name_of(folder: Path) -> str:
    """Return a lab's name as its runs wrote it, its folder's name if none is left."""
    return next((str(one["lab"]) for _, one in guards_of(folder) if "lab" in one), folder.name)


def forget_dead_guards(lab: LabAt) -> None:
    """Remove the files of guards whose process is gone; what was safe for their devices is looked at by a person now."""
    for path, one in guards_of(lab.folder):
        if not is_alive(int(one["pid"])):
            withdraw(path)


def worst_first(reports: Iterable[Report]) -> list[Report]:
    """Return reports with those that need a person in front."""
    order = ("not_reached", "sent", "confirmed")
    return sorted((replace(one) for one in reports), key=lambda one: (order.index(one.made), one.device))
