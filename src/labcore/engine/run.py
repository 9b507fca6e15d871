"""The engine loop: decide, carry out, write, again. Everything it does follows from the plan and the journal."""

from __future__ import annotations

import anyio
from anyio.abc import TaskGroup

from labcore.engine.arguments import label_now
from labcore.engine.bookkeeper import Bookkeeper
from labcore.engine.halt import halt
from labcore.engine.past import Past
from labcore.engine.perform import perform, started
from labcore.engine.questions import Questions
from labcore.engine.readers import read_all
from labcore.engine.release import release
from labcore.engine.restore import restore
from labcore.engine.setting import Setting
from labcore.errors import InternalError
from labcore.model import event as ev
from labcore.model.answer import CHOICE
from labcore.model.plan import Parallel, Repeat, Sequence, Step
from labcore.state import decision as do
from labcore.state.decide import decide
from labcore.state.run_state import NOBODY, RunState

READERS_LIMIT = 120.0  # s after the end of a run for observers to finish what they are at
CLEAN_UP_LIMIT = 300.0  # s for `finally` after a stop
SPIN_LIMIT = 100_000  # decisions at one instant: a loop that moves no time is a bug of labcore
BLOCKS = {Sequence: "sequence", Parallel: "parallel", Repeat: "repeat"}


