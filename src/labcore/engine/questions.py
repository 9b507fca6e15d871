"""Questions to people: question, answer and withdrawal are events; a limit and a safe default are kept."""

from __future__ import annotations

from dataclasses import replace

import anyio

from labcore.engine.setting import Setting
from labcore.errors import DeviceTimeout
from labcore.model.event import Answered, Asked, Source, Withdrawn
from labcore.ports import Answer
from labcore.state.run_state import RunState

DEFAULT = "default"  # who "answers" a question that nobody answered in time

NOBODY = "nobody answered within"  # how the withdrawal of a question begins whose time is over


class Questions:
    """Put questions on record and to people.

    Lifetime: one run. Concurrency: several questions may be open at once; each has its own id.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._count = setting.writer.state.asked

    async def ask(
        self, question: Asked, *, step: str | None, device: str | None = None, source: Source | None = None
    ) -> Answer:
        """Ask and return the answer; after `limit` s (at once if 0) the default counts, DeviceTimeout if there is none.

        Unless `source` says otherwise, who answers is as real as the run.
        """
        writer, prompts = self._setting.writer, self._setting.prompts
        source = source or ("simulated" if self._setting.simulated else "real")
        self._count += 1
        holds = question.holds or meanwhile(writer.state)
        question = replace(question, question=f"q{self._count}", holds=holds)
        await writer.write(question, step=step, device=device)
        if question.limit == 0:  # nobody is there to be asked
            return await self._nobody(question, step, device)
        try:
            with anyio.fail_after(question.limit):
                answer = await prompts.ask(question)
        except TimeoutError:
            answer = await self._nobody(question, step, device)
        except BaseException:  # whatever ends the wait, a cancel too: the question does not stay open
            await self._withdraw(question, "no longer needed", step, device)
            raise
        else:
            blob = self._setting.blobs.put(answer.file) if answer.file else None
            answered = Answered(question.question, answer.value, answer.by, blob)
            await writer.write(answered, step=step, device=device, source=source)
        return answer

    async def _nobody(self, question: Asked, step: str | None, device: str | None) -> Answer:
        why = f"{NOBODY} {question.limit:g} s"
        if question.default is None:
            await self._withdraw(question, why, step, device)
            raise DeviceTimeout(f"{why}: {question.text}", device=device or "")
        self._setting.prompts.withdraw(question.question, f"{why}; {question.default} counts")
        answered = Answered(question.question, question.default, DEFAULT)
        await self._setting.writer.write(answered, step=step, device=device)
        return Answer(question.default, DEFAULT)

    async def _withdraw(self, question: Asked, why: str, step: str | None, device: str | None) -> None:
        self._setting.prompts.withdraw(question.question, why)
        await self._setting.writer.write(Withdrawn(question.question, why), step=step, device=device)


def meanwhile(state: RunState) -> str:
    """Say what goes on while a question is open: what waits for it, and what stays on."""
    on = [
        f"{device} {output} {one.value:g} {one.unit}".rstrip()
        for (device, output), one in state.outputs.items()
    ]
    return "Meanwhile this step waits; " + (f"on: {', '.join(on)}" if on else "nothing is on")
