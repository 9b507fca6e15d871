"""Keys of running steps."""

from __future__ import annotations

import pytest

from labcore.model.ids import ancestors, child, clean_up, in_clean_up, order, parent, round_key, split


@pytest.mark.parametrize(
    ("key", "above", "segment"),
    [
        ("3", "", "3"),
        ("3.2", "3", "2"),
        ("4#7", "4", "7"),
        ("4#7.1", "4#7", "1"),
        ("finally.1", "", "finally.1"),
        ("4#7.finally.2", "4#7", "finally.2"),
        ("finally.1.3", "finally.1", "3"),
        ("5.then", "5", "then"),
        ("5.fallback.1", "5.fallback", "1"),
    ],
)
def test_a_key_knows_its_block(key: str, above: str, segment: str) -> None:
    assert split(key) == (above, segment)
    assert parent(key) == above


def test_keys_are_built() -> None:
    assert child("", 3) == "3"
    assert child("3", 2) == "3.2"
    assert clean_up("", 1) == "finally.1"
    assert clean_up("4#7", 2) == "4#7.finally.2"
    assert round_key("4", 7) == "4#7"
    assert ancestors("4#7.1") == ("4#7", "4", "")


def test_clean_up_is_recognised() -> None:
    assert in_clean_up("finally.1.2")
    assert in_clean_up("4#7.finally.1")
    assert not in_clean_up("4.1")


def test_keys_sort_as_the_text_reads() -> None:
    keys = ["finally.1", "10", "2#10", "2", "2#9", "2.1", "1"]
    assert sorted(keys, key=order) == ["1", "2", "2.1", "2#9", "2#10", "10", "finally.1"]
