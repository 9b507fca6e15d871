"""Names: one spelling, what may be one, and suggestions."""

from __future__ import annotations

import pytest

from labcore.model.names import is_name, is_place, name_fault, nearest, normal_name


def test_a_blank_matches_an_underscore_and_widths_do_not_matter() -> None:
    assert normal_name("diamine solution") == normal_name("diamine_solution") == "diamine_solution"
    assert normal_name("  a \t b ") == "a_b"
    assert normal_name("ｒｅａｃｔｏｒ") == "reactor"
    assert normal_name("ｶﾞﾗｽ") == "ガラス"
    assert normal_name("か\u3099") == "が"
    assert normal_name("A") != normal_name("a")


@pytest.mark.parametrize(
    "name", ["reactor", "diamine solution", "溶液 A", "β_phase", "min", "x2", "_spare", "ガラス瓶"]
)
def test_names(name: str) -> None:
    assert is_name(name)
    assert name_fault(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("../x", "letters"),
        ("/etc/passwd", "letters"),
        ("a/b", "letters"),
        ("a-b", "letters"),
        ("a.b", "letters"),
        ("2nd", "begins with a letter"),
        ("a\nb", "U+000A"),
        ("a\0b", "U+0000"),
        ("a\u202eb", "U+202E"),
        ("a\u200fb", "U+200F"),
        ("x" * 300, "longer"),
        ("reаctor", "Cyrillic"),  # the second vowel is Cyrillic
        ("not", "word of expressions"),
        ("true", "word of expressions"),
        ("${x}", "letters"),
    ],
)
def test_what_is_no_name_says_why(name: str, why: str) -> None:
    assert not is_name(name)
    assert why in name_fault(name)


def test_places_may_hold_slashes_and_hyphens() -> None:
    for place in ("rack/A1", "24-well/B2", "stirrer", "bottle/1", "棚/A1"):
        assert is_place(place)
    for place in ("../x", "/rack", "rack/", "rack//A1", "a\nb", "", "-x", "a\\b", "x" * 101):
        assert not is_place(place)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("reactr", "reactor"),
        ("Reactor", "reactor"),
        ("diamine-solution", "diamine solution"),
        ("DIAMINE_SOLUTION", "diamine solution"),
        ("xyz", None),
        ("", None),
    ],
)
def test_nearest(word: str, found: str | None) -> None:
    assert nearest(word, ["reactor", "diamine solution", "stirrer"]) == found


def test_nearest_is_bounded() -> None:
    assert nearest("x" * 100_000, (f"name{i}" for i in range(1_000_000))) is None
