"""The lab file as plain data, for a process that knows nothing of the language behind it.

Plain words mean what they do in YAML 1.2 (`no`, `on` and `1:30` are text); `010` stays text as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ..instruments.contract import names_of_device


class LabFileError(Exception):
    """The lab file cannot be served; the message says why and what to do."""


class _Reader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_Reader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_Reader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:[tT]rue|TRUE|[fF]alse|FALSE)$"), list("tTfF")
)
_Reader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^(?:0|[-+]?[1-9][0-9]*)$"), list("-+0123456789")
)
_Reader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$"),
    list("-+0123456789."),
)


def load(path: Path) -> dict[str, Any]:
    """Read a lab file."""
    try:
        lab = yaml.load(path.read_text(encoding="utf-8"), _Reader)  # noqa: S506 - a subclass of the safe loader
    except OSError as error:
        raise LabFileError(f"{path}: {error.strerror or error}. Give the path of a lab file.") from error
    except yaml.YAMLError as error:
        raise LabFileError(f"{path}: this is no YAML. {error}") from error
    if not isinstance(lab, dict) or not isinstance(lab.get("devices"), dict):
        raise LabFileError(f"{path}: found no `devices`; a lab file has a mapping of that name.")
    return lab


def simulated(lab: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the devices at sim:// URLs: name -> (simulator, key of the URL), in the order of the file."""
    found = {}
    for name, entry in lab["devices"].items():
        for key in ("port", "source"):
            url = entry.get(key) if isinstance(entry, Mapping) else None
            if isinstance(url, str) and url.startswith("sim://"):
                found[str(name)] = (urlsplit(url).netloc, key)
    return found


def options_of(lab: Mapping[str, Any], device: str) -> dict[str, Any]:
    """Return what the lab says about a device beside how to reach it."""
    entry = lab["devices"][device]
    return {key: value for key, value in entry.items() if key not in ("driver", "port", "source", "same_as")}


def with_urls(lab: Mapping[str, Any], urls: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return the lab with the devices in `urls` (name -> key, URL) at other ports; everything else stays.

    They are marked `simulated`, because a port does not tell that nothing real is behind it.
    """
    devices = {name: dict(entry) for name, entry in lab["devices"].items()}
    for name, (key, url) in urls.items():
        devices[name] |= {key: url, "simulated": True}
    return {**lab, "devices": devices}


def save(lab: Mapping[str, Any], path: Path) -> None:
    """Write a lab file."""
    text = yaml.safe_dump(dict(lab), allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(text, encoding="utf-8")


def same_machine(lab: Mapping[str, Any], device: str) -> str:
    """Return the names of one machine, for a line on the terminal."""
    return " = ".join(sorted(names_of_device(lab, device), key=lambda name: (name != device, name)))
