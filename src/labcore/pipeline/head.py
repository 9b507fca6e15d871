"""Read a protocol's head; what is wrong in one entry does not hide the others."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from labcore.model.names import normal_name
from labcore.model.protocol import Header
from labcore.pipeline.draft import Findings
from labcore.pipeline.models import note_errors
from labcore.pipeline.nodes import MapNode, ScalarNode
from labcore.pipeline.scalars import plain
from labcore.pipeline.words import HEADER_KEYS

SECTIONS = ("parameters", "materials", "vessels", "devices")


def read_head(node: MapNode, findings: Findings) -> tuple[Header, frozenset[str]]:
    """Return the head, as much of it as can be used, and the normal names of entries that cannot."""
    data = {
        entry.key: {} if entry.key in SECTIONS and plain(entry.value) is None else plain(entry.value)
        for entry in node.entries
        if entry.key in HEADER_KEYS and entry.key not in ("steps", "finally")
    }
    if not _right_version(node, findings):
        data["labcore"] = 1
    try:
        return Header.model_validate(data), frozenset()
    except ValidationError as error:
        note_errors(error, Header, node, findings, what="protocol")
        return _usable(data)


def _right_version(node: MapNode, findings: Findings) -> bool:
    found = node.get("labcore")
    if isinstance(found, ScalarNode) and plain(found) != 1:
        findings.add(
            "E112", found.place, f"labcore: {found.text!r} is no version of the language that is known here"
        )
        return False
    return True


def _usable(data: dict[str, Any]) -> tuple[Header, frozenset[str]]:
    """Return a head with every entry that is right; those that are wrong are named."""
    kept: dict[str, Any] = {"labcore": 1, "name": str(data.get("name") or "?")}
    broken: set[str] = set()
    for key, value in data.items():
        if key in kept:
            continue
        if key in SECTIONS and isinstance(value, dict):
            good = {name: entry for name, entry in value.items() if _fits(kept | {key: {name: entry}})}
            broken |= {normal_name(name) for name in value.keys() - good.keys()}
            kept[key] = good
        elif _fits(kept | {key: value}):
            kept[key] = value
    return Header.model_validate(kept), frozenset(broken)


def _fits(data: dict[str, Any]) -> bool:
    try:
        Header.model_validate(data)
    except ValidationError:
        return False
    return True
