"""What a real run over RFC 2217 and HTTP did, as the run's own wire log and the serving side's tell it."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are ended the POSIX way")
Entry = dict[str, Any]


def heard(entries: list[Entry], event: str) -> str:
    return "".join(entry["text"] for entry in entries if entry["event"] == event)


def test_the_journal_of_a_real_run_says_which_devices_are_simulated(first: Any) -> None:
    found = first.place.events(first.run)
    assert found[0]["data"]["simulated"] is False
    connected = {e["device"]: e["source"] for e in found if e["kind"] == "device_connected"}
    assert connected == {"dispenser": "simulated", "stirrer": "simulated", "camera": "simulated"}
    of_devices = {e["source"] for e in found if e["kind"] in ("intended", "settled", "image_taken")}
    assert of_devices == {"simulated"}
    statuses = [e["data"]["status"] for e in found if e["kind"] == "settled"]
    assert len(statuses) >= 4
    assert set(statuses) == {"done"}
    assert found[-1]["data"]["outcome"] == "done"
    assert first.done.out.count("(simulated)") == 3
    assert "REAL" not in first.done.out


def test_the_run_keeps_the_documented_bytes_of_the_stirrer(first: Any) -> None:
    wire = first.place.wire(first.run, "stirrer")
    opened = [entry for entry in wire if entry["dir"] == "open"]
    assert [(e["baud"], e["bytesize"], e["parity"], e["stopbits"]) for e in opened] == [(9600, 7, "E", 1)]
    sent = first.place.sent(first.run, "stirrer").split(" \r\n")
    for command in (
        "IN_NAME",
        "OUT_WD1@20",
        "OUT_SP_4 300",
        "IN_SP_4",
        "START_4",
        "STATUS_4",
        "STOP_4",
    ):
        assert command in sent
    assert (
        sent.index("OUT_WD1@20") < sent.index("OUT_SP_4 300") < sent.index("START_4") < sent.index("STOP_4")
    )
    answers = first.place.answers(first.run, "stirrer").split("\r\n")
    assert {"RCT digital", "20", "300.0 4", "11 4", "12 4"} <= set(answers)


def test_the_run_keeps_the_documented_bytes_of_the_gantry(first: Any) -> None:
    wire = first.place.wire(first.run, "dispenser")
    opened = [entry for entry in wire if entry["dir"] == "open"]
    assert [(e["baud"], e["bytesize"], e["parity"], e["stopbits"]) for e in opened] == [(115200, 8, "N", 1)]
    sent = first.place.sent(first.run, "dispenser")
    assert {"$H", "G21 G90 G94 G54", "M8", "M9", "M3 S1000", "M5"} <= set(sent.replace("?", "").split("\n"))
    assert re.search(r"^G0 X320\.000 Y60\.000$", sent, re.MULTILINE)
    answers = first.place.answers(first.run, "dispenser")
    assert "Grbl 1.1h ['$' for help]\r\n" in answers
    assert re.search(r"<Idle\|MPos:320\.000,60\.000,[\d.]+\|FS:0,0", answers)
    assert not re.search("error|ALARM", answers)
    planned = [
        frame
        for event in first.place.events(first.run)
        if event["kind"] == "intended" and event["device"] == "dispenser"
        for frame in event["data"]["frames"]
    ]
    assert [line for line in sent.replace("?", "").split("\n") if line in planned] == planned


@pytest.mark.parametrize(("device", "settings"), [("stirrer", "9600 7E1"), ("dispenser", "115200 8N1")])
def test_the_serving_side_saw_the_same_bytes_and_line_settings(
    first: Any, device: str, settings: str
) -> None:
    log = first.place.served_wire(device)
    first_session = log[: next(i for i, e in enumerate(log) if e["event"] == "closed")]
    negotiated = [entry for entry in first_session if entry["event"] == "line"]
    assert negotiated[-1]["line"] == negotiated[-1]["expected"] == settings
    assert negotiated[-1]["matches"] is True
    bytes_ = [entry for entry in first_session if entry["event"] in ("in", "out")]
    assert {entry["line"] for entry in bytes_} == {settings}
    assert not [entry for entry in bytes_ if "garbled" in entry]
    assert heard(first_session, "in") == first.place.sent(first.run, device)
    assert heard(first_session, "out").startswith(
        first.place.answers(first.run, device)
    )  # the last answer may come too late


def test_the_camera_delivers_pictures_over_http(first: Any) -> None:
    import cv2
    import numpy as np

    pictures = [e["data"] for e in first.place.events(first.run) if e["kind"] == "image_taken"]
    assert [(p["width"], p["height"], p["place"]) for p in pictures] == [(640, 480, "stirrer")] * 2
    assert len({p["blob"] for p in pictures}) == 2
    for picture in pictures:
        path = first.place.run_folder(first.run) / "blobs" / picture["blob"][:2] / picture["blob"]
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert image.shape == (480, 640, 3)
        assert image.std() > 10
    log = first.place.served_wire("camera")
    assert log[0]["path"] == "/camera.mjpg"
    assert next(e["frames"] for e in log if e["event"] == "closed") > 20


def test_what_was_done_was_done(first: Any) -> None:
    acts = first.place.acts()
    assert [act["act"] for act in acts if act.get("vessel") == "reactor"][:2] == ["lift", "put"]
    poured = sum(a["accepted_ml"] for a in acts if a["act"] == "pour" and a["vessel"] == "reactor")
    assert poured == pytest.approx(1.0, abs=0.03)
    assert [act["rpm"] for act in acts if act["act"] == "stir"][:2] == [300, 0]
