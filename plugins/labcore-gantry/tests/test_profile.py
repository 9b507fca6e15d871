from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

from labcore.errors import AuthorError
from labcore.ports import LineSettings
from labcore_gantry.deck import find, standard_deck
from labcore_gantry.options import GantryOptions
from labcore_gantry.profile import load_profile, profile_names, read_profile

TEXT = (files("labcore_gantry") / "profiles" / "grbl11-syringe.yaml").read_text("utf-8")


def test_every_profile_that_comes_along_is_valid_and_named_like_its_file() -> None:
    assert profile_names() == ("grbl11-syringe",)
    for name in profile_names():
        assert load_profile(name).name == name


def test_the_reference_profile() -> None:
    profile = load_profile("grbl11-syringe")
    assert profile.line_settings == LineSettings(115200, 8, "N", 1)
    assert profile.stop.reset == "\x18"
    assert profile.errors["9"] == "it is locked by an alarm or a jog"
    assert profile.verified_on is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('travel: "G0 X{x:.3f} Y{y:.3f}"', 'travel: "G0 X{x}"', "commands.travel"),
        ('travel: "G0 X{x:.3f} Y{y:.3f}"', 'travel: "G0 X{x:q} Y{y}"', "commands.travel"),
        ("error: '^error:(?P<code>\\d+)$'", "error: '^error'", "named group"),
        ("error: '^error:(?P<code>\\d+)$'", "error: '('", "regular expression"),
        ("x_mm: [0, 420]", "x_mm: [420, 0]", "lowest, highest"),
        ("stroke_mm: 60.0", "stroke_mm: -1", "plunger.stroke_mm"),
        ("stroke_mm: 60.0", "stroke_mm: .nan", "plunger.stroke_mm"),
        ('hold: "!"', 'hold: "！"', "stop.hold"),
        ("verified_on: null", "verified_at: null", "verified_at"),
        ("replies:", "replies: [", "not YAML"),
    ],
)
def test_a_faulty_profile_says_where(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(AuthorError) as caught:
        read_profile(TEXT.replace(old, new, 1), "mine")
    assert said in str(caught.value)
    assert "mine" in str(caught.value)


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(AuthorError, match="grbl11-syringe"):
        load_profile("grbl12")


@pytest.mark.parametrize(
    "wrong",
    [
        {"syringe": "25"}, {"syringe": 25}, {"syringe": "25 g"}, {"syringe": "0 mL"}, {"syringe": "5 L"}, {},
        {"syringe": "25 mL", "profile": "nope"}, {"syringe": "25 mL", "needle": "long"},
        {"syringe": "25 mL", "deck": {"a": [1]}}, {"syringe": "25 mL", "feed": "2 mL"},
        {"syringe": "25 mL", "calibration": {"date": "2026-01-01", "factor": 7, "uncertainty": "1 %"}},
    ],
)  # fmt: skip
def test_options_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        GantryOptions(**wrong)  # type: ignore[arg-type]
    at_fault = list(wrong or {"syringe": "is missing"})[-1]
    assert {error["loc"][0] for error in caught.value.errors()} == {at_fault}


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(TEXT.replace("stroke_mm: 60.0", "stroke_mm: 80.0"), encoding="utf-8")
    assert GantryOptions(syringe="25 mL", profile=str(mine)).profile == str(mine)  # type: ignore[arg-type]
    assert load_profile(str(mine)).plunger.stroke_mm == 80.0
    mine.write_bytes(b"\xff")
    for broken in (mine, tmp_path / "none.yaml"):
        with pytest.raises(AuthorError, match="cannot be read"):
            load_profile(str(broken))


def test_editors_are_told_what_to_write() -> None:
    properties = GantryOptions.model_json_schema()["properties"]
    assert set(properties) == {"profile", "syringe", "deck", "feed", "calibration"}
    assert properties["syringe"]["type"] == "string"


def test_the_deck() -> None:
    deck = standard_deck()
    assert deck["bottle/1"] == (40.0, 270.0)
    assert deck["bottle/6"] == (290.0, 270.0)
    assert deck["rack/A1"] == (40.0, 30.0)
    assert deck["rack/D6"] == (215.0, 135.0)
    assert find(deck, "hotplate/1") is None
    assert find({"pan/1": (1.0, 2.0)}, "pan") == (1.0, 2.0)
    assert len(deck) == 6 + 24 + 6
