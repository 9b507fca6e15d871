"""The stirrer-hotplate: documented NAMUR exchanges, limits, watchdog."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore_simulators.instruments import IkaRct, LineSettings

LAB = {
    "devices": {"stirrer": {"port": "sim://ika-rct"}, "hotplate": {"same_as": "stirrer"}},
    "positions": {"plate": {"station": "hotplate"}, "rack/A1": {}},
}


def plate(books: Any, **options: Any) -> IkaRct:
    return IkaRct(books, device="stirrer", options=options, lab=LAB, seed=0)


def ask(device: IkaRct, text: str, now: float = 0.0) -> str:
    device.feed(text.encode("latin-1"), now)
    return device.poll(now).decode("ascii")


def test_line_is_9600_7e1(books: Any) -> None:
    assert plate(books).line == LineSettings(9600, 7, "E", 1)


@pytest.mark.parametrize("end", ["\r\n", " \r\n", " \r \n", "\n", "\r"])
def test_terminators_of_real_clients(books: Any, end: str) -> None:
    assert ask(plate(books), f"IN_NAME{end}") == "RCT digital\r\n"


def test_queries_answer_value_and_channel(books: Any) -> None:
    device = plate(books)
    assert ask(device, "IN_PV_2\r\nIN_PV_4\r\nIN_SP_3\r\n") == "22.0 2\r\n0.0 4\r\n360.0 3\r\n"


@pytest.mark.parametrize(
    "text", ["OUT_SP_4 300", "START_4", "STOP_1", "RESET", "in_name", "IN_PV_9", "HELLO", "START_4 x"]
)
def test_silence(books: Any, text: str) -> None:
    assert ask(plate(books), f"{text}\r\n") == ""


def test_stirring_reaches_the_station(books: Any) -> None:
    device = plate(books)
    assert ask(device, "OUT_SP_4 300\r\nIN_SP_4\r\nSTATUS_4\r\n") == "300.0 4\r\n12 4\r\n"
    assert books.stirring == {}
    assert ask(device, "START_4\r\nSTATUS_4\r\nIN_PV_4\r\n") == "11 4\r\n300.0 4\r\n"
    ask(device, "OUT_SP_4 450\r\n")
    assert books.stirring == {"plate": 450.0}
    ask(device, "STOP_4\r\n")
    assert books.stirring == {"plate": 0.0}
    assert ask(device, "IN_SP_4\r\n") == "450.0 4\r\n"


def test_heating(books: Any) -> None:
    device = plate(books)
    ask(device, "OUT_SP_1 60.55\r\nSTART_1\r\n")
    assert books.heating["plate"] == pytest.approx(60.5, abs=0.06)
    ask(device, "STOP_1\r\n")
    assert books.heating == {"plate": None}


@pytest.mark.parametrize(
    "command", ["OUT_SP_4 1501", "OUT_SP_4 -1", "OUT_SP_4 nan", "OUT_SP_4 1e3", "OUT_SP_4", "OUT_SP_1 311"]
)
def test_out_of_range_is_ignored(books: Any, command: str) -> None:
    device = plate(books)
    assert ask(device, f"{command}\r\nIN_SP_4\r\nIN_SP_1\r\n") == "0.0 4\r\n0.0 1\r\n"


def test_set_point_stays_beneath_the_safety_temperature(books: Any) -> None:
    device = plate(books, safety_temperature=100)
    assert ask(device, "OUT_SP_1 51\r\nIN_SP_1\r\nOUT_SP_1 50\r\nIN_SP_1\r\n") == "0.0 1\r\n50.0 1\r\n"


def test_watchdog_1_switches_off_and_err_2_until_reset(books: Any) -> None:
    device = plate(books)
    assert ask(device, "OUT_SP_4 300\r\nSTART_4\r\nOUT_SP_1 60\r\nSTART_1\r\nOUT_WD1@20\r\n") == "20\r\n"
    assert device.due() == 20.0
    assert ask(device, "IN_PV_4\r\n", 15.0) == "300.0 4\r\n"  # other traffic does not renew it
    assert ask(device, "OUT_WD1@20\r\n", 19.0) == "20\r\n"
    assert device.poll(38.9) == b""
    assert books.stirring == {"plate": 300.0}
    device.poll(39.0)
    assert books.stirring == {"plate": 0.0}
    assert books.heating == {"plate": None}
    assert ask(device, "START_4\r\nSTATUS_4\r\n", 40.0) == "12 4\r\n"
    assert ask(device, "RESET\r\nSTART_4\r\nSTATUS_4\r\n", 41.0) == "11 4\r\n"


def test_watchdog_acts_at_its_own_time_even_if_polled_late(books: Any) -> None:
    device = plate(books)
    ask(device, "OUT_SP_4 300\r\nSTART_4\r\nOUT_WD1@30\r\n")
    device.poll(500.0)
    assert books.did[-1] == ("stir", 30.0, "plate", 0.0)


@pytest.mark.parametrize(
    "text", ["OUT_WD1@19", "OUT_WD1@1501", "OUT_WD1@0", "OUT_WD2@5", "OUT_WD1@", "OUT_WD1@x"]
)
def test_watchdog_times_out_of_range_are_ignored(books: Any, text: str) -> None:
    device = plate(books)
    assert ask(device, f"{text}\r\n") == ""
    assert device.due() is None


def test_watchdog_2_falls_back_and_can_be_cancelled(books: Any) -> None:
    device = plate(books)
    assert ask(device, "OUT_SP_42@100\r\nOUT_SP_12@30\r\nOUT_WD2@20\r\n") == "100.0\r\n30.0\r\n20\r\n"
    ask(device, "OUT_SP_4 500\r\nSTART_4\r\nOUT_SP_1 80\r\nSTART_1\r\n")
    device.poll(21.0)
    assert (books.stirring, books.heating) == ({"plate": 100.0}, {"plate": 30.0})
    assert ask(device, "OUT_WD2@20\r\nOUT_WD2@0\r\n", 22.0) == "20\r\n0\r\n"
    assert device.due() is None


def test_external_sensor_reads_the_vessel(books: Any) -> None:
    books.places["reactor"] = "plate"
    assert ask(plate(books), "IN_PV_1\r\n") == "22.0 1\r\n"


def test_lines_over_eighty_characters_are_dropped(books: Any) -> None:
    assert ask(plate(books), "IN_NAME" + " " * 90 + "\r\nIN_NAME\r\n") == "RCT digital\r\n"


def test_chunks_may_be_split_anywhere(books: Any) -> None:
    device = plate(books)
    said = "".join(ask(device, char) for char in "IN_SP_4\r\nIN_NAME\r\n")
    assert said == "0.0 4\r\nRCT digital\r\n"


def test_snapshot_is_plain_and_complete(books: Any) -> None:
    device = plate(books)
    ask(device, "OUT_SP_4 300\r\nSTART_4\r\nOUT_WD1@20\r\nIN_")
    state = json.loads(json.dumps(device.snapshot()))
    twin = plate(books)
    twin.restore(state)
    assert ask(twin, "SP_4\r\n", 1.0) == "300.0 4\r\n"
    assert twin.due() == 20.0


_COMMANDS = st.sampled_from(
    [b"OUT_WD1@20\r\n", b"OUT_SP_4 300\r\n", b"START_4\r\n", b"OUT_SP_1 50\n", b"START_1\r", b"OUT_WD2@30\n"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.one_of(st.binary(max_size=200), _COMMANDS), st.floats(0, 60)), max_size=30))
def test_no_input_makes_it_raise(chunks: list[tuple[bytes, float]]) -> None:
    class Nothing:
        clock = 0.0

        def advance(self, now: float) -> None:
            self.clock = now

        def acts(self) -> list[Any]:
            return []

        def vessel_at(self, place: str) -> None:
            return None

        def set_stirring(self, place: str, rpm: float, now: float) -> None:
            assert 0 <= rpm <= 1500

        def set_heating(self, place: str, target_c: float | None, now: float) -> None:
            assert target_c is None or 0 <= target_c <= 310

        def speed(self, place: str, now: float) -> float:
            return 0.0

        temperature = speed

    device, now = IkaRct(Nothing(), device="s", options={}, lab={}, seed=0), 0.0  # type: ignore[arg-type]
    for data, pause in chunks:
        device.feed(data, now)
        assert len(device.poll(now)) <= 65536
        assert device.due() is None or device.due() > now  # type: ignore[operator]
        now += pause
