"""Perform one step: what a verb sees while it runs, and the events around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from math import isfinite
from typing import Any, TypeVar, cast

import anyio

from labcore.capabilities.act import Spot
from labcore.engine.act import plain
from labcore.engine.arguments import resolve_arguments
from labcore.engine.bookkeeper import Bookkeeper
from labcore.engine.border import Escaped, clean, contained, shown
from labcore.engine.contradiction import without_doubt
from labcore.engine.later import Later
from labcore.engine.past import Past
from labcore.engine.proxy import Proxy
from labcore.engine.questions import Questions
from labcore.engine.release import switch_off
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.errors import (
    AuthorError,
    DeviceError,
    DeviceTimeout,
    LabcoreError,
    LimitError,
    LinkLost,
    PluginError,
)
from labcore.model.event import Asked, ImageTaken, Noted, Observed, Saved, StepEnded, StepStarted, Value
from labcore.model.observation import Picture, Quality
from labcore.model.plan import Deferred, Step
from labcore.model.quantity import Quantity
from labcore.plugin.bench import Bench, Need, StepProblem
from labcore.state.condition import as_event_value
from labcore.state.left_task import left_as_task

C = TypeVar("C")
T = TypeVar("T")


class Performance:
    """One running step (`labcore.plugin.step.StepContext`). `past` is what it did before an interruption."""

    def __init__(self, setting: Setting, questions: Questions, key: str, past: Past | None = None) -> None:
        self._setting = setting
        self._questions = questions
        self._past = past
        self.key = key

    @property
    def bench(self) -> Bench:
        """The bench as it is now; while the step is given back its past, as it was then."""
        return self._setting.bench(self._past.state() if self._past is not None else None)

    def device(self, capability: type[C], need: Need) -> C:
        """Return a proxy for the device that satisfies `need`."""
        session = self._session(self.bench.device(need))
        return cast(C, Proxy(self._setting.writer, session, capability, self.key, self._past))

    def when_it_begins(self, work: Callable[[], T], vessel: str) -> T:
        """Return a stand-in for a value that is worked out when its act begins."""
        return cast(T, Later(work, vessel))

    async def switch_off(self, device: str, output: str) -> None:
        """Switch an output off."""
        session = self._session(device)
        switch = session.switch(output)
        if self._past is None or switch is None or self._past.act(device, switch.method) is None:
            await switch_off(self._setting, session, output, step=self.key)

    def spot(self, vessel: str) -> Spot:
        """Return a vessel with the place where it stands."""
        bench = self.bench
        return Spot(bench.vessel(vessel), bench.place_of(vessel))

    async def sleep(self, seconds: float) -> None:
        """Wait on the run's clock; what an interrupted step has waited already counts."""
        waited = self._past.waited(self._setting.writer.now()) if self._past is not None else 0.0
        await anyio.sleep(0.0 if waited is None else max(0.0, seconds - waited))

    async def work(self, job: Callable[..., T], *args: Any) -> T:
        """Run a blocking function in a thread."""
        return await self._setting.workers.run(job, *args)

    async def keep_picture(self, vessel: str, picture: Picture, device: str) -> int:
        """Store a picture and record it."""
        blob = self._setting.blobs.put(picture.data)
        height, width = picture.shape
        place = self._setting.writer.state.ledger.vessel(vessel).place
        taken = ImageTaken(vessel, blob, picture.media_type, height, width, place, plain(picture.settings))
        return await self._write(taken, device)

    async def observe(
        self, observable: str, subject: str, value: Quantity, *, uncertainty: float, device: str,
        quality: Quality = "good", detail: Mapping[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """Record a measured value; the ledger follows what it says about a volume."""
        low, high = value.value - uncertainty, value.value + uncertainty
        if not isfinite(high - low):
            raise PluginError(f"{observable} = {value} ± {uncertainty:g} is no observation", plugin=self.key)
        seen = Observed(
            observable,
            subject,
            value.value,
            value.unit,
            low,
            high,
            quality,
            device,
            (),
            detail=plain(dict(detail or {})),
        )
        session = self._session(device)
        event = await self._setting.writer.write(seen, step=self.key, device=device, source=session.source)
        await Bookkeeper(self._setting, self._questions).take(event)
        return event.position

    async def note(self, text: str) -> None:
        """Put a remark on record."""
        noted = Noted(text, "protocol")
        if self._past is None or not self._past.said(noted):
            await self._setting.writer.write(noted, step=self.key)

    async def ask(
        self, text: str, *, options: tuple[str, ...] = (), expects: str = "", unit: str = "", limit: float | None = None,
        default: str | None = None,
    ) -> Value:  # fmt: skip
        """Ask a person and return the answer."""
        known = self._past.answer(text) if self._past is not None else None
        if known is not None:
            return known.value
        kind = "choose" if options else "ask" if expects else "confirm"
        question = Asked("", text, kind, options, expects, unit, limit=limit, default=default)  # type: ignore[arg-type]
        source = "simulated" if self._setting.simulated else "real"
        answer = await self._questions.ask(question, step=self.key, source=source)  # type: ignore[arg-type]
        return answer.value

    def _session(self, device: str) -> Session:
        session = self._setting.sessions.get(device)
        if session is None:
            remedy = "Name it under the protocol's `devices`."
            raise DeviceError(f"{device} was not connected for this run", device=device, remedy=remedy)
        return session

    async def _write(self, body: ImageTaken, device: str) -> int:
        session = self._setting.sessions[device]
        event = await self._setting.writer.write(body, step=self.key, device=device, source=session.source)
        return event.position


async def perform(
    setting: Setting, questions: Questions, key: str, step: Step, scope: anyio.CancelScope, past: Past | None = None
) -> None:  # fmt: skip
    """Run one step from its first event to its last. A cut step ends as `cut`, its acts settled.

    `past` is what an interrupted one did already.
    """
    writer = setting.writer
    ended = StepEnded("done")
    with scope:
        try:
            ended = await _run(setting, questions, key, step, past)
        except anyio.get_cancelled_exc_class():
            left = left_as_task(writer.state, key, step, writer.now())
            ended = StepEnded("skipped", error=left) if left else StepEnded("cut")
            raise
        except TimeoutError as error:
            ended = _late(step, error)
        except StepProblem as problem:
            message = clean(f"{step.label}: {problem.message}")
            ended = StepEnded("failed", error=message, code=problem.code, remedy=clean(problem.remedy))
        except LabcoreError as error:
            ended = _failed(step, error)
        except Exception as error:  # a verb is a plugin: its bugs end its step, not the run
            ended = _broken(step, error)
        finally:
            await writer.write(ended, step=key)


async def _run(setting: Setting, questions: Questions, key: str, step: Step, past: Past | None) -> StepEnded:
    verb, now = setting.verbs[step.verb], setting.writer.now()
    then, at = (setting.writer.state, now) if past is None else (past.start(), past.live.at)
    args = resolve_arguments(step, verb, then, key, at)
    await without_doubt(setting, verb, args)
    performance = Performance(setting, questions, key, past)
    limit = _limit(step)
    with nullcontext() if limit is None else anyio.fail_after(limit):
        result = await contained(lambda: verb.run(performance, args))
    value = as_event_value(result)
    if isinstance(value, float) and not isfinite(value):
        raise PluginError(f"verb {step.verb} returned {value}", plugin=step.verb)
    if step.modifiers.save is not None:
        saved = Saved(step.modifiers.save, value)
        if past is None or not past.said(saved):
            await setting.writer.write(saved, step=key)
    return StepEnded("done", value)


def _limit(step: Step) -> float | None:
    """Return how long the step may take, s: an output that waits for its value (`reach`) waits no longer than it is on."""
    limits = [limit for limit in (step.modifiers.timeout, step.modifiers.lasts) if limit is not None]
    return min(limits, default=None)


def _late(step: Step, error: TimeoutError) -> StepEnded:
    limit = _limit(step)
    if limit is None:  # the verb's own, which it should have dealt with
        return _broken(step, error)
    return StepEnded("failed", error=f"{step.label}: not finished within {limit:g} s", code="E808")


def _broken(step: Step, error: Exception) -> StepEnded:
    said = str(error) if isinstance(error, Escaped) else f"raised {shown(error)}"
    return StepEnded("failed", error=f"{step.label}: verb {step.verb} {said}", code="E911")


def _failed(step: Step, error: LabcoreError) -> StepEnded:
    message = clean(f"{step.label}: {error.message}")
    return StepEnded("failed", error=message, code=failure_code(error), remedy=clean(error.remedy))


def failure_code(error: LabcoreError) -> str:
    """Return the code of what really happened: first what became of the act, then whose fault it is."""
    outcome = getattr(error, "outcome", None)
    lost = isinstance(error, LinkLost)
    match getattr(outcome, "status", ""):
        case "unknown":
            return "E922" if lost else "E910"
        case "partly":
            return "E909"
    if lost:
        return "E921"
    return next((code for kind, code in CODES if isinstance(error, kind)), "E908")


CODES: tuple[tuple[type[LabcoreError], str], ...] = (
    (LimitError, "E923"), (DeviceTimeout, "E924"), (PluginError, "E925"), (AuthorError, "E926"),
)  # fmt: skip


def started(step: Step, label: str, attempt: int) -> StepStarted:
    """Return the first event of a step, with the arguments as planned."""
    args = {name: plain(_shown(value)) for name, value in step.args.items()}
    return StepStarted(step.verb, label, args, step.modifiers.background, attempt)


def _shown(value: Any) -> Any:
    return value.written if isinstance(value, Deferred) else value
