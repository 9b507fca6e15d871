"""Serving over real sockets on loopback: line settings, garbling, wire log, camera stream, lab file."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import serial

from labcore_simulators.serve import Served, serve
from labcore_simulators.serve.labfile import LabFileError, load, save
from labcore_simulators.serve.main import listing, main

# pyserial 3.5 still calls Thread.setDaemon and setName in its RFC 2217 client.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")

LAB = {
    "lab": "served bench",
    "devices": {
        "robot": {"driver": "gantry-dispenser", "port": "sim://gantry", "boot": 0.2, "syringe": "25 mL"},
        "mover": {"same_as": "robot"},
        "stirrer": {"driver": "ika-namur", "port": "sim://ika-rct"},
        "camera": {"driver": "opencv-camera", "source": "sim://camera", "fps": 50},
        "operator": {"driver": "operator", "port": "sim://person"},
    },
    "positions": {"stirrer": {"station": "stirrer", "seen_by": "camera"}},
    "observers": ["turbidity"],
}


class Bench:
    """Nothing but a plate that turns and a picture that counts."""

    def __init__(self) -> None:
        self.rpm, self.pictures, self.clock = 0.0, 0, 0.0
        self.light = threading.Event()
        self.light.set()

    def advance(self, now: float) -> None:
        self.clock = now

    def acts(self) -> list[Any]:
        return []

    def vessel_at(self, place: str) -> str | None:
        return None

    def speed(self, place: str, now: float) -> float:
        return self.rpm

    def set_stirring(self, place: str, rpm: float, now: float) -> None:
        self.rpm = rpm

    def expose(
        self, place: str, now: float, *, camera: str, width: int = 640, height: int = 480
    ) -> Callable[[], Any]:
        self.pictures += 1

        def paint() -> Any:
            assert self.light.wait(10), "nobody let the painter finish"
            return np.full((height, width, 3), 40, dtype=np.uint8)

        return paint


@pytest.fixture(params=["rfc2217", "socket"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def served_lab(folder: Path, transport: str) -> Served:
    served = serve(LAB, make_world=lambda lab, **_: Bench(), folder=folder, transport=transport)  # type: ignore[arg-type,return-value]
    served.start()
    return served


@pytest.fixture
def served(tmp_path: Path, transport: str) -> Iterator[Served]:
    bench = served_lab(tmp_path, transport)
    yield bench
    bench.close()


@pytest.fixture
def with_settings(tmp_path: Path) -> Iterator[Served]:
    bench = served_lab(tmp_path, "rfc2217")
    yield bench
    bench.close()


def port(served: Served, device: str, **settings: Any) -> Any:
    return serial.serial_for_url(served.urls[device][1], timeout=1.0, **settings)


def log(served: Served) -> list[dict[str, Any]]:
    assert served.log.path is not None
    return [json.loads(line) for line in served.log.path.read_text().splitlines()]


def test_stirrer_over_7e1(served: Served) -> None:
    with port(served, "stirrer", baudrate=9600, bytesize=7, parity="E") as line:
        line.write(b"OUT_SP_4 300 \r\nSTART_4\r\n")
        line.write(b"IN_PV_4\r\n")
        assert line.read_until(b"\n") == b"300.0 4\r\n"
        line.write(b"IN_NAME \r \n")
        assert line.read_until(b"\n") == b"RCT digital\r\n"
    assert served.world.rpm == 300.0  # type: ignore[attr-defined]


def test_gantry_boots_when_the_port_is_opened(served: Served) -> None:
    for _ in range(2):
        with port(served, "robot", baudrate=115200) as line:
            line.read_until(b"unlock]\r\n")
            line.write(b"$X\n?")
            assert line.read_until(b">\r\n").startswith(b"[MSG:Caution: Unlocked]\r\nok\r\n<Idle|MPos:")


def test_the_wire_log_has_the_bytes_and_the_line_settings(with_settings: Served) -> None:
    with port(with_settings, "stirrer", baudrate=9600, bytesize=7, parity="E") as line:
        line.write(b"IN_SP_4\r\n")
        assert line.read_until(b"\n") == b"0.0 4\r\n"
    entries = log(with_settings)
    heard = [e for e in entries if e["event"] == "in"]
    assert "".join(e["text"] for e in heard) == "IN_SP_4\r\n"
    assert {e["line"] for e in heard} == {"9600 7E1"}
    assert [e["text"] for e in entries if e["event"] == "out"] == ["0.0 4\r\n"]
    assert [e for e in entries if e["event"] == "line"][-1]["matches"]
    times = [entry["t"] for entry in entries]
    assert times == sorted(times)
    assert times[0] < times[-1]


@pytest.mark.parametrize("wrong", [{"parity": "N", "bytesize": 8}, {"parity": "O"}, {"baudrate": 19200}])
def test_wrong_line_settings_get_no_answer(with_settings: Served, wrong: dict[str, Any]) -> None:
    settings = {"baudrate": 9600, "bytesize": 7, "parity": "E"} | wrong
    with port(with_settings, "stirrer", **settings) as line:
        line.timeout = 0.3
        line.write(b"IN_NAME\r\n")
        assert line.read(20) == b""
    lines = [e for e in log(with_settings) if e["event"] == "line"]
    assert not lines[-1]["matches"]
    assert lines[-1]["expected"] == "9600 7E1"
    heard = [e for e in log(with_settings) if e["event"] == "in"]
    assert heard
    assert all("garbled" in e for e in heard)


def test_a_banner_at_the_wrong_speed_is_garbled(with_settings: Served) -> None:
    with port(with_settings, "robot", baudrate=9600) as line:
        said = line.read(40)
    assert len(said) == 40
    assert b"Grbl" not in said


def test_a_second_client_is_turned_away(served: Served) -> None:
    host, number = served.urls["stirrer"][1].split("://")[1].split(":")
    with port(served, "stirrer", baudrate=9600, bytesize=7, parity="E") as line:
        with socket.create_connection((host, int(number)), timeout=2) as other:
            assert other.recv(10) == b""
        line.write(b"IN_NAME\r\n")
        assert line.read_until(b"\n") == b"RCT digital\r\n"


def test_dtr_held_low_does_not_reset(with_settings: Served) -> None:
    url = with_settings.urls["robot"][1]
    line = serial.serial_for_url(url, do_not_open=True, baudrate=115200, timeout=0.5)
    line.dtr = False
    with line:
        assert line.read(10) == b""
        line.write(b"$X\n")
        assert line.read_until(b"ok\r\n") == b"[MSG:Caution: Unlocked]\r\nok\r\n"


def test_garbage_and_broken_negotiation_leave_the_server_working(with_settings: Served) -> None:
    host, number = with_settings.urls["stirrer"][1].split("://")[1].split(":")
    broken = (b"\xff\xf0", b"\xff\xfa\x2c\x03\x77\xff\xf0", b"\xff\xfa\x2c\x01\xff\xf0")
    for junk in (*broken, bytes(range(256)) * 20):
        with socket.create_connection((host, int(number)), timeout=2) as client:
            client.sendall(junk)
            time.sleep(0.05)
    with port(with_settings, "stirrer", baudrate=9600, bytesize=7, parity="E") as line:
        line.write(b"\r\nIN_NAME\r\n")
        assert line.read_until(b"\n") == b"RCT digital\r\n"


def test_camera_streams_jpegs(with_settings: Served) -> None:
    key, url = with_settings.urls["camera"]
    assert key == "source"
    with urllib.request.urlopen(url, timeout=5) as stream:
        assert stream.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=frame"
        frames = [_part(stream) for _ in range(3)]
    assert [int(head["X-Frame"]) for head, _ in frames] == [1, 2, 3]
    assert all(data[:2] == b"\xff\xd8" for _, data in frames)
    with urllib.request.urlopen(url.replace(".mjpg", ".jpg"), timeout=5) as still:
        assert still.read()[:2] == b"\xff\xd8"


def test_the_others_go_on_while_a_picture_is_painted(with_settings: Served) -> None:
    bench: Any = with_settings.world
    url = with_settings.urls["camera"][1].replace(".mjpg", ".jpg")
    bench.light.clear()
    with ThreadPoolExecutor(1) as pool:
        still = pool.submit(lambda: urllib.request.urlopen(url, timeout=10).read())
        try:
            with port(with_settings, "stirrer", baudrate=9600, bytesize=7, parity="E") as line:
                while not bench.pictures:
                    time.sleep(0.01)
                line.write(b"IN_NAME\r\n")
                assert line.read_until(b"\n") == b"RCT digital\r\n"
            assert not still.done()
        finally:
            bench.light.set()
        assert still.result()[:2] == b"\xff\xd8"


def _part(stream: Any) -> tuple[dict[str, str], bytes]:
    while stream.readline().strip() != b"--frame":
        pass
    head = {}
    while line := stream.readline().decode().strip():
        key, _, value = line.partition(": ")
        head[key] = value
    return head, stream.read(int(head["Content-Length"]))


def test_camera_opens_with_opencv(with_settings: Served) -> None:
    cv2 = pytest.importorskip("cv2")
    capture = cv2.VideoCapture(with_settings.urls["camera"][1], cv2.CAP_FFMPEG)
    try:
        good, frame = capture.read()
    finally:
        capture.release()
    assert good
    assert frame.shape == (480, 640, 3)


# -------------------------------------------------------------------------------------------- lab file
def test_lab_file_is_read_by_yaml_1_2_and_keeps_every_key(tmp_path: Path) -> None:
    source, target = tmp_path / "lab.yaml", tmp_path / "served.yaml"
    plain = "lab: no\ntime: 1:30\nn: 010\nx: 1.5\non: yes\n"
    source.write_text(plain + "devices: {a: {port: 'sim://gantry', k: [1, 2]}}\n")
    lab = load(source)
    assert lab == {
        "lab": "no", "time": "1:30", "n": "010", "x": 1.5, "on": "yes",
        "devices": {"a": {"port": "sim://gantry", "k": [1, 2]}},
    }  # fmt: skip
    save(lab, target)
    assert load(target) == lab


def test_only_the_urls_change(with_settings: Served) -> None:
    lab = with_settings.lab
    assert lab["devices"]["operator"] == LAB["devices"]["operator"]
    assert lab["devices"]["mover"] == {"same_as": "robot"}
    assert lab["devices"]["robot"]["port"].startswith("rfc2217://127.0.0.1:")
    assert lab["devices"]["camera"]["source"].startswith("http://127.0.0.1:")
    assert all(lab["devices"][name]["simulated"] for name in ("robot", "stirrer", "camera"))
    assert {**lab, "devices": 0} == {**LAB, "devices": 0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("devices: {a: {port: COM3}}", "nothing to serve"),
        ("devices: {a: {port: 'sim://kettle'}}", "no simulator for a: sim://kettle"),
        ("- 1", "no `devices`"),
        ("a: [", "no YAML"),
    ],
)
def test_labs_that_cannot_be_served_say_why(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(text)
    with pytest.raises(LabFileError, match=message):
        serve(load(path), make_world=lambda lab, **_: Bench())  # type: ignore[arg-type,return-value]


def test_missing_lab_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(tmp_path / "none.yaml"), "--write", str(tmp_path / "out.yaml")]) == 1
    assert "Give the path of a lab file" in capsys.readouterr().err


def test_list_names_what_is_not_modelled(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    text = capsys.readouterr().out
    assert text.strip() == listing()
    for name in ("gantry", "ika-rct", "balance", "camera", "person"):
        assert f"sim://{name}" in text
    assert "line: 9600 7E1" in text
    assert "arcs" in text
