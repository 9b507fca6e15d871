"""The person: human timing, error, absence and mistakes; acts happen when they are completed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labcore_simulators.instruments import Person

LAB = {
    "devices": {"operator": {"source": "sim://person"}},
    "positions": {"hotplate": {"station": "operator"}},
}


def person(books: Any, seed: int = 0, **options: Any) -> Person:
    return Person(books, device="operator", options={"absence": 0.0, **options}, lab=LAB, seed=seed)


def act(method: str, **arguments: Any) -> dict[str, Any]:
    return {"question": "q1", "ask": "act", "text": "please", "act": {"method": method, **arguments}}


def do(somebody: Person, question: dict[str, Any]) -> Any:
    pending = somebody.ask(question, somebody.world.clock)
    return pending.complete(pending.at)


DOSE = act("dispense", source={"vessel": "bottle/1", "place": "bottle/1"}, target="reactor", volume="20 mL")


def test_nothing_happens_before_the_answer(books: Any) -> None:
    pending = person(books).ask(DOSE, 100.0)
    assert 110.0 < pending.at < 300.0
    assert books.did == []
    with pytest.raises(ValueError, match="not before"):
        pending.complete(pending.at - 1)
    assert books.did == []
    reply = pending.complete(pending.at)
    assert (reply.value, reply.by, reply.at) == ("done", "operator", pending.at)
    assert [a[0] for a in books.did] == ["draw", "pour"]
    assert {a[1] for a in books.did} == {pending.at}
    assert pending.complete(pending.at + 5) is reply
    assert len(books.did) == 2


def test_one_thing_after_the_other(books: Any) -> None:
    somebody = person(books)
    first, second = somebody.ask(DOSE, 0.0), somebody.ask(DOSE, 0.0)
    assert second.at > first.at + 5


def test_hand_dosing_has_an_error_of_about_a_percent(books: Any) -> None:
    doses = []
    for seed in range(40):
        books.volumes.update({"bottle/1": 250.0, "reactor": 0.0})
        do(person(books, seed), DOSE)
        doses.append(books.volumes["reactor"] / 20 - 1)
    spread = (sum(d * d for d in doses) / len(doses)) ** 0.5
    assert 0.004 < spread < 0.012
    assert max(map(abs, doses)) <= 0.0181


@pytest.mark.parametrize(
    "given",
    [
        {"method": "place", "vessel": "reactor", "target": "stirrer"},
        {"place": {"vessel": "reactor", "origin": "rack/A1", "target": "stirrer"}},
        {"name": "place", "arguments": {"vessel": "reactor", "target": "stirrer"}},
    ],
)
def test_placing(books: Any, given: dict[str, Any]) -> None:
    reply = do(person(books), {"id": "q", "kind": "act", "text": "", "act": given})
    assert reply.value == "done"
    assert books.place_of("reactor") == "stirrer"
    assert [a[2] for a in books.did] == ["person", "person"]


def test_a_taken_place_is_said_and_nothing_moves(books: Any) -> None:
    books.places["other"] = "stirrer"
    question = act("place", vessel="reactor", target="stirrer")
    assert do(person(books), question).value == "not done: stirrer is taken by other"
    assert do(person(books), {**question, "options": ["Done", "Problem"]}).value == "Problem"
    assert books.did == []


def test_stirring_and_heating_use_the_station(books: Any) -> None:
    somebody = person(books)
    do(somebody, act("stir", speed="300 rpm"))
    do(somebody, act("heat", temperature={"value": 60, "unit": "°C"}, place="plate"))
    assert (books.stirring, books.heating) == ({"hotplate": 300.0}, {"plate": 60.0})
    do(somebody, act("stop", place="plate"))
    assert books.heating == {"plate": None}


def test_readings(books: Any) -> None:
    books.volumes["reactor"] = 10.0
    reply = do(person(books), act("weigh", spot={"vessel": "reactor", "place": "balance"}))
    assert reply.value == pytest.approx(47.9, abs=0.03)
    shown = do(person(books), act("temperature", device="operator", place="plate"))
    assert shown.value == pytest.approx(22.0, abs=0.8)
    warm = do(person(books), act("measure", what="temperature", vessel="reactor"))
    assert warm.value == pytest.approx(22.0, abs=0.8)
    unknown = do(person(books), act("measure", what="smell", vessel="reactor"))
    assert unknown.value == "not done: I cannot measure smell"


def test_unknown_acts_and_missing_arguments_are_answered(books: Any) -> None:
    assert do(person(books), act("juggle")).value == "not done: I do not know how to juggle"
    assert do(person(books), act("stir")).value == "not done: I was not told the speed"
    assert do(person(books), act("dispense", volume="1 mL")).value == "not done: I was not told which source"


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ({"ask": "choose", "options": ["a", "b"]}, "a"),
        ({"ask": "choose", "options": ["a", "b"], "default": "b"}, "b"),
        ({"ask": "confirm"}, "yes"),
        ({"ask": "ask", "text": "What is the pH now?", "unit": "1"}, 7.2),
        ({"ask": "ask", "question": "q9"}, "blue"),
        ({"ask": "ask", "unit": "mL"}, "not done: no number was scripted for this question"),
        ({"kind": "ask", "text": "Cap the vial"}, "ok"),
    ],
)
def test_questions(books: Any, question: dict[str, Any], value: Any) -> None:
    assert do(person(books, answers={"pH": 7.2, "q9": "blue"}), question).value == value


def test_absence_delays_by_minutes(books: Any) -> None:
    pending = person(books, absence=1.0).ask({"ask": "confirm"}, 0.0)
    assert pending.absent
    assert 120.0 < pending.at < 700.0
    assert pending.complete(pending.at).absent


def test_mistakes_happen_unnoticed(books: Any) -> None:
    reply = do(person(books, mistake=1.0), DOSE)
    assert reply.value == "done"
    assert round(books.volumes["reactor"] / 20, 1) in (0.5, 1.5)
    assert do(person(books, mistake=1.0), act("place", vessel="reactor", target="stirrer")).value == "done"
    assert books.place_of("reactor") == "rack/A1"


def test_faster_people_answer_sooner(books: Any) -> None:
    slow, fast = (person(books, speed=speed).ask(DOSE, 0.0).at for speed in (1.0, 4.0))
    assert slow == pytest.approx(4 * fast)


def test_same_seed_same_person(books: Any) -> None:
    one, two = person(books, 7), person(books, 7)
    state = json.loads(json.dumps(one.snapshot()))
    assert one.ask(DOSE, 0.0).at == two.ask(DOSE, 0.0).at
    two.restore(state)
    assert two.ask(DOSE, 0.0).at == one.busy_until


@pytest.mark.parametrize(
    "question", [{}, {"act": {"x": 3}}, {"act": {"dispense": 5}}, {"act": {"method": "weigh"}}]
)
def test_odd_questions_do_not_raise(books: Any, question: dict[str, Any]) -> None:
    assert do(person(books), question).by == "operator"