class Engine:
    """Run one plan.

    Lifetime: one `execute`. Concurrency: one task group owns every step, every release and every reader.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._writer = setting.writer
        self._questions = Questions(setting)
        self._scopes: dict[str, anyio.CancelScope] = {}
        self._cut: set[str] = set()
        self._releasing: set[tuple[str, str]] = set()
        self._halting: set[str] = set()
        self._asking: dict[str, anyio.CancelScope] = {}
        self._restoring = False

    @property
    def questions(self) -> Questions:
        """Where drivers of devices that are people put their questions."""
        return self._questions

    async def execute(self) -> RunState:
        """Run to the end and return the last state. The run must have been started (RunStarted written)."""
        async with anyio.create_task_group() as readers, anyio.create_task_group() as tasks:
            readers.start_soon(read_all, self._setting)
            readers.start_soon(Bookkeeper(self._setting, self._questions).follow)
            await self._loop(tasks)
            readers.cancel_scope.deadline = anyio.current_time() + READERS_LIMIT
        return self._writer.state

    async def _loop(self, tasks: TaskGroup) -> None:
        spins = 0
        while self._writer.state.status != "ended":
            changed, before = self._writer.changed, self._writer.now()
            wake = await self._once(tasks)
            if wake is None:
                spins += 1
                if spins > SPIN_LIMIT and self._writer.now() == before:
                    raise InternalError("the engine decides without getting anywhere")
                continue
            spins = 0
            if wake == float("inf"):
                await changed.wait()
                continue
            with anyio.move_on_at(wake + self._writer.began):
                await changed.wait()

    async def _once(self, tasks: TaskGroup) -> float | None:
        """Carry out the first decision that changes something; else return when to look again."""
        state, wake = self._writer.state, float("inf")
        for decision in decide(self._setting.plan, state, self._writer.now()):
            if isinstance(decision, do.WakeAt):
                wake = min(wake, decision.at)
            elif await self._carry_out(decision, tasks):
                return None
        if state.status == "stopping":
            wake = min(wake, await self._bound_clean_up(state))
        return wake

    async def _bound_clean_up(self, state: RunState) -> float:
        limit = state.stopped_at + CLEAN_UP_LIMIT
        if self._writer.now() >= limit:
            why = f"clean-up took longer than {CLEAN_UP_LIMIT:g} s"
            await self._writer.write(ev.ControlAsked("abort", "labcore", why))
        return limit

    async def _carry_out(self, decision: do.Decision, tasks: TaskGroup) -> bool:
        """Do it; False if it is under way already."""
        write = self._writer.write
        match decision:
            case do.Begin():
                await self._begin(decision, tasks)
            case do.Resume(key, step):
                live = self._writer.state.live[key]
                past = Past.of(self._setting.record, live, harmless=step.repeat_allowed)
                await write(ev.StepResumed(len(past)), step=key)
                self._start(key, step, tasks, past)
            case do.Restore(outputs):
                return self._restore(outputs, tasks)
            case do.PassOver(key, node, reason):
                await write(ev.StepStarted(getattr(node, "verb", "step"), node.label), step=key)
                await write(ev.StepEnded("skipped", error=reason), step=key)
            case do.Round() | do.Missed() if self._writer.stall is not None:
                return False  # how late it is will be known when the journal takes events again
            case do.Round(key, number, due, late):
                await write(ev.RoundStarted(number, round(due, 6), round(late, 6)), step=key)
            case do.Missed(key, count, first_due):
                await write(ev.RoundsMissed(count, round(first_due, 6)), step=key)
            case do.Test(key, text, use, verdict):
                tested = ev.ConditionTested(
                    text, verdict.holds, use, verdict.values, verdict.evidence, verdict.reason
                )
                await write(tested, step=key)
            case do.Finish(key, outcome, error, code):
                await write(ev.StepEnded(outcome, error=error, code=code), step=key)
            case do.Handle():
                return await self._handle(decision, tasks)
            case do.Cut(key, step):
                return self._cut_step(key, step)
            case do.Release(key, outputs):
                return self._release(key, outputs, tasks)
            case do.Halt(devices):
                return self._halt(devices, tasks)
            case do.PauseNow():
                await write(ev.Paused(self._writer.state.reason))
                await self._nobody_resumes()
            case do.End() if self._releasing or self._halting or self._asking:
                return False  # what is being made safe has still to be settled, a question to be taken back
            case do.End(outcome, reason):
                await write(ev.RunEnded(outcome, reason))
            case do.WakeAt():
                return False
        return True

    async def _begin(self, decision: do.Begin, tasks: TaskGroup) -> None:
        key, node = decision.key, decision.node
        if not isinstance(node, Step):
            verb = BLOCKS.get(type(node), "choice")
            begun = ev.StepStarted(verb, node.label, {}, node.modifiers.background, decision.attempt)
            await self._writer.write(begun, step=key)
            return
        verb_object = self._setting.verbs[node.verb]
        label = label_now(node, verb_object, self._writer.state, key, self._writer.now())
        await self._writer.write(started(node, label, decision.attempt), step=key)
        self._start(key, node, tasks)

    def _start(self, key: str, node: Step, tasks: TaskGroup, past: Past | None = None) -> None:
        scope = self._scopes[key] = anyio.CancelScope()
        tasks.start_soon(self._perform, key, node, scope, past)

    def _restore(self, outputs: tuple[tuple[str, str], ...], tasks: TaskGroup) -> bool:
        if self._restoring:
            return False
        self._restoring = True
        tasks.start_soon(self._switch_on_again, outputs)
        return True

    async def _switch_on_again(self, outputs: tuple[tuple[str, str], ...]) -> None:
        try:
            await restore(self._setting, outputs)
        finally:
            self._restoring = False

    async def _perform(self, key: str, node: Step, scope: anyio.CancelScope, past: Past | None) -> None:
        try:
            await perform(self._setting, self._questions, key, node, scope, past)
        finally:
            self._scopes.pop(key, None)
            self._cut.discard(key)

    def _cut_step(self, key: str, step: Step) -> bool:
        if key in self._cut or key not in self._scopes:
            return False
        if self._setting.verbs[step.verb].cut == "never" and self._writer.state.status != "aborting":
            return False  # it runs to its end; an abort waits for no step, only for what a device cannot break off
        self._cut.add(key)
        self._scopes[key].cancel()
        return True

    def _release(self, key: str, outputs: tuple[tuple[str, str], ...], tasks: TaskGroup) -> bool:
        new = tuple(output for output in outputs if output not in self._releasing)
        if not new:
            return False
        self._releasing |= set(new)
        tasks.start_soon(self._make_safe, key, new)
        return True

    async def _make_safe(self, key: str, outputs: tuple[tuple[str, str], ...]) -> None:
        try:
            await release(self._setting, key, outputs)
        finally:
            self._releasing -= set(outputs)
            self._writer.wake()  # an end may wait for it

    def _halt(self, devices: tuple[str, ...], tasks: TaskGroup) -> bool:
        under_way = self._halting | {
            device for device, _ in self._releasing
        }  # its output is off, its stop not on record
        new = [device for device in devices if device not in under_way]
        self._halting |= set(new)
        for device in new:
            tasks.start_soon(self._settle_stop, device)
        return bool(new)

    async def _settle_stop(self, device: str) -> None:
        try:
            await halt(self._setting, device)
        finally:
            self._halting.discard(device)
            self._writer.wake()

    # ------------------------------------------------------------------------------------- failures
    async def _handle(self, decision: do.Handle, tasks: TaskGroup) -> bool:
        if decision.policy != "ask":
            if decision.key in self._asking:
                self._asking[decision.key].cancel()
            await self._handled(decision, decision.policy)
            return True
        if decision.key in self._asking:
            return False
        self._asking[decision.key] = anyio.CancelScope()
        await self._handled(decision, "ask", decision.by)
        tasks.start_soon(self._ask_what_to_do, decision)
        return True

    async def _handled(self, decision: do.Handle, policy: str, by: str = "protocol") -> None:
        handled = ev.ErrorHandled(policy, decision.reason, by, decision.failure, decision.instead)  # type: ignore[arg-type]
        await self._writer.write(handled, step=decision.key)

    async def _ask_what_to_do(self, decision: do.Handle) -> None:
        """Put a failure to a person and record the decision with its author."""
        text = f"{decision.reason.rstrip(' .')}. What shall be done?"
        limit, default = decision.limit, decision.default if decision.limit is not None else None
        question = ev.Asked("", text, "decide", decision.options, CHOICE, limit=limit, default=default)
        with self._asking[decision.key] as scope:
            answer = await self._questions.ask(question, step=decision.key)
        del self._asking[decision.key]
        if not scope.cancelled_caught:
            policy = str(answer.value) if answer.value in decision.options else "stop"
            await self._handled(decision, policy, answer.by)

    async def _nobody_resumes(self) -> None:
        """End a paused run that nobody can resume, and say so."""
        if self._setting.unattended:
            why = f"paused with nobody to resume it: {self._writer.state.reason or 'as asked'}"
            await self._writer.write(ev.ControlAsked("stop", NOBODY, why))
