"""A served line may be closed at any instant of a client's coming or going."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from labcore_simulators.instruments import Camera, IkaRct
from labcore_simulators.serve.mjpeg import CameraSite
from labcore_simulators.serve.serial_line import SerialLine, Transport
from labcore_simulators.serve.stage import Stage
from labcore_simulators.serve.wirelog import WireLog

ROUNDS, AT_LEAST, WITHIN = 300, 10, 2.5  # s; a slow machine plays fewer rounds


class Bench:
    """Nothing that a plate could act on."""

    clock = 0.0

    def advance(self, now: float) -> None:
        self.clock = now

    def vessel_at(self, place: str) -> None:
        return None

    def acts(self) -> list[dict[str, Any]]:
        return []


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    stage.start()
    yield stage
    stage.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[WireLog]:
    log = WireLog(tmp_path / "wire.jsonl")
    yield log
    log.close()


def served(stage: Stage, log: WireLog, transport: Transport) -> SerialLine:
    plate = IkaRct(Bench(), device="plate", options={}, lab={}, seed=0)  # type: ignore[arg-type]
    site = SerialLine(stage, "plate", plate, log, host="127.0.0.1", transport=transport)
    site.start()
    return site


def connected(site: SerialLine) -> socket.socket:
    where = urlsplit(site.url)
    return socket.create_connection((where.hostname, where.port), timeout=2)


def threads() -> set[str]:
    names = {thread.name for thread in threading.enumerate()}
    return {name for name in names if name.startswith(("line ", "client of "))}


@pytest.mark.parametrize("transport", ["rfc2217", "socket"])
def test_closing_while_a_client_connects_neither_raises_nor_leaves_a_thread(
    stage: Stage, log: WireLog, transport: Transport
) -> None:
    began, rounds = time.monotonic(), 0
    while rounds < ROUNDS and time.monotonic() < began + WITHIN:
        site = served(stage, log, transport)
        with connected(site) as client:
            if rounds % 3 == 1:
                client.close()  # both ends hang up at once
            time.sleep(rounds % 5 * 0.00005)  # another instant of the client's arrival in each round
            site.close()
        assert threads() == set()
        rounds += 1
    assert rounds >= AT_LEAST


@pytest.mark.parametrize("transport", ["rfc2217", "socket"])
def test_the_threads_of_a_served_line_are_seen(stage: Stage, log: WireLog, transport: Transport) -> None:
    site = served(stage, log, transport)
    with connected(site):
        until = time.monotonic() + 5
        while threads() != {"line plate", "client of plate"}:
            assert time.monotonic() < until, threads()
            time.sleep(0.01)
        site.close()
    assert threads() == set()
    site.close()  # a second time is no harm


def test_a_client_that_does_not_read_keeps_nobody_waiting(stage: Stage, log: WireLog) -> None:
    site = served(stage, log, "socket")
    where = urlsplit(site.url)
    assert where.hostname is not None
    assert where.port is not None
    with socket.socket() as deaf, ThreadPoolExecutor(1) as pool:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(1.0)
        deaf.connect((where.hostname, where.port))
        deaf.sendall(b"IN_NAME\r\n")
        assert deaf.recv(1)
        client = site._client
        assert client is not None
        client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        try:
            for _ in range(60):
                deaf.sendall(b"IN_NAME\r\n" * 400)
        except (TimeoutError, ConnectionError):
            pass  # nobody takes it any more
        try:
            for _ in range(10):
                assert pool.submit(stage.snapshots).result(timeout=5).keys() == {"plate"}
                time.sleep(0.05)
        finally:
            deaf.close()
            site.close()


def test_a_camera_that_was_never_served_closes_at_once(stage: Stage, log: WireLog) -> None:
    camera = Camera(Bench(), device="camera", options={}, lab={}, seed=0)  # type: ignore[arg-type]
    site = CameraSite(stage, "camera", camera, log, host="127.0.0.1")
    closing = threading.Thread(target=site.close, daemon=True)
    closing.start()
    closing.join(timeout=5)
    assert not closing.is_alive()
