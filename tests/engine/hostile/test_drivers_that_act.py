"""Drivers that break their contract: refused at the border, named, and never the end of the engine (catalogue C20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.capabilities import Act, Outcome
from labcore.errors import DeviceError
from labcore.model.interval import Interval

Play = Callable[..., Any]
DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"
NAN, INF = float("nan"), float("inf")


def raising(error: BaseException) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise error

    return method


# ------------------------------------------------------------------------------------------------ encoding
def test_what_encoding_raises_is_a_failure_of_the_plugin_and_nothing_was_sent(
    play: Play, escape: BaseException, ended: Any
) -> None:
    done = play(f"steps:\n - {DOSE}\nfinally:\n - note: clean", driver={"dispense": raising(escape)})
    body = ended(done)
    assert (done.state.outcome, body.code) == ("failed", "E925")
    assert "robot: could not encode dispense" in body.error
    assert "nothing was sent" in body.error
    assert done.of("intended") == []
    assert done.state.vessels["vial"].volume.high == 0.0
    assert len(done.of("noted")) == 1


async def _sent() -> Outcome:
    return Outcome("done")


@pytest.mark.parametrize(
    "act",
    [
        None, "DOSE", 1.5, Act(("A",), _sent, NAN), Act(("A",), _sent, INF), Act(("A",), _sent, -1.0), Act(("A",), _sent, 0.0),
        Act((b"A",), _sent, 1.0), Act(["A"], _sent, 1.0), Act("A\udc80", _sent, 1.0), Act(("A\udc80",), _sent, 1.0),  # type: ignore[arg-type]
        Act(("A",), None, 1.0), Act(("A",), _sent, 1.0, 3), Act(("A",), _sent, "soon"),  # type: ignore[arg-type]
        Act(("A",), _sent, 1.0, _sent, NAN), Act(("A",), _sent, True),
    ],
    ids=lambda act: repr(act)[:60].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_what_is_no_act_is_refused_before_anything_is_sent(play: Play, act: Any, ended: Any) -> None:
    done = play(f"steps:\n - {DOSE}", driver={"dispense": lambda self, **how: act})
    assert ended(done).code == "E925"
    assert "nothing was sent" in ended(done).error
    assert done.of("intended") == []


# ------------------------------------------------------------------------------------------------ sending
@pytest.mark.parametrize("cuttable", [True, False])
def test_what_sending_raises_leaves_the_end_unknown(
    play: Play, escape: BaseException, cuttable: bool, ended: Any, later: Any
) -> None:
    def dispense(self: Any, **how: Any) -> Act:
        return Act(("DOSE",), later(escape), 5.0, _sent if cuttable else None)

    done = play(f"steps:\n - {DOSE}\n   retry: 3\n - note: never", driver={"dispense": dispense})
    assert ended(done).code == "E910"
    settled = done.of("settled")[0].body
    assert settled.status == "unknown"
    assert "the driver raised" in settled.message
    assert len(done.of("intended")) == 1, "what may have been done is not done again"
    assert done.of("noted") == []
    held = done.state.vessels["vial"].volume
    assert (held.low, held.high) == (0.0, 10.0)


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("not even that")

    __str__ = __repr__


NOT_BELIEVED = [
    None, "done", Outcome("finished"), Outcome(None), Outcome("done", 10.0), Outcome("done", "10 mL"), Unspeakable(),  # type: ignore[arg-type]
    Outcome("done", Interval.exactly(-3.0)), Outcome("done", Interval.exactly(1000.0)), Outcome("done", Interval.exactly(1e308)),
    Outcome("partly", Interval(0.0, 5.0, 1e308)), Outcome("not_started", Interval.exactly(4.0)),
    Outcome("done", evidence=[1]), Outcome("done", message=7), Outcome("done", evidence=None),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize("claim", NOT_BELIEVED, ids=range(len(NOT_BELIEVED)))
def test_a_report_that_cannot_be_true_leaves_the_end_unknown(
    play: Play, world: Any, claim: Any, ended: Any
) -> None:
    async def lie() -> Any:
        return claim

    world.failures[1] = lie
    done = play(f"steps:\n - {DOSE}\n   on_error: skip\n - note: after")
    assert ended(done).code == "E910"
    settled = done.of("settled")[0].body
    assert settled.status == "unknown"
    assert settled.amount is None
    assert "cannot be believed" in settled.message
    assert settled.evidence["claimed"]
    assert done.state.vessels["vial"].volume.high == 10.0
    assert len(done.of("noted")) == 1


def test_evidence_is_kept_as_strict_json(play: Play, world: Any, ended: Any) -> None:
    round_and_round: dict[str, Any] = {}
    round_and_round["me"] = round_and_round

    async def strange() -> Outcome:
        evidence = {
            "t": NAN,
            "list": [INF, {-1: -INF}],
            "text": "half \udc80",
            "bytes": b"\xff",
            "again": round_and_round,
        }
        return Outcome("done", Interval.exactly(10.0), evidence, "said \udcff")

    world.failures[1] = strange
    done = play(f"steps:\n - {DOSE}")
    assert done.state.outcome == "done"
    ended(done)
    evidence = done.of("settled")[0].body.evidence
    assert (evidence["t"], evidence["list"], evidence["text"]) == ("nan", ["inf", {"-1": "-inf"}], "half ?")


def test_words_of_a_driver_that_are_no_unicode_do_not_break_the_journal(
    play: Play, world: Any, ended: Any
) -> None:
    async def refuse() -> Outcome:
        raise DeviceError("said \udc80", remedy="try \udc81", outcome=Outcome("not_started"))

    world.failures[1] = refuse
    done = play(f"steps:\n - {DOSE}")
    assert "said ?" in ended(done).error


def test_a_cut_that_raises_leaves_the_end_unknown_and_the_stop_goes_on(
    play: Play, escape: BaseException, ended: Any, later: Any
) -> None:
    def dispense(self: Any, **how: Any) -> Act:
        return Act(("DOSE",), anyio.sleep_forever, 50.0, later(escape))  # type: ignore[arg-type]

    async def during(run: Any) -> None:
        await anyio.sleep(5)
        await run.control.ask("stop", "me")

    text = f"steps:\n - stir: {{vessel: vial, speed: 300 rpm}}\n - {DOSE}\nfinally:\n - note: clean"
    done = play(text, during=during, driver={"dispense": dispense})
    ended(done)
    assert done.state.outcome == "stopped"
    assert done.state.outputs == {}
    assert "unknown" in [event.body.status for event in done.of("settled")]
    assert len(done.of("noted")) == 1
