"""Runs of the fake bench that die at a chosen event, in one process: the runtime is dropped, the world stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.journal_around import JournalAround
from labcore.adapters.loop import run_virtual
from labcore.app.interrupted import Interrupted, read_interrupted
from labcore.app.recovering import Takeover, recover
from labcore.app.running import Options
from labcore.model.event import Event, Settled
from labcore.ports import Answer, Journal, Link
from labcore.state.reduce import fold
from labcore.state.run_state import RunState

When = Callable[[Event], bool]


class Died(BaseException):
    """The process is gone: nothing catches this."""


@dataclass
class Knife:
    """`Faults`: the journal dies before, or `after`, it has an event for which `when` says so; from then on it takes nothing."""

    when: When
    after: bool = True
    dead: bool = False
    world: Any = None
    _left: tuple[list[Any], list[Any]] = ([], [])

    def die(self) -> None:
        """Remember the world as it is now: what a dropped runtime still does to it, a killed one would not."""
        if not self.dead and self.world is not None:
            self._left = (list(self.world.doses), list(self.world.sent))
        self.dead = True
        raise Died

    def bury(self) -> None:
        """Put the world back to how it was at the time of death."""
        if self.world is not None:
            self.world.doses[:], self.world.sent[:] = self._left

    def journal(self, journal: Journal) -> Journal:
        return _Journal(journal, self)

    def link(self, device: str, link: Link) -> Link:
        return link


class _Journal(JournalAround):
    def __init__(self, journal: Journal, knife: Knife) -> None:
        super().__init__(journal)
        self._knife = knife

    def append(self, events: Sequence[Event]) -> None:
        knife = self._knife
        here = any(knife.when(event) for event in events)
        if knife.dead or (here and not knife.after):
            knife.die()
        super().append(events)
        if here:
            knife.die()


@dataclass
class Crashed:
    """A run that died, to be taken over."""

    folder: Path
    catalog: Any
    data: Path
    world: Any
    prompts: Any = None

    @property
    def interrupted(self) -> Interrupted:
        return read_interrupted(self.folder)

    @property
    def open_acts(self) -> list[str]:
        return list(self.interrupted.state.intents)

    def recover(
        self, decision: Any = "resume", *, said: Mapping[str, str] | None = None, away: float = 0.0, ask: bool = False,
        dies: When | None = None, after: bool = True, during: Any = None, prompts: Any = None,
    ) -> Recovered:  # fmt: skip
        """Take it over; with `dies` this attempt dies, too."""
        how = Takeover(dict(said or {}), decision, ask, "because", away)
        faults = Knife(dies, after, world=self.world) if dies is not None else None
        people = prompts or self.prompts or _prompts({"what shall be done": "stop"})
        options = Options(
            self.data, True, True, 7, by="tester", prompts=people, faults=faults, watch=during
        )  # fmt: skip
        try:
            state = run_virtual(partial(recover, self.interrupted, self.catalog, options, how))
        except BaseException as error:
            if faults is None or not has_died(error):
                raise
            faults.bury()
            return Recovered(events_of(self.folder), self.interrupted.state)
        events = events_of(self.folder)
        assert fold(events) == state, "the journal and the live state differ"
        return Recovered(events, state)


@dataclass
class Recovered:
    """What is on record after a recovery."""

    events: Sequence[Event]
    state: RunState

    def kinds(self, step: str | None = None) -> list[str]:
        return [event.kind for event in self.events if step is None or event.step == step]

    def of(self, kind: str) -> list[Any]:
        return [event.body for event in self.events if event.kind == kind]

    def ends(self, kind: str = "step_ended") -> dict[str | None, Any]:
        return {event.step: event.body for event in self.events if event.kind == kind}

    def settled(self, by: str) -> list[Settled]:
        return [one for one in self.of("settled") if one.by == by]


def has_died(error: BaseException) -> bool:
    """Say whether nothing but `Died` came out of a run."""
    if isinstance(error, BaseExceptionGroup):
        return all(has_died(one) for one in error.exceptions)
    return isinstance(error, Died)


def events_of(folder: Path) -> Sequence[Event]:
    from labcore.app import open_run

    run = open_run(str(folder))
    events = run.events()
    run.record.close()
    assert [event.position for event in events] == list(range(len(events)))
    return events


@pytest.fixture
def crash(play: Any, catalog_of: Any, world: Any, tmp_path: Path) -> Callable[..., Crashed]:
    """Run steps until the journal dies at an event."""

    def run(
        steps: str, when: When, *, after: bool = True, driver: Mapping[str, Any] | None = None, **how: Any
    ) -> Crashed:
        knife = Knife(when, after, world=world)
        with pytest.raises(BaseException) as caught:
            play(steps, faults=knife, driver=driver, **how)
        assert has_died(caught.value), caught.value
        knife.bury()
        (folder,) = (tmp_path / "runs").iterdir()
        return Crashed(folder, catalog_of(driver or {}), tmp_path, world, how.get("prompts"))

    return run


def at(kind: str, step: str | None = None, nth: int = 1, **body: Any) -> When:
    """Return what recognises the `nth` event of a kind (and step, and fields of its body)."""
    seen: list[int] = []

    def when(event: Event) -> bool:
        fits = event.kind == kind and (step is None or event.step == step)
        if not fits or any(getattr(event.body, name) != value for name, value in body.items()):
            return False
        seen.append(event.position)
        return len(seen) == nth

    return when


@pytest.fixture
def event_at() -> Callable[..., When]:
    return at


@dataclass
class Person:
    """Prompts that answer by a part of the question's text."""

    answers: Mapping[str, Any]
    asked: list[str] = field(default_factory=list)

    async def ask(self, question: Any) -> Answer:
        import anyio

        self.asked.append(question.text)
        await anyio.sleep(3.0)
        for part, answer in self.answers.items():
            if part in question.text.casefold():
                value = answer.pop(0) if isinstance(answer, list) else answer
                return Answer(value, "Ann")
        raise AssertionError(f"nobody knows what to say to: {question.text}")

    def withdraw(self, question: str, why: str) -> None:
        pass


@pytest.fixture
def person() -> Callable[..., Any]:
    """Return prompts (as `Options.prompts`) that answer; `.person` is who answers."""

    def make(**answers: Any) -> Any:
        return _prompts({name.replace("_", " "): value for name, value in answers.items()})

    return make


def _prompts(answers: Mapping[str, Any]) -> Any:
    one = Person(answers)

    def prompts(control: Any) -> Person:
        return one

    prompts.person = one  # type: ignore[attr-defined]
    return prompts


HEAD = """
vessels: {vial: {labware: vial-50ml}, other: {labware: vial-50ml}}
materials: {water: {}}
devices: {robot: [dosing, placing, stirring, imaging, measuring]}
"""


@pytest.fixture
def run(crash: Callable[..., Crashed]) -> Callable[..., Crashed]:
    """Run steps on the robot's bench until the journal dies at an event."""

    def go(steps: str, when: Any, **how: Any) -> Crashed:
        return crash(steps, when, head=HEAD, **how)

    return go


DOSE = """
steps:
  - dispense: {material: water, into: vial, volume: 10 mL}
  - note: after
"""


@pytest.fixture
def dose(run: Callable[..., Crashed], event_at: Callable[..., When]) -> Callable[..., Crashed]:
    """A run on the robot's bench that died at an event of its only dose, or of what `steps` have in its place."""

    def go(kind: str, *, steps: str = DOSE, after: bool = True, **how: Any) -> Crashed:
        return run(steps, event_at(kind, "1"), after=after, **how)

    return go
