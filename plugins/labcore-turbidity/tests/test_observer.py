"""The observer over a journal: what is on record from before a restart is not worked out again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import cast

import cv2
import pytest

from labcore.model.event import Event, ImageTaken, Observed, RunEnded, RunStarted, VesselStated
from labcore.ports import RunReader
from labcore.testing.audience import Line, holding, perform
from labcore_turbidity import observer
from labcore_turbidity.reactions import CASES, find_world, reaction

PICTURES = 6


class Blobs:
    """As much of a record as the observer reads."""

    def __init__(self, pictures: Sequence[bytes]) -> None:
        self._pictures = {hashlib.sha256(data).hexdigest(): data for data in pictures}
        self.names = list(self._pictures)

    def blob(self, digest: str) -> bytes:
        return self._pictures[digest]


@pytest.fixture(scope="module")
def blobs() -> Blobs:
    world = find_world()
    assert world is not None
    frames = reaction(world, 1006, CASES[0], [5.0, 66.0, 80.0, 90.0, 105.0, 300.0])
    return Blobs([cv2.imencode(".png", frame.picture)[1].tobytes() for frame in frames])


def script(blobs: Blobs) -> list[Line]:
    taken = [ImageTaken("vial", name, "image/png", 480, 640) for name in blobs.names]
    begun = [RunStarted("p", "d", "lab", True, 0, {}), VesselStated("vial", "vial-50ml", "plate", {}, "lab")]
    return [Line(body, pause=1.0) for body in (*begun, *taken, RunEnded("done"))]


def observed(events: Sequence[Event]) -> list[Observed]:
    return [event.body for event in events if isinstance(event.body, Observed)]


@pytest.mark.parametrize("on_record", [1, 2, PICTURES])
def test_only_pictures_that_are_not_on_record_are_read_and_the_reference(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch, on_record: int
) -> None:
    record, lines = cast(RunReader, blobs), script(blobs)
    whole = perform({"turbidity": observer.Turbidity()}, lines, record=record).events
    readings = observed(whole)
    assert [one.detail["reference"] for one in readings] == [False] + [True] * (PICTURES - 1)
    cut = [event.position for event in whole if event.kind == "observed"][on_record - 1] + 1
    looked: list[bool] = []
    look = observer.look
    monkeypatch.setattr(observer, "look", lambda *how: (looked.append(how[2] is None), look(*how))[1])
    rest = [line for line in lines if line.body not in [event.body for event in whole[:cut]]]
    journal = holding(whole[:cut])
    again = perform({"turbidity": observer.Turbidity()}, rest, journal=journal, record=record)
    assert observed(again.events) == readings
    left = PICTURES - on_record
    assert looked == ([True] if left else []) + [False] * left
