"""A stirrer that answers on a port of this computer, and a driver for it: a lab without simulators and without hardware."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.loopback import Loopback, Reply
from labcore.adapters.loopback_client import publish
from labcore.app import takeover
from labcore.app.guard_files import guard_file
from labcore.app.takeover import Takeover
from labcore.capabilities import Act, Outcome, Stirring
from labcore.errors import LinkLost
from labcore.model.quantity import Quantity
from labcore.plugin.driver import DriverOptions, Identity, SafeAct, Site
from labcore.ports import ByteStream, LineSettings

NAME = "A lab"
LAB = """
lab: A lab
devices:
  stirrer: {driver: ika-namur, port: "socket://127.0.0.1:9"}
  camera: {driver: opencv-camera, source: 0}
  person: {driver: operator}
  ghost: {driver: ika-namur, port: "sim://ika-rct"}
  twin: {same_as: stirrer}
"""


class Plate:
    """What stands at the port. `deaf` times STOP changes nothing; `silent` are words that it does not answer."""

    def __init__(self, *, deaf: int = 0, silent: tuple[str, ...] = (), speed: str = "300") -> None:
        self.deaf, self.silent, self.speed = deaf, silent, speed
        self._heard: list[str] = []
        self._lines, self._over = 0, threading.Condition()
        self._server = _serve(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> str:
        """Its address in a lab file."""
        return f"socket://127.0.0.1:{self._server.server_address[1]}"

    @property
    def heard(self) -> list[str]:
        """What came over the wire, line by line, until now: lines that were hung up on are read to their end first."""
        with suppress(OSError), socket.create_connection(self._server.server_address[:2], 2) as line:
            line.sendall(b"ANY MORE?\n")
            line.recv(100)
        with self._over:
            self._over.wait_for(lambda: self._lines == 0, 2)
        return list(self._heard)

    def forget(self) -> None:
        """Be as if nobody had ever called."""
        assert self.heard is not None
        self._heard.clear()

    def begun(self, lines: int) -> None:
        """Take note of a connection (+1) or of its end (-1)."""
        with self._over:
            self._lines += lines
            self._over.notify_all()

    def take(self, line: str) -> str:
        """Return the answer to a line, "" if there is none."""
        if line == "ANY MORE?":
            return "no"
        self._heard.append(line)
        word, _, value = line.partition(" ")
        if word == "STIR":
            self.speed = value
        if word == "STOP":
            self.speed, self.deaf = (self.speed, self.deaf - 1) if self.deaf else ("0", 0)
        answers = {"NAME": "plate", "SPEED": self.speed, "STIR": "OK", "HALT": "OK"}
        return "" if word in self.silent else answers.get(word, "")

    def close(self) -> None:
        """Be gone: nobody listens at the port any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _serve(plate: Plate) -> socketserver.ThreadingTCPServer:
    class Hears(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # whoever asked is gone
                for line in self.rfile:
                    answer = plate.take(line.decode().strip())
                    if answer:
                        self.wfile.write(f"{answer}\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads, block_on_close = True, False

        def process_request(self, *how: Any) -> None:
            plate.begun(1)
            super().process_request(*how)

        def process_request_thread(self, *how: Any) -> None:
            super().process_request_thread(*how)
            plate.begun(-1)

    return Server(("127.0.0.1", 0), Hears)


class PlateDriver:
    """Stirs over a line. STOP makes it safe and has no answer; SPEED is asked for to see whether it did."""

    capabilities = (Stirring,)
    Options: type[DriverOptions] = DriverOptions
    transport = "link"
    simulator = ""
    limits: Mapping[str, Any] = {}
    watchdog: tuple[str, ...] = ()
    output = "speed"
    frames: tuple[bytes, ...] = (b"STOP\n",)

    def __init__(self, site: Site, options: Any) -> None:
        assert site.link is not None
        self._name, self._link = site.device, site.link
        self._stream: ByteStream | None = None

    async def connect(self) -> Identity:
        self._stream = await self._link.open(LineSettings())
        return Identity(await self.ask("NAME"))

    async def disconnect(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.aclose()

    def safe(self) -> tuple[SafeAct, ...]:
        return (SafeAct(self.output, self.frames, "after_line", self.stands),)

    async def stands(self) -> bool:
        return await self.ask("SPEED") == "0"

    def stir(self, speed: Quantity) -> Act:
        return self._act(f"STIR {speed.in_('rpm'):g}")

    def stop_stirring(self) -> Act:
        return self._act("HALT")

    async def speed(self) -> Quantity:
        return Quantity(float(await self.ask("SPEED")), "rpm")

    def _act(self, frame: str) -> Act:
        async def send() -> Outcome:
            await self.ask(frame)
            return Outcome("done")

        return Act((frame,), send, 5.0)

    async def ask(self, frame: str) -> str:
        if self._stream is None:
            raise LinkLost(f"{self._name} is not connected", device=self._name)
        await self._stream.send(f"{frame}\n".encode())
        return (await self._stream.receive()).decode().strip()


@pytest.fixture
def plate() -> Iterator[Callable[..., Plate]]:
    """Make stirrers, each at a port of its own."""
    made: list[Plate] = []

    def make(**how: Any) -> Plate:
        made.append(Plate(**how))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def plate_driver() -> type[PlateDriver]:
    return PlateDriver


@pytest.fixture
def catalog_with() -> Callable[..., EntryPointCatalog]:
    """Return a catalog that knows the stirrer's driver as `plate`, and others by their names."""

    def make(**drivers: type) -> EntryPointCatalog:
        known: dict[Any, Any] = {
            ("drivers", name): one for name, one in {"plate": PlateDriver, **drivers}.items()
        }
        return EntryPointCatalog(known)

    return make


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder in which labs are remembered, for this test alone."""
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def guard(tmp_path: Path, state: Path) -> Iterator[Callable[..., Loopback]]:
    """Serve a guard that answers as told, and publish it for a run of the lab."""
    served: list[Loopback] = []

    def make(answer: Callable[[Reply], None], run: str = "run-1", **devices: Any) -> Loopback:
        def handle(request: Mapping[str, Any], reply: Reply) -> None:
            assert request["ask"] == "estop"
            answer(reply)

        loopback = Loopback(handle)
        loopback.start()
        served.append(loopback)
        folder = tmp_path / "runs" / run
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lab.yaml").write_text(LAB, encoding="utf-8")
        publish(
            guard_file(NAME, run), {**loopback.address, "run": str(folder), "lab": NAME, "devices": devices}
        )
        return loopback

    yield make
    for one in served:
        one.close()


@pytest.fixture
def take_over(state: Path, monkeypatch: pytest.MonkeyPatch, catalog_with: Any) -> Callable[..., Takeover]:
    """Return what is to be done with devices given as lines of a lab file."""

    def make(
        *devices: str, dead: Mapping[str, Any] | None = None, held: tuple[str, ...] = (), **drivers: type
    ) -> Takeover:
        catalog = catalog_with(**drivers)
        monkeypatch.setattr(takeover, "EntryPointCatalog", lambda: catalog)
        lines = "\n".join(f"  {one}" for one in devices)
        return Takeover.of(f"lab: A lab\ndevices:\n{lines}\n", dead or {}, held)

    return make
