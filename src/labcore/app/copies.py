"""What a run keeps of what it was made from: changing a file later changes nothing here."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import labcore
from labcore.app.files import Texts
from labcore.model.plan import Plan
from labcore.model.plan_data import plan_as_data
from labcore.pipeline.compose import compose, plain
from labcore.records.run_folder import HEADER, PLAN


def write_copies(
    folder: Path, plan: Plan, texts: Texts, *, simulated: bool, seed: int | None, by: str
) -> None:
    """Keep what the run was made from: changing a file later changes nothing here."""
    (folder / "protocol.yaml").write_text(texts.protocol, encoding="utf-8")
    (folder / "lab.yaml").write_text(texts.lab, encoding="utf-8")
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
    }
    (folder / HEADER).write_text(json.dumps(header, ensure_ascii=False, indent=1), encoding="utf-8")


def lab_data(texts: Texts) -> Mapping[str, Any]:
    node, _ = compose(texts.lab, texts.lab_file)
    data = plain(node) if node is not None else {}
    return data if isinstance(data, dict) else {}
