"""What the state remembers of an interruption, and what a step finds on record when it is taken up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from labcore.engine.past import Past
from labcore.model import event as ev
from labcore.model.effect import SetOutput
from labcore.model.event import Event
from labcore.state.reduce import fold

ON, OFF = SetOutput("plate", "speed", 300.0, "rpm"), SetOutput("plate", "speed", None, "rpm")


class Journal:
    """Writes events by hand."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._positions: Iterator[int] = count()
        started = ev.RunStarted("p", "d", "lab", True, 1, {})
        self.add(started)

    def add(self, body: ev.Body, step: str | None = None, device: str | None = None) -> None:
        position = next(self._positions)
        self.events.append(Event(position, float(position), "", "labcore", body, step, device))

    def act(self, name: str, method: str, effect: SetOutput, step: str) -> None:
        self.add(ev.Intended(name, method, {}, (), (effect,), 30.0), step, "plate")
        self.add(ev.Settled(name, "done", (effect,)), step, "plate")


def interrupted() -> Journal:
    """A step switched a stirrer on and went on; its process died and the stirrer was made safe."""
    journal = Journal()
    journal.add(ev.StepStarted("stir", "stir"), "1")
    journal.act("act-1", "stir", ON, "1")
    journal.add(ev.RecoveryBegun("ann", 1, 5.0, (), ("1",)))
    journal.act("act-2", "stop_stirring", OFF, "")
    journal.add(ev.StopSettled("halted", ("speed",)), "", "plate")
    return journal


def test_what_recovery_switched_off_can_be_switched_on_again() -> None:
    state = fold(interrupted().events)
    assert state.outputs == {}
    assert list(state.suspended) == [("plate", "speed")]
    assert state.suspended["plate", "speed"].step == "1"


def test_an_output_switched_on_again_is_no_act_of_the_step() -> None:
    """Were it one, a step that waits would believe that more is on record, and never wait again."""
    journal = interrupted()
    journal.add(ev.RecoveryDecided("resume", "ann", "", (("plate", "speed"),)))
    journal.act("act-3", "stir", ON, "1")
    journal.add(ev.StepResumed(1), "1")
    live = fold(journal.events).live["1"]
    assert len(Past(journal.events, live, harmless=True)) == 1


def test_a_question_of_recovery_is_no_question_of_the_step() -> None:
    journal = interrupted()
    journal.add(ev.Asked("q1", "what became of it?", "decide"), "1", "plate")
    journal.add(ev.Answered("q1", "done", "ann"), "1", "plate")
    journal.add(ev.RecoveryDecided("resume", "ann"))
    journal.add(ev.StepResumed(1), "1")
    live = fold(journal.events).live["1"]
    assert len(Past(journal.events, live, harmless=True)) == 1


def test_what_the_step_does_after_it_was_taken_up_is_on_record_the_next_time() -> None:
    journal = interrupted()
    journal.add(ev.RecoveryDecided("resume", "ann"))
    journal.add(ev.StepResumed(1), "1")
    journal.act("act-3", "stir", ON, "1")
    journal.add(ev.RecoveryBegun("ann", 2, 5.0, (), ("1",)))
    live = fold(journal.events).live["1"]
    assert len(Past(journal.events, live, harmless=True)) == 2


def test_a_condition_that_was_tried_again_costs_its_branch_no_attempt() -> None:
    journal = Journal()
    journal.add(ev.StepStarted("choice", "when"), "1")
    journal.add(ev.ConditionTested("x > 1", None, "when", reason="nothing seen"), "1")
    journal.add(ev.ErrorHandled("retry", "resumed"), "1")
    assert fold(journal.events).live["1"].attempts == 2
    journal.add(ev.ConditionTested("x > 1", True, "when"), "1")
    assert fold(journal.events).live["1"].attempts == 1
