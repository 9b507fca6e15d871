"""An abort waits for nobody: not for a step, not for what a person was asked about a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio

from labcore.app.running import RunUnderWay

STEPS = """
    steps:
      - dispense: {material: water, into: vial, volume: 5 mL}
        on_error: ask
"""


class Nobody:
    """Somebody who never answers."""

    async def ask(self, question: Any) -> Any:
        await anyio.sleep_forever()

    def withdraw(self, question: str, why: str) -> None:
        pass


def test_a_question_about_a_failure_is_taken_back(
    play: Callable[..., Any], world: Any, refuses: Callable[..., Any]
) -> None:
    async def abort_when_asked(run: RunUnderWay) -> None:
        while not run.writer.state.questions:
            await run.writer.changed.wait()
        await anyio.sleep(30)
        await run.control.ask("abort", "somebody")

    world.failures[1] = refuses
    done = play(STEPS, during=abort_when_asked, prompts=lambda control: Nobody())
    assert (done.state.outcome, done.state.questions) == ("aborted", {})
    kinds = done.kinds()
    assert kinds.index("withdrawn") < kinds.index("run_ended")
    assert done.of("run_ended")[0].at - done.of("control_asked")[0].at < 1.0
