"""What a run keeps of what it was made from: changing a file later changes nothing here."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import labcore
from labcore.app.files import Texts
from labcore.model.event import VesselStated
from labcore.model.plan import Plan
from labcore.model.plan_data import plan_as_data
from labcore.pipeline.compose import compose, plain
from labcore.plugin.catalog import Catalog
from labcore.records.run_folder import HEADER, PLAN, read_json

CALLED = "called"  # folder of the protocols that this one calls


def write_copies(
    folder: Path, plan: Plan, texts: Texts, called: Mapping[str, str], catalog: Catalog, *,
    simulated: bool, seed: int | None, by: str, language: str, from_now: bool,
    speed: float | None,
) -> None:  # fmt: skip
    """Keep what the run was made from: changing a file later changes nothing here."""
    (folder / "protocol.yaml").write_text(texts.protocol, encoding="utf-8")
    (folder / "lab.yaml").write_text(texts.lab, encoding="utf-8")
    for name, text in called.items():
        path = (
            folder
            / CALLED
            / Path(*(part for part in Path(name).parts if part not in ("..", Path(name).anchor)))
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / PLAN).write_text(json.dumps(plan_as_data(plan), ensure_ascii=False, indent=1), encoding="utf-8")
    header = {
        "run": folder.name,
        "protocol": plan.name,
        "protocol_file": texts.protocol_file,
        "lab": plan.lab.lab,
        "lab_file": texts.lab_file,
        "simulated": simulated,
        "seed": seed,
        "labcore": labcore.__version__,
        "python": platform.python_version(),
        "host": platform.node(),
        "pid": os.getpid(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "started_ns": time.time_ns(),
        "by": by,
        "language": language,
        "from_now": from_now,
        "speed": speed,
        "versions": versions(catalog),
    }
    _write_header(folder, header)


def sign_on(folder: Path) -> None:
    """Say in a run's header which process works on it from now on."""
    header = read_json(folder / HEADER)
    _write_header(folder, {**header, "pid": os.getpid(), "host": platform.node()})


def _write_header(folder: Path, header: Mapping[str, Any]) -> None:
    part = folder / f"{HEADER}.part"
    part.write_text(json.dumps(header, ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(folder / HEADER)


def lab_data(texts: Texts) -> Mapping[str, Any]:
    node, _ = compose(texts.lab, texts.lab_file)
    data = plain(node) if node is not None else {}
    return data if isinstance(data, dict) else {}


def capped(lab: Mapping[str, Any], bench: Iterable[VesselStated]) -> dict[str, Any]:
    """Return a lab file's data with every vessel closed that the protocol or the lab wants closed."""
    closed = {one.vessel for one in bench if one.closed}
    vessels = lab.get("vessels") or {}
    shut = {name: {**(vessels[name] or {}), "closed": True} for name in vessels if name in closed}
    return {**lab, "vessels": {**vessels, **shut}} if shut else dict(lab)


def versions(catalog: Catalog) -> dict[str, str]:
    """Return the versions of labcore and of every distribution that offers it a plugin."""
    offering = {one.distribution: one.version for one in catalog.listed() if one.distribution}
    return dict(sorted({"labcore": labcore.__version__, **offering}.items()))


def lab_now(lab: Mapping[str, Any], bench: Iterable[VesselStated]) -> dict[str, Any]:
    """Return a lab file's data with vessels and stock as they are now, for a world that begins with them."""
    stated = {one.vessel: one for one in bench}
    vessels = {
        name: _vessel_now(entry, stated.get(name)) for name, entry in (lab.get("vessels") or {}).items()
    }
    stock = {
        name: _stock_now(entry, stated.get(entry.get("in")))
        for name, entry in (lab.get("stock") or {}).items()
    }
    return {**lab, "vessels": vessels, "stock": stock}


def _vessel_now(entry: Mapping[str, Any], stated: VesselStated | None) -> dict[str, Any]:
    if stated is None:
        return dict(entry)
    contents = {material: f"{amount.mid} mL" for material, amount in stated.contents.items()}
    return {
        **entry,
        "at": stated.place or entry["at"],
        "contents": {**(entry.get("contents") or {}), **contents},
    }


def _stock_now(entry: Mapping[str, Any], stated: VesselStated | None) -> dict[str, Any]:
    if stated is None:
        return dict(entry)
    return {**entry, "volume": f"{sum(amount.mid for amount in stated.contents.values())} mL"}


def keep(report: Path, name: str, data: bytes) -> str:
    """Write a file of a report so that a reader sees all of it or the one before."""
    report.mkdir(exist_ok=True)
    path = report / Path(name).name
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(data)
    temporary.replace(path)
    return str(path)
