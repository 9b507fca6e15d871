"""What labcore wrote in English is said in the language of the page; what people wrote stays as it is."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from typing import Any

import pytest

from labcore.model import event as ev
from labcore_notebook.notebook import statements
from labcore_notebook.render import build
from labcore_notebook.words import Words

ENGLISH = re.compile(r"[A-Za-z]{3,}")
JAPANESE = Words("ja")


def words_of(page: Any, key: str) -> str:
    return "\n".join(text for where, text, _ in statements(page) if where == key)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("dispense 20 mL acetone into 反応器", "acetone 20 mL を 反応器 に分注"),
        (
            "dispense up to 40 mL diamine solution into 反応器",
            "diamine solution を 反応器 に全量 40 mL まで分注",
        ),
        ("stir 反応器 at 300 rpm", "反応器 を 300 rpm で撹拌"),
        ("take a picture of 反応器", "反応器 を撮影"),
        ("place 反応器 onto stirrer", "反応器 を stirrer に置く"),
        ("まぜる", "まぜる"),
    ],
)
def test_labels(label: str, said: str) -> None:
    assert JAPANESE.said("label", label) == said
    assert Words("en").said("label", label) == label


VERBS = {
    "dispense": {"material": "m", "into": "v", "volume": "20 mL"},
    "transfer": {"from": "a", "into": "b", "volume": "20 mL"},
    "prime": {"material": "m", "volume": "20 mL"},
    "rinse": {"material": "m", "volume": "20 mL"},
    "heat": {"vessel": "v", "temperature": "60 °C"},
    "stir": {"vessel": "v", "speed": "300 rpm"},
    "stop": {"device": "d"},
    "home": {},
    "image": {"vessel": "v"},
    "measure": {"what": "p", "of": "v"},
    "weigh": {"vessel": "v"},
    "place_vial": {"vessel": "v", "onto": "s"},
    "move": {"vessel": "v", "onto": "s"},
    "wait": {"duration": "5 min"},
    "prompt": {"text": "t"},
    "note": {"text": "t"},
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_labels_of_all_built_in_verbs_are_known(verb: str) -> None:
    found = next(iter(entry_points(group="labcore.verbs", name=verb))).load()()
    label = found.label(found.Args.model_validate(VERBS[verb]))
    said = JAPANESE.said("label", label)
    assert said != label
    assert not re.search(rf"\b{label.split()[0].rstrip(':')}\b", said)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("stopped by Ctrl-C", "Ctrl-C による停止"),
        (
            "3 rounds went by before turbidity(反応器) >= 4 held",
            "3 回のうちに turbidity(反応器) >= 4 が成立しなかった",
        ),
        ("火災報知器が鳴った", "火災報知器が鳴った"),
    ],
)
def test_reasons(reason: str, said: str) -> None:
    assert JAPANESE.said("reason", reason) == said


def test_flags_of_the_observer_have_words() -> None:
    flags = ("no_vial", "liquid_not_seen", "black", "white", "bright_ground", "unreadable", "foam", "glare", "blurred",
             "dark", "overexposed", "several_vials", "no_card", "little_liquid", "sediment", "saturated", "uncalibrated")  # fmt: skip
    assert [flag for flag in flags if ENGLISH.search(JAPANESE.word("flag", flag))] == []


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Left as a task: step finally.1 (ask: Cap it.)"), ("ja", "質問：Cap it.")]
)
def test_a_task_that_was_left_is_open(empty: Any, language: str, said: str) -> None:
    empty.begin()
    empty.add(ev.StepStarted("prompt", "ask: Cap it."), step="finally.1")
    left = "left as a task: nobody is waited for after a stop"
    empty.add(ev.StepEnded("skipped", error=left), step="finally.1")
    page = build(empty, language)
    assert said in words_of(page, "open")
    assert (left in words_of(page, "deviations")) == (language == "en")


def test_a_dose_that_had_nothing_to_add_is_told(empty: Any) -> None:
    empty.begin()
    empty.add(ev.StepStarted("dispense", "dispense up to 40 mL acetone into reactor"), step="7")
    empty.add(ev.StepEnded("done", {"value": 0.0, "unit": "mL"}), step="7")
    said = "Step 7 (dispense up to 40 mL acetone into reactor) had nothing to add."
    assert said in words_of(build(empty), "procedure")


def test_start_and_end_of_a_dose_are_told_apart(robot: Any) -> None:
    page = build(robot)
    assert "Begun" in {
        column.title
        for section in page.sections
        for block in section.blocks
        for column in getattr(block, "columns", ())
    }
