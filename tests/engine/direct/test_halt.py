"""One device's stop, settled: the one event that says how it stands and how anybody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.capabilities import Outcome
from labcore.engine.guard_post import STOPPING
from labcore.engine.halt import LIMIT, halt
from labcore.engine.session import Ended
from labcore.errors import DeviceRefused, LinkLost
from labcore.model.event import StopSettled
from labcore.plugin.driver import SafeAct

OnBench = Callable[..., Any]
OUTPUTS = ("temperature", "speed")
WORD = "its own word (temperature, speed)"
FRAMES = ("OFF_1", "OFF_4\\r\\nSTATUS")


class Asked:
    """What the device says when it is asked whether it is safe, one answer after another."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.stopping: list[bool] = []

    async def __call__(self) -> bool:
        self.stopping.append(STOPPING.get())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    def parts(self) -> tuple[SafeAct, ...]:
        return (
            SafeAct("speed", (b"OFF_4\r\nSTATUS\r\n",), "after_line", self),
            SafeAct("temperature", (b"OFF_1\r\n",), "after_line", self),
        )


class Post:
    """Where the safe frames go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sent: list[str] = []

    def send_safe(self, acts: Any) -> None:
        if self.error is not None:
            raise self.error
        self.sent += [act.output for act in acts]


def halted(on_bench: OnBench, asked: Any, post: Any = None, *, ended: Any = None, busy: bool = False) -> Any:
    async def job(bench: Any) -> Any:
        bench.device.parts = asked.parts if isinstance(asked, Asked) else asked
        bench.session.post, bench.session.ended = post, ended
        bench.session.busy_until = anyio.current_time() + 5.0 if busy else None
        await halt(bench.setting, "plate")
        (event,) = bench.events()
        assert (event.step, event.device, event.source) == (None, "plate", "real")
        return event.body

    return on_bench(job)


def test_who_says_that_it_stands_still_is_believed_and_sent_nothing(on_bench: OnBench) -> None:
    asked, post = Asked(True, True), Post()
    assert halted(on_bench, asked, post) == StopSettled("halted", OUTPUTS, WORD)
    assert post.sent == []
    assert asked.stopping == [True, True], "asking is allowed while the lab is latched"


def test_who_is_cancelled_meanwhile_settles_the_stop_first(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        async def slow() -> bool:
            await anyio.sleep(5.0)
            return True

        bench.device.parts = (SafeAct("speed", (b"OFF\r\n",), "after_line", slow),)
        with anyio.move_on_after(1.0):
            await halt(bench.setting, "plate")
        assert bench.written() == [StopSettled("halted", ("speed",), "its own word (speed)")]

    on_bench(job)


def test_who_says_no_is_sent_its_safe_frames_heat_first_and_asked_again(on_bench: OnBench) -> None:
    post = Post()
    settled = halted(on_bench, Asked(False, True, True), post)
    assert settled == StopSettled("halted", OUTPUTS, WORD, "", FRAMES)
    assert post.sent == list(OUTPUTS)


@pytest.mark.parametrize(
    ("answers", "post", "message"),
    [
        ((True, False, True, False), Post(), "it says that speed goes on"),
        ((False, False), Post(), "it says that temperature goes on"),
        ((DeviceRefused("error 9"), ZeroDivisionError("a bug")), Post(), "ZeroDivisionError('a bug')"),
        ((False, DeviceRefused("error 9", remedy="Wait.")), Post(), "error 9"),
        ((False,), None, "its safe state could not be sent: plate is on no line"),
        ((False,), Post(LinkLost("no cable")), "its safe state could not be sent: no cable"),
        ((False,), Post(OSError("broken pipe")), "its safe state could not be sent: broken pipe"),
    ],
)
def test_what_does_not_say_yes_is_unconfirmed_and_says_why(
    on_bench: OnBench, answers: Any, post: Any, message: str
) -> None:
    settled = halted(on_bench, Asked(*answers), post)
    assert settled == StopSettled("unconfirmed", OUTPUTS, "", message, FRAMES)


def test_a_driver_that_cannot_tell_its_safe_state_leaves_it_open(on_bench: OnBench) -> None:
    def broken() -> Any:
        raise KeyError("state")

    why = "its driver cannot tell its safe state: KeyError('state')"
    assert halted(on_bench, broken) == StopSettled("unconfirmed", message=why)


# ------------------------------------------------------------------------------------------ an act was under way
def ended(status: Any, message: str = "", *, cut: bool = False) -> Ended:
    return Ended("home", ("$H",), Outcome(status, message=message), cut)


@pytest.mark.parametrize(
    ("act", "busy", "frames", "status", "said"),
    [
        (ended("done", "there"), True, False, "ran_to_completion", "home: there"),
        (ended("done"), True, False, "ran_to_completion", ""),
        (ended("done", "there"), True, True, "halted", "home: there"),
        (ended("done", "there"), False, False, "halted", ""),
        (ended("done", "there", cut=True), True, False, "halted", "home: there"),
        (ended("partly", "half"), True, False, "halted", "home: half"),
    ],
)
def test_what_was_under_way_and_ended_is_told_with_it(
    on_bench: OnBench, act: Ended, busy: bool, frames: bool, status: Any, said: str
) -> None:
    answers = (False, True, True) if frames else (True, True)
    settled = halted(on_bench, Asked(*answers), Post(), ended=act, busy=busy)
    assert settled == StopSettled(status, OUTPUTS, WORD, said, FRAMES if frames else ())


@pytest.mark.parametrize(
    ("act", "busy", "settled"),
    [
        (
            None,
            True,
            StopSettled(
                "acknowledged", message="nothing was under way, and nothing reads back whether it moves"
            ),
        ),
        (
            ended("done"),
            False,
            StopSettled(
                "acknowledged", message="nothing was under way, and nothing reads back whether it moves"
            ),
        ),
        (
            ended("unknown", "no answer"),
            True,
            StopSettled("unconfirmed", message="home: no answer", frames=("$H",)),
        ),
        (
            ended("unknown", cut=True),
            True,
            StopSettled("unconfirmed", message="home: unknown", frames=("$H",)),
        ),
        (
            ended("partly", "half", cut=True),
            True,
            StopSettled("halted", confirmed_by="the end of home: half", frames=("$H",)),
        ),
        (
            ended("done"),
            True,
            StopSettled("ran_to_completion", confirmed_by="the end of home: done", frames=("$H",)),
        ),
    ],
)
def test_without_a_safe_state_the_last_act_tells(
    on_bench: OnBench, act: Any, busy: bool, settled: Any
) -> None:
    assert halted(on_bench, (), ended=act, busy=busy) == settled


@pytest.mark.parametrize(("left", "seconds"), [(None, LIMIT), (25.0, LIMIT + 25.0), (-5.0, LIMIT)])
def test_a_device_that_is_never_free_is_waited_for_this_long(
    on_bench: OnBench, left: float | None, seconds: float
) -> None:
    async def job(bench: Any) -> None:
        now = anyio.current_time()
        bench.session.busy_until = None if left is None else now + left
        async with anyio.create_task_group() as group:

            async def hold(*, task_status: Any) -> None:
                async with bench.session.lock:
                    task_status.started()
                    await anyio.sleep_forever()

            await group.start(hold)
            await halt(bench.setting, "plate")
            group.cancel_scope.cancel()
        assert anyio.current_time() - now == pytest.approx(seconds)
        why = f"it could not be asked within {seconds:.0f} s"
        assert bench.written() == [StopSettled("unconfirmed", message=why)]

    on_bench(job)
    assert LIMIT == 60.0
