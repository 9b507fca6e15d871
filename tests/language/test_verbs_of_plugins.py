"""A verb of a plugin may have codes of its own, and bugs; check says so and goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.model.effect import Effects
from labcore.pipeline.prepare import prepare
from labcore.pipeline.problem import Problem
from labcore.pipeline.resolve import Sources
from labcore.plugin.arguments import StepArgs, VesselName, Volume
from labcore.plugin.bench import StepProblem
from labcore.plugin.step import Verb

Found = Callable[[str], list[Problem]]


class Shake(Verb):
    """`shake: {vessel: reactor, strength: 3}`; it may be too strong, or fail in several ways."""

    class Args(StepArgs):
        vessel: VesselName
        strength: int = 1
        amount: Volume | None = None

    def effects(self, args: Any, bench: Any) -> Effects:
        bench.vessel(args.vessel)
        if args.strength > 10:
            raise StepProblem("X17", "that breaks the glass", "Shake at most at 10.", field="strength")
        if args.strength < 0:
            raise ZeroDivisionError("oops")
        return Effects()

    async def run(self, ctx: Any, args: Any) -> None:
        await ctx.note("shaken")

    def label(self, args: Any) -> str:
        return f"shake {['', 'gently', 'well'][args.strength]}"


class Unmakeable(Verb):
    """A verb that cannot even be made."""

    Args = StepArgs

    def __init__(self) -> None:
        raise RuntimeError("no")

    def effects(self, args: Any, bench: Any) -> Effects:
        return Effects()

    async def run(self, ctx: Any, args: Any) -> None: ...


@pytest.fixture
def found(bench: str) -> Found:
    catalog = EntryPointCatalog({("verbs", "shake"): Shake, ("verbs", "unmakeable"): Unmakeable})
    lab = bench.replace("observers: [turbidity]\n", "")

    def problems(steps: str) -> list[Problem]:
        text = f"labcore: 1\nname: x\nvessels: {{reactor: {{}}}}\nsteps:\n{steps}"
        return list(prepare(Sources(text, "p.yaml", lab, "l.yaml"), catalog).problems)

    return problems


def test_a_verb_of_a_plugin_is_checked_like_any_other(found: Found) -> None:
    assert found("  - shake: {vessel: reactor, strength: 2}\n") == []
    assert [one.code for one in found("  - shake: {vessel: reacter, strength: 2, amount: 5}\n")] == [
        "E204",
        "E301",
    ]


def test_its_own_code_stands_at_the_argument_it_names(found: Found) -> None:
    (one,) = found("  - shake: {vessel: reactor, strength: 11}\n")
    assert (one.code, one.severity, one.step) == ("X17", "error", "shake")
    assert str(one.place) == "p.yaml:5:40"
    assert one.remedy == "Shake at most at 10."


def test_a_bug_in_its_effects_is_a_problem_of_the_step(found: Found) -> None:
    one, other = found("  - shake: {vessel: reactor, strength: -1}\n  - wait: 5\n")
    assert (one.code, other.code) == ("E901", "E301")
    assert "ZeroDivisionError: oops" in one.message


def test_a_bug_in_its_label_leaves_the_word(found: Found) -> None:
    assert found("  - shake: {vessel: reactor, strength: 9}\n") == []


def test_a_verb_that_cannot_be_made_is_named(found: Found) -> None:
    (one,) = found("  - unmakeable: {}\n")
    assert one.code == "E901"
    assert "'unmakeable'" in one.message
