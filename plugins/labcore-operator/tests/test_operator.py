"""The driver: one clear question an act, and outcomes that say what a person said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.capabilities.act import Act, Outcome, Spot
from labcore.errors import DeviceError, DeviceRefused, DeviceTimeout
from labcore.model.event import Value
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Site
from labcore_operator.catalogue import keys
from labcore_operator.driver import Operator
from labcore_operator.options import OperatorOptions

BOTTLE, REACTOR = Spot("bottle/1", "bottle/1"), Spot("reactor", "stirrer")
Hire = Callable[..., Any]
Hands = Callable[..., Operator]
Dispense = Callable[..., tuple[Outcome, Any]]


def carry_out(act: Act) -> Outcome:
    return run_virtual(act.send)


@pytest.fixture
def dispense(hire: Hire, operator: Hands) -> Dispense:
    """Ask for 20 mL; return what became of it and the person who answered."""

    def ask(*answers: Value, **options: Any) -> tuple[Outcome, Any]:
        person = hire(*answers)
        return carry_out(operator(person, **options).dispense(BOTTLE, REACTOR, Quantity(20, "mL"))), person

    return ask


def test_the_question_says_everything_and_is_the_frame(hire: Hire, operator: Hands) -> None:
    person = hire("done")
    act = operator(person, labels={"bottle/1": "diamine solution"}).dispense(
        BOTTLE, REACTOR, Quantity(20, "mL")
    )
    assert person.asked == []
    assert act.frames == (
        "ask: Dispense 20 mL of what is in bottle/1 (diamine solution) into reactor at stirrer. "
        "Type `done`, the volume you really dispensed (for example 19.5 mL), or `no` if you did not.",
    )
    carry_out(act)
    [asked] = person.asked
    assert asked.ask == "act"
    assert asked.act == {
        "method": "dispense", "source": "bottle/1", "source_place": "bottle/1", "target": "reactor",
        "target_place": "stirrer", "volume_ml": 20.0,
    }  # fmt: skip
    assert asked.options == ("done", "partly", "not done", "do not know")
    assert (asked.unit, asked.limit) == ("mL", 3600.0)


@pytest.mark.parametrize(
    ("typed", "status", "amount"),
    [
        ("done", "done", (19.6, 20.0, 20.4)),
        ("19.5 mL", "done", (19.11, 19.5, 19.89)),
        ("18 mL", "done", (17.5, 18.0, 18.5)),
        ("21 mL", "done", (20.5, 21.0, 21.5)),
        ("17.5 mL", "partly", (17.15, 17.5, 17.85)),
        ("10-12 mL", "partly", (9.5, 11.0, 12.5)),
        ("partly", "partly", (0.0, 10.0, 20.0)),
        ("partly 12.0 mL", "partly", (11.76, 12.0, 12.24)),
        ("no", "not_started", None),
        ("0 mL", "not_started", None),
        ("do not know", "unknown", (0.0, 10.0, 20.0)),
    ],
)
def test_what_was_dispensed(
    typed: str, status: str, amount: tuple[float, ...] | None, dispense: Dispense
) -> None:
    outcome, person = dispense(typed)
    assert len(person.asked) == 1
    assert outcome.status == status
    found = outcome.amount and (outcome.amount.low, outcome.amount.mid, outcome.amount.high)
    assert found == (pytest.approx(amount) if amount else None)
    assert outcome.evidence["said_by"] == "Kei"


def test_done_has_the_persons_uncertainty(dispense: Dispense) -> None:
    outcome, _ = dispense("done", uncertainty="5 %")
    assert outcome.amount is not None
    assert outcome.amount.low == pytest.approx(19.0)
    assert outcome.value == Quantity(20, "mL")


def test_a_slip_of_the_point_is_asked_back_and_believed_the_second_time(dispense: Dispense) -> None:
    outcome, person = dispense("195 mL", "19.5 mL")
    assert outcome.amount is not None
    assert outcome.amount.mid == 19.5
    assert person.asked[1].text.startswith("195 mL is far from the 20 mL that was asked for.")
    outcome, _ = dispense("195 mL", "195 mL")
    assert outcome.amount is not None
    assert outcome.amount.mid == 195.0


def test_an_answer_without_sense_is_asked_again_with_the_reason_and_not_for_ever(dispense: Dispense) -> None:
    outcome, person = dispense("19.5", "hm", "done")
    assert outcome.status == "done"
    assert person.asked[1].text.startswith(
        "19.5 has no unit: write it like 19.5 mL. Once more: Dispense 20 mL"
    )
    assert person.asked[2].text.startswith("hm was not understood. Once more: Dispense 20 mL")
    with pytest.raises(DeviceRefused, match="no answer could be understood in 3 attempts") as found:
        dispense("a", "b", "c")
    assert found.value.outcome.status == "unknown"


def test_a_reason_is_put_on_record(dispense: Dispense) -> None:
    outcome, _ = dispense("not done: the bottle is empty")
    assert outcome.message == "Kei did not do it: the bottle is empty"


def test_nobody_there_is_a_timeout_within_the_patience(hire: Hire, operator: Hands) -> None:
    async def main() -> float:
        act = operator(hire("hm", None), patience="5 min").dispense(BOTTLE, REACTOR, Quantity(20, "mL"))
        assert act.deadline == 305.0
        with pytest.raises(DeviceTimeout):
            await act.send()
        return anyio.current_time()

    assert run_virtual(main) == pytest.approx(300.0)


@pytest.mark.parametrize(
    ("answer", "status"), [("done", "done"), ("no", "not_started"), ("partly", "unknown"), ("?", "unknown")]
)
def test_carrying(answer: str, status: str, hire: Hire, operator: Hands) -> None:
    person = hire(answer)
    outcome = carry_out(operator(person).place("reactor", "rack/A1", "stirrer"))
    assert outcome.status == status
    assert person.asked[0].act == {
        "method": "place",
        "vessel": "reactor",
        "origin": "rack/A1",
        "target": "stirrer",
    }


@pytest.mark.parametrize(
    ("answer", "status", "set_to"),
    [("done", "done", None), ("295 rpm", "done", 295.0), ("200 rpm", "partly", 200.0)],
)
def test_setting(answer: str, status: str, set_to: float | None, hire: Hire, operator: Hands) -> None:
    outcome = carry_out(operator(hire(answer)).stir(Quantity(300, "rpm")))
    assert outcome.status == status
    assert outcome.evidence.get("set") == ({"value": set_to, "unit": "rpm"} if set_to else None)


@pytest.mark.parametrize(
    ("act", "method"),
    [
        (lambda one: one.prime(BOTTLE, REACTOR, Quantity(2, "mL")), "prime"),
        (lambda one: one.rinse(BOTTLE, REACTOR, Quantity(2, "mL")), "rinse"),
        (lambda one: one.home(), "home"),
        (lambda one: one.heat(Quantity(60, "°C")), "heat"),
        (lambda one: one.stop_heating(), "stop_heating"),
        (lambda one: one.stop_stirring(), "stop_stirring"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_other_act_asks_in_both_languages(
    act: Callable[[Operator], Act], method: str, language: str, hire: Hire, operator: Hands
) -> None:
    person = hire("完了")
    assert carry_out(act(operator(person, language=language))).status == "done"
    assert person.asked[0].act["method"] == method
    assert "{" not in person.asked[0].text


def test_a_japanese_question(dispense: Dispense) -> None:
    _, person = dispense("19.5", "完了", language="ja")
    assert person.asked[0].text.startswith(
        "bottle/1 の液を 20 mL 量り取り、stirrer の reactor に入れてください。"
    )
    assert person.asked[0].options == ("完了", "一部", "していない", "わからない")
    assert person.asked[1].text.startswith("「19.5」に単位がありません。")


def test_the_languages_have_the_same_texts() -> None:
    assert keys("en") == keys("ja")


# ------------------------------------------------------------------------------------------------ stopping
def test_a_cut_act_asks_how_far_it_got(hire: Hire, operator: Hands) -> None:
    person = hire("partly 5 mL")
    act = operator(person).dispense(BOTTLE, REACTOR, Quantity(20, "mL"))
    assert act.cut is not None
    outcome = run_virtual(act.cut)
    assert (outcome.status, outcome.amount and outcome.amount.mid) == ("partly", 5.0)
    assert person.asked[0].text.startswith("STOP. Do not go on with: Dispense 20 mL")
    assert (person.asked[0].ask, person.asked[0].act) == ("decide", {})


def test_a_cut_that_nobody_answers_is_unknown_in_time(hire: Hire, operator: Hands) -> None:
    act = operator(hire(None), stop_patience="8 s").dispense(BOTTLE, REACTOR, Quantity(20, "mL"))
    assert act.cut is not None
    outcome = run_virtual(act.cut)
    assert outcome.status == "unknown"
    assert "8 s" in outcome.message


def test_safe_asks_people_and_believes_only_a_yes(hire: Hire, operator: Hands) -> None:
    async def main() -> list[bool]:
        person = hire("done", "no", "done", None)
        hands = operator(person, stop_patience="30 s")
        speed, temperature = hands.safe()
        assert (speed.output, speed.frames, temperature.output) == ("speed", (), "temperature")
        found = [await speed.confirm(), await temperature.confirm(), await speed.confirm()]
        await hands.stir(Quantity(300, "rpm")).send()
        found.append(await speed.confirm())
        assert [asked.text.startswith("For safety, now: Switch off") for asked in person.asked] == [
            True, True, False, True,
        ]  # fmt: skip
        return found

    assert run_virtual(main) == [True, False, True, False]


def test_a_confirmed_stop_needs_no_second_question(hire: Hire, operator: Hands) -> None:
    async def main() -> bool:
        hands = operator(hire("done"))
        await hands.stop_stirring().send()
        return await hands.safe()[0].confirm()

    assert run_virtual(main)


def test_an_operator_needs_somebody_to_ask() -> None:
    with pytest.raises(DeviceError, match="hands: an operator needs somebody to ask"):
        Operator(Site("hands", simulated=False), OperatorOptions.model_validate({}))


def test_connecting_disturbs_nobody(hire: Hire, operator: Hands) -> None:
    person = hire()
    identity = run_virtual(operator(person).connect)
    assert str(identity) == "a person"
    assert person.asked == []
