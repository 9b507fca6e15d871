"""The asking side of `loopback`, and the file in which port and token stand."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from labcore.adapters.loopback import HOST

LARGEST_REPLY = 1_000_000  # bytes


class NoAnswer(Exception):
    """Nobody answered in time; the message says how far it came. `gone`: nobody listens there any more."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


def publish(path: Path, data: Mapping[str, Any]) -> None:
    """Write an address file whole; where the system has modes only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(data, file)
    os.replace(part, path)


def withdraw(path: Path) -> None:
    """Remove an address file; it need not be there."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def read_address(path: Path) -> dict[str, Any] | None:
    """Return what an address file says, None if there is none that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and {"port", "token", "pid"} <= data.keys() else None


def ask(
    address: Mapping[str, Any], request: Mapping[str, Any], *, first: float, within: float
) -> Iterator[dict[str, Any]]:
    """Send a request and yield the answers; NoAnswer if the first is not here after `first` s, the last after `within`."""
    ends = time.monotonic() + first
    said = b""
    try:
        with socket.create_connection((HOST, int(address["port"])), timeout=first) as line:
            line.sendall(json.dumps({**request, "token": address["token"]}).encode() + b"\n")
            while True:
                line.settimeout(max(ends - time.monotonic(), 0.001))
                data = line.recv(4096)
                *whole, said = (said + data).split(b"\n")
                for answer in whole:
                    yield json.loads(answer)
                    ends = time.monotonic() + within
                if not data:
                    return
                if len(said) > LARGEST_REPLY:
                    raise NoAnswer("the answer does not end")
    except TimeoutError:
        raise NoAnswer("no answer in time") from None
    except ConnectionRefusedError:
        raise NoAnswer("nobody listens there any more", gone=True) from None
    except (OSError, ValueError) as error:
        raise NoAnswer(f"no answer: {error}") from None
