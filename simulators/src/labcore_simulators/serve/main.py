"""The command `labcore-sim`: serve a lab's simulated devices, or list the simulators."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from ..registration import SIMULATORS
from .labfile import LabFileError, load, same_machine, save
from .serving import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status (0 done, 1 the lab cannot be served, 2 wrong usage)."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "list":
        print(listing())
        return 0
    try:
        return _serve(chosen)
    except LabFileError as problem:
        print(f"labcore-sim: {problem}", file=sys.stderr)
        return 1


def listing() -> str:
    """Return the simulators, what each is and what it does not model."""
    parts = []
    for name, kind in SIMULATORS.items():
        line = getattr(kind, "line", None)
        summary = (sys.modules[kind.__module__].__doc__ or "").split("\n", 1)[0]
        settings = f"   line: {line}" if line is not None else ""
        not_modelled = "\n".join(f"    - {text}" for text in kind.NOT_MODELLED)
        parts.append(f"sim://{name}{settings}\n  {summary}\n  not modelled:\n{not_modelled}")
    return "\n\n".join(parts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="labcore-sim", description="Simulated laboratory devices on a real wire."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="print the simulators and what each does not model")
    one = commands.add_parser(
        "serve", help="serve the sim:// devices of a lab file over TCP and HTTP, in real time"
    )
    one.add_argument("lab", type=Path, help="lab file")
    one.add_argument("--write", type=Path, required=True, help="lab file to write, with the served ports")
    one.add_argument(
        "--transport", choices=("rfc2217", "socket"), default="rfc2217", help="for serial devices"
    )
    one.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
    one.add_argument("--seed", type=int, default=0, help="seed of everything random")
    one.add_argument("--folder", type=Path, help="where truth and wire log go (default: beside --write)")
    one.add_argument("--for", dest="seconds", type=float, help="stop after this many seconds")
    return parser


def _serve(chosen: argparse.Namespace) -> int:
    lab = load(chosen.lab)
    from ..world import World  # numpy and scipy come with it: not before the lab file is known to be readable

    folder = chosen.folder or chosen.write.with_name(f"{chosen.write.stem}-world")
    served = serve(
        lab,
        make_world=World.from_lab,
        seed=chosen.seed,
        folder=folder,
        host=chosen.host,
        transport=chosen.transport,
    )
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    try:
        served.start()
        save(served.lab, chosen.write)
        for name, (_, url) in served.urls.items():
            print(f"{same_machine(lab, name)}: {url}")
        for name in served.people:
            print(f"{name}: a person, not served")
        print(f"ready: {chosen.write} (truth and wire log in {folder})", flush=True)
        over.wait(chosen.seconds)
    finally:
        served.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
