"""Live or backlog, told by the rhythm of the frames."""

from __future__ import annotations

from labcore_camera.pace import Pace

PERIOD = 0.1


def steady(pace: Pace, start: float, count: int, period: float = PERIOD) -> list[bool]:
    """Let `count` frames come in a rhythm; each read begins when the one before ended."""
    return [pace.live(start + period * n, start + period * (n + 1)) for n in range(count)]


def test_frames_of_the_first_moments_are_not_trusted() -> None:
    pace = Pace(connected=0.0, settle=0.5)
    assert steady(pace, 0.0, 8) == [False] * 5 + [True] * 3


def test_a_burst_after_a_pause_is_backlog() -> None:
    pace = Pace(0.0, 0.5)
    steady(pace, 0.0, 20)
    pace.live(2.0, 4.0)  # whoever read was held up for 2 s
    assert steady(pace, 4.0, 10, period=0.004) == [False] * 10
    assert pace.live(4.04, 4.1)


def test_what_lay_ready_when_the_reader_was_held_up_is_backlog() -> None:
    pace = Pace(0.0, 0.5)
    steady(pace, 0.0, 20)
    assert not pace.live(4.0, 4.002)  # nobody read from 2.0 on
    assert steady(pace, 4.002, 5, period=0.004) == [False] * 5
    assert pace.live(4.022, 4.1)


def test_a_camera_that_became_faster_is_believed_in_the_end() -> None:
    pace = Pace(0.0, 0.5)
    steady(pace, 0.0, 20)
    verdicts = steady(pace, 2.0, 40, period=0.02)
    assert not any(verdicts[:24])
    assert all(verdicts[30:])


def test_an_uneven_camera_stays_live() -> None:
    pace = Pace(0.0, 0.0)
    at, verdicts = 0.0, []
    for period in (0.1, 0.12, 0.09, 0.11, 0.3, 0.08, 0.07, 0.1):
        verdicts.append(pace.live(at, at + period))
        at += period
    assert all(verdicts)
