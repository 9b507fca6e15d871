"""prompt: ask a person; the answer may be kept with `save`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from labcore.errors import AuthorError
from labcore.model.effect import Effects
from labcore.model.event import Value
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity, QuantityError, UnitError, parse_quantity
from labcore.plugin.arguments import Duration, StepArgs
from labcore.plugin.bench import Bench
from labcore.plugin.step import Result, StepContext, Verb

TRIES = 5


class Prompt(Verb):
    """`prompt: Cap the vial.` or `prompt: {text: ..., expects: volume, save...}` or with `options`.

    `expects` is a unit ("mL", "g") for a quantity, "number", "text" or "yes or no"; without it any answer confirms.
    """

    class Args(StepArgs):
        text: str
        options: tuple[str, ...] = ()
        expects: str = ""
        limit: Duration | None = None
        default: str | None = None
        typical: Duration | None = Field(
            default=None, description="how long a person usually takes, for the plan"
        )

    cut = "anytime"
    harmless = True
    shorthand = "text"

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Take as long as a person takes."""
        typical = args.typical.in_("s") if args.typical is not None else 60.0
        longest = args.limit.in_("s") if args.limit is not None else 10 * typical
        return Effects(duration=Interval(0.0, min(typical, longest), longest))

    async def run(self, ctx: StepContext, args: Any) -> Result:
        """Ask until the answer makes sense."""
        limit = args.limit.in_("s") if args.limit is not None else None
        unit = "" if args.expects in ("", "number", "text", "yes or no") else args.expects
        text = args.text
        for _ in range(TRIES):
            answer = await ctx.ask(
                text, options=args.options, expects=args.expects, unit=unit, limit=limit, default=args.default
            )
            try:
                return _value(answer, args)
            except ValueError as error:
                text = f"{args.text} ({error})"
        raise AuthorError(
            f"no usable answer to: {args.text}",
            remedy="Answer with one of the options, or with number and unit.",
        )

    def label(self, args: Any) -> str:
        """Describe the step."""
        return f"ask: {args.text}"


def _value(answer: Value, args: Any) -> Result:
    if args.options:
        if answer not in args.options:
            raise ValueError(f"{answer!r} is none of {', '.join(args.options)}")
        return answer
    if args.expects in ("", "text"):
        return answer
    if args.expects == "yes or no":
        return _yes(answer)
    if args.expects == "number":
        return float(answer) if isinstance(answer, str | int | float) else _refuse(answer)
    return _quantity(answer, args.expects)


def _quantity(answer: Value, unit: str) -> Quantity:
    if isinstance(answer, dict):
        return Quantity(float(answer["value"]), str(answer["unit"])).to(unit)
    if not isinstance(answer, str):
        raise ValueError(f"write number and unit, for example 12.5 {unit}")
    try:
        return parse_quantity(answer).to(unit)
    except (QuantityError, UnitError) as error:
        raise ValueError(f"{error}; write number and unit, for example 12.5 {unit}") from error


def _yes(answer: Value) -> bool:
    if isinstance(answer, bool):
        return answer
    word = str(answer).strip().lower()
    if word in ("yes", "y", "true", "はい"):
        return True
    if word in ("no", "n", "false", "いいえ"):
        return False
    raise ValueError("answer yes or no")


def _refuse(answer: Value) -> float:
    raise ValueError(f"{answer!r} is not a number")
