"""The gantry under any input, its state as plain data, and its options."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore_simulators.instruments import Gantry
from labcore_simulators.instruments.gantry import millilitres

Lines = Callable[..., Any]


def test_board_state_is_plain_data(line: Lines) -> None:
    wire = line()
    wire.ask("G1 X100 F600\nG1 X0\nM3 S1000\n", 1.0)
    state = wire.gantry.snapshot()
    twin = line(opened=False)
    twin.gantry.restore({**state, "board": json.loads(json.dumps(state["board"]))})
    twin.now = wire.now
    assert twin.status() == wire.status()
    assert twin.ask("$G\n") == wire.ask("$G\n")


@settings(max_examples=150, deadline=None)
@given(
    chunks=st.lists(
        st.tuples(
            st.one_of(
                st.binary(max_size=200),
                st.text("GMXYZFSPJT0123456789.-+$=#!?~\n \r()N", max_size=120).map(str.encode),
                st.sampled_from([b"$H\n", b"$X\n", b"G0X10\n", b"M8\n", b"M3S9\n", b"G1Z9F99\n", b"\x18"]),
            ),
            st.floats(0, 30),
        ),
        max_size=25,
    )
)
def test_no_input_makes_it_raise(lab: Any, chunks: list[tuple[bytes, float]]) -> None:
    books = _books()
    gantry = Gantry(books, device="robot", options={}, lab=lab, seed=1)
    now = 0.0
    gantry.opened(now)
    for data, pause in chunks:
        gantry.feed(data, now)
        now += pause
        gantry.board.advance(now)
        due = gantry.due()
        assert due is None or len(gantry.board.out) or due > now
        assert len(gantry.board.out) <= 65536
        assert len(gantry.board.receiver.ring) <= 128
    gantry.poll(now)


def _books() -> Any:
    class Nothing:
        clock = 0.0

        def advance(self, now: float) -> None:
            self.clock = now

        def acts(self) -> list[Any]:
            return []

        def vessel_at(self, place: str) -> None:
            return None

    return Nothing()


def test_output_nobody_reads_stays_bounded(line: Lines) -> None:
    gantry = line().gantry
    for _ in range(40):
        gantry.feed(b"$$\n" * 40, 200.0)
    assert len(gantry.board.out) <= 65536


@pytest.mark.parametrize(("text", "value"), [("25 mL", 25.0), (10, 10.0), ("500 uL", 0.5), ("0.1 L", 100.0)])
def test_syringe_volume(text: Any, value: float) -> None:
    assert millilitres(text) == pytest.approx(value)


def test_wrong_syringe_volume_says_so() -> None:
    with pytest.raises(ValueError, match="25 mL"):
        millilitres("a lot")


def test_options_for_the_simulator_alone_stand_in_the_world_part(books: Any, lab: Any) -> None:
    lab = {**lab, "world": {"instruments": {"robot": {"boot": 9.0, "syringe": "10 mL"}}}}
    gantry = Gantry(books, device="robot", options={"syringe": "25 mL"}, lab=lab, seed=3)
    assert gantry.board.boot == 9.0
    assert gantry.head.syringe.per_mm == pytest.approx(10 / 60, rel=0.01)
