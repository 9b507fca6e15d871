"""Bugs that are put into labcore on purpose, in this process only: the campaign must find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Patches = list[tuple[Any, str, Any]]


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug by its name: what is wrong, and how it is put in (owner, attribute, wrong value)."""

    name: str
    what: str
    patches: Callable[[], Patches]


BUGS: dict[str, Bug] = {}


def bug(what: str) -> Callable[[Callable[[], Patches]], Callable[[], Patches]]:
    """Add a bug to the table, under the name of the function that makes it."""

    def add(patches: Callable[[], Patches]) -> Callable[[], Patches]:
        BUGS[patches.__name__] = Bug(patches.__name__, what, patches)
        return patches

    return add


@contextmanager
def planted(one: Bug) -> Iterator[None]:
    """Have the bug in labcore while inside."""
    before = []
    for owner, name, wrong in one.patches():
        assert name in vars(owner), f"{one.name} means something that is not there any more: {owner}.{name}"
        before.append((owner, name, vars(owner)[name]))
        setattr(owner, name, wrong)
    try:
        yield
    finally:
        for owner, name, right in reversed(before):
            setattr(owner, name, right)


def all_bugs() -> dict[str, Bug]:
    """Return every bug by its name."""
    from campaign import bugs_of_acts, bugs_of_order, bugs_of_record, bugs_of_recovery, bugs_of_stops  # noqa: F401

    return dict(sorted(BUGS.items()))
