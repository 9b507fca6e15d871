"""What every judge needs: an environment for the third party, our simulators served, and a count of what was compared."""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
import pty
import shutil
import socket
import subprocess
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORK = Path(sys.argv[1]).resolve()
JUDGE = Path(sys.argv[0]).stem
INSTALLING, TALKING = 300, 120  # s


class Verdict:
    """Counts comparisons and prints each. `exit()` ends the process: 0 if all passed and there were any."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def check(self, what: str, passed: bool, found: object = "") -> None:
        """Note one comparison."""
        self.passed, self.failed = self.passed + bool(passed), self.failed + (not passed)
        print(f"{'ok    ' if passed else 'FAILED'} {what}{f': {found}' if found != '' else ''}", flush=True)

    def near(self, what: str, found: float, expected: float, tolerance: float) -> None:
        """Note a comparison of numbers."""
        good = math.isfinite(found) and abs(found - expected) <= tolerance
        self.check(what, good, f"{found:g}, expected {expected:g} within {tolerance:g}")

    def exit(self) -> None:
        """Say the result and end."""
        print(f"{JUDGE}: {self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(0 if self.passed and not self.failed else 1)


def environment(name: str, *requirements: str, alone: tuple[str, ...] = ()) -> Path:
    """Return the Python of a throw-away environment; `alone` is installed without what it names as needed."""
    folder = WORK / "environments" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:  # judges run side by side and may share one
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _install(folder, requirements, alone)
            (folder / "complete").touch()
    print(f"third party: {', '.join([*requirements, *alone])}", flush=True)
    return folder / "bin" / "python"


def _install(folder: Path, requirements: tuple[str, ...], alone: tuple[str, ...]) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip"]
    if subprocess.run([base, "-m", "venv", "--clear", folder], capture_output=True).returncode:
        subprocess.run([base, "-m", "venv", "--clear", "--without-pip", folder], check=True)
        pip = [base, "-m", "pip", "--python", python]
    for options in (requirements, ("--no-deps", *alone)):
        if options and options != ("--no-deps",):
            command = [*pip, "install", "-qq", "--disable-pip-version-check", *options]
            subprocess.run(command, check=True, timeout=INSTALLING)


def theirs(python: Path, script: str, *args: object, timeout: float = TALKING) -> Any:
    """Run a script of `theirs/` in its environment and return the JSON of its last line."""
    command = [str(python), str(HERE / "theirs" / script), *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=WORK)
    if done.returncode:
        print(f"FAILED {script} ended with {done.returncode}\n{done.stdout}\n{done.stderr}", flush=True)
        print(f"{JUDGE}: 0 passed, 1 failed", flush=True)
        sys.exit(1)
    return json.loads(done.stdout.splitlines()[-1])


def lines(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def written(folder: Path, name: str, text: str) -> Path:
    """Write a file and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@contextlib.contextmanager
def until_ready(command: list[Any], folder: Path) -> Iterator[list[str]]:
    """Start a process that says `ready` when it is; yield the lines before that."""
    with subprocess.Popen(list(map(str, command)), cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said: list[str] = []
        try:
            for line in process.stdout:
                said.append(line.strip())
                if line.startswith("ready"):
                    break
            else:
                raise RuntimeError(f"{command} did not become ready: {said}")
            yield said
        finally:
            process.terminate()
            try:
                process.wait(10)
            finally:
                process.kill()


@contextlib.contextmanager
def served(name: str, lab: str, transport: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Serve our simulators from another process; yield the folder of truth and wire log, and the devices' URLs."""
    folder = WORK / JUDGE / name
    shutil.rmtree(folder, ignore_errors=True)
    written(folder, "lab.yaml", lab)
    command = [
        sys.executable,
        "-m",
        "labcore_simulators.serve.main",
        "serve",
        "lab.yaml",
        "--write",
        "served.yaml",
    ]
    with until_ready([*command, "--transport", transport, "--for", 400], folder) as said:
        urls = dict(line.split(": ", 1) for line in said[:-1])
        yield folder / "served-world", {key.split(" = ")[0]: url for key, url in urls.items()}


@contextlib.contextmanager
def terminal_of(url: str) -> Iterator[str]:
    """Give a socket:// port as a terminal (8N1), for clients that open device files only."""
    host, port = url.removeprefix("socket://").split(":")
    ours, device = pty.openpty()
    tty.setraw(device)  # kept open here, so that a client may close and open again
    with socket.create_connection((host, int(port))) as connection:

        def pump(read: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
            with contextlib.suppress(OSError):
                while data := read():
                    write(data)

        for read, write in (
            (lambda: os.read(ours, 4096), connection.sendall),
            (lambda: connection.recv(4096), lambda data: os.write(ours, data)),
        ):
            threading.Thread(target=pump, args=(read, write), daemon=True).start()
        yield os.ttyname(device)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
