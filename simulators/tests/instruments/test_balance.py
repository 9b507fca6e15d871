"""The balance: documented MT-SICS exchanges."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from labcore_simulators.instruments import Balance


def balance(books: Any, **options: Any) -> Balance:
    return Balance(books, device="balance", options={"repeatability": 0.0, **options}, lab={}, seed=0)


def ask(device: Balance, text: str, now: float = 0.0) -> str:
    device.feed(text.encode("latin-1"), now)
    return device.poll(now).decode("ascii")


def run(device: Balance, now: float, until: float) -> list[tuple[float, str]]:
    said = []
    while (due := device.due()) is not None and max(due, now) <= until:
        now = max(due, now)
        text = device.poll(now).decode()
        if text:
            said.append((now, text))
    return said


def test_empty_pan(books: Any) -> None:
    assert ask(balance(books), "S\r\n") == "S S      0.000 g\r\n"


def test_a_new_load_takes_its_time(books: Any) -> None:
    device = balance(books)
    ask(device, "SI\r\n")
    books.places["reactor"] = "balance"
    assert ask(device, "SI\r\n", 10.0).startswith("S D ")
    assert ask(device, "S\r\n", 10.1) == ""
    [(when, said)] = run(device, 10.1, 20.0)
    assert when == pytest.approx(11.5, abs=0.15)
    assert said == "S S     40.000 g\r\n"


def test_a_load_that_never_rests_is_answered_i(books: Any) -> None:
    device = balance(books)
    books.places["reactor"] = "balance"
    device.feed(b"S\r\n", 0.0)
    now = 0.0
    while now < 10.5:
        books.volumes["reactor"] += 0.1
        now += 0.1
        said = device.poll(now)
        if said:
            break
    assert said == b"S I\r\n"
    assert now == pytest.approx(10.0, abs=0.11)


def test_tare_and_zero(books: Any) -> None:
    device = balance(books)
    books.places["reactor"] = "balance"
    ask(device, "SI\r\n")
    assert ask(device, "T\r\n", 5.0) == "T S     40.000 g\r\n"
    books.volumes["reactor"] = 10.0
    ask(device, "SI\r\n", 6.0)
    assert ask(device, "SI\r\n", 20.0) == "S S      7.900 g\r\n"
    assert ask(device, "TA\r\n", 20.0) == "TA A     40.000 g\r\n"
    assert ask(device, "TAC\r\nSI\r\n", 20.0) == "TAC A\r\nS S     47.900 g\r\n"
    assert ask(device, "ZI\r\n", 20.0) == "ZI +\r\n"
    assert ask(device, "TA 12.5 g\r\nTA 1\r\n", 20.0) == "TA A     12.500 g\r\nTA L\r\n"


def test_overload(books: Any) -> None:
    books.places["bottle/1"] = "balance"
    device = balance(books, capacity=200)
    ask(device, "SI\r\n")
    assert ask(device, "SI\r\n", 60.0) == "S +\r\n"


def test_stream_until_cancelled(books: Any) -> None:
    device = balance(books)
    ask(device, "SIR\r\n")
    assert len(run(device, 0.0, 1.0)) in (9, 10, 11)
    assert ask(device, "@\r\n", 1.05) == 'I4 A "1234567"\r\n'
    assert device.due() is None


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("I0", 'I0 B 0 "@"'),
        ("I1", "I1 A "),
        ("I2", 'I2 A "Simulated balance 320.000 g"'),
        ("I4", 'I4 A "1234567"'),
        ("M21 0 0", "M21 A"),
        ('D "HELLO"', "D A"),
        ("DW", "DW A"),
        ("s", "ES"),
        ("XYZ", "ES"),
        ("S 1", "ES"),
        ("SC x", "SC L"),
        ("ZI", "ZI S"),
    ],
)
def test_answers(books: Any, text: str, start: str) -> None:
    assert ask(balance(books), f"{text}\r\n").startswith(start)


def test_adjustment_takes_its_time(books: Any) -> None:
    device = balance(books)
    assert ask(device, "C3\r\nS\r\n") == "C3 B\r\nS I\r\n"
    assert run(device, 0.0, 20.0) == [(12.0, "C3 A\r\n")]


def test_snapshot(books: Any) -> None:
    device = balance(books)
    books.places["reactor"] = "balance"
    ask(device, "S\r\n")
    state = json.loads(json.dumps(device.snapshot()))
    twin = balance(books)
    twin.restore(state)
    said = run(device, 0.0, 9.0)
    books.clock = 0.0
    assert run(twin, 0.0, 9.0) == said


_WORDS = (b"S", b"SIR", b"T", b"Z", b"C3", b"SC 300", b"TA 1 g", b"TA -1 g")
_COMMANDS = st.sampled_from([word + b"\r\n" for word in _WORDS])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.one_of(st.binary(max_size=200), _COMMANDS), st.floats(0, 20)), max_size=30))
@example([(b"\xa0\n", 0.0)])
def test_no_input_makes_it_raise(chunks: list[tuple[bytes, float]]) -> None:
    class Nothing:
        clock = 0.0

        def advance(self, now: float) -> None:
            self.clock = now

        def acts(self) -> list[Any]:
            return []

        def vessel_at(self, place: str) -> None:
            return None

    device, now = Balance(Nothing(), device="b", options={}, lab={}, seed=0), 0.0  # type: ignore[arg-type]
    for data, pause in chunks:
        device.feed(data, now)
        assert len(device.poll(now)) <= 65536
        assert device.due() is None or device.due() > now  # type: ignore[operator]
        now += pause
