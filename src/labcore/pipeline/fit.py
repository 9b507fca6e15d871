"""Check that what stands beside a verb or block means something there."""

from __future__ import annotations

from collections.abc import Iterable

from labcore.model.failure import NOT_REPEATED
from labcore.pipeline.context import Context
from labcore.pipeline.draft import DraftStep
from labcore.pipeline.modifiers import Beside
from labcore.pipeline.nodes import MapNode
from labcore.pipeline.words import BLOCK_KEYS, ENDING_WORDS, LOOP_WORDS, NOT_BESIDE_A_BLOCK
from labcore.plugin.step import Verb


def check_fit(step: DraftStep, verb: Verb, beside: Beside, context: Context) -> None:
    """Note modifiers that mean nothing beside this verb."""
    if not step.modifiers:
        return
    for key in BLOCK_KEYS:
        if key in step.modifiers:
            remedy = "Put the steps into a block: `sequence`, or `when: ...` with `then:`."
            _note(step, key, "E106", f"`{key}` belongs to a block", remedy, context)
    loop = beside.loop
    if verb.output:
        _refuse(step, ("save",), "it returns nothing that could be kept", context)
        _refuse(
            step,
            ("every", "times", "until"),
            "it goes on by itself; put it into a `repeat:` block to repeat it",
            context,
        )
    else:
        if "for" in step.modifiers and not loop.repeats and "every" not in step.modifiers:
            message = "it ends by itself: `for` limits what `every` repeats"
            _note(step, "for", "E803", message, "Add `every: ...`, or remove `for`.", context)
        _refuse(step, ("hold",), "`hold` is about outputs such as stir", context)
    if not verb.output and loop.every is not None and _endless(step, beside):
        _note(step, "every", "E804", "nothing ends this repetition", "", context)
    bounded = loop.times is not None or loop.lasts_for is not None
    if loop.until is not None and not bounded:
        _note(step, "until", "N812", "if this never holds, the repetition never ends", "", context)
    _retry(step, verb, beside, context)


def _endless(step: DraftStep, beside: Beside) -> bool:
    """Say whether nothing ends a repetition: neither a word of its own nor the block it is in the background of."""
    return not beside.modifiers.background and not any(key in step.modifiers for key in ENDING_WORDS)


def _retry(step: DraftStep, verb: Verb, beside: Beside, context: Context) -> None:
    policy = beside.modifiers.on_error
    if policy is None or verb.harmless or beside.modifiers.repeatable:
        return
    replaces = (
        policy.replaces and "require" not in step.modifiers
    )  # what is required fails before anything moves
    if policy.retries == 0 and not replaces:
        return
    key = "retry" if "retry" in step.modifiers else "on_error"
    message = "it moves matter: it is done again by itself only where nothing had begun"
    _note(step, key, "W817", message, "", context)


def check_cases(step: DraftStep, beside: Beside, context: Context, *, repeatable: bool) -> None:
    """Refuse to do again what may have been done, where nothing says that this is safe."""
    policy, text = beside.modifiers.on_error, step.beside("on_error")
    if policy is None or repeatable or not isinstance(text, MapNode):
        return
    for case in policy.cases:
        entry = text.entry(case.case)
        if entry is not None and case.case in NOT_REPEATED and (case.retries or case.replaces):
            what = "an act whose end is unknown" if case.case == "unknown" else "an act that was done in part"
            message = f"on_error.{case.case}: {what} is not done again: {step.verb} is not repeatable"
            context.findings.add("E818", entry.key_place, message, step=step.verb)


def check_block(
    step: DraftStep, context: Context, *, own: Iterable[str] = (), refused: Iterable[str] = ()
) -> None:
    """Note what means nothing beside a block; `own` are the keys that belong to it, `refused` modifiers it does not take."""
    for key in BLOCK_KEYS:
        if key in step.modifiers and key not in own:
            remedy = (
                "Indent `do` inside `for_each: {...}`."
                if key == "do"
                else "`then` and `otherwise` need `when`."
            )
            _note(step, key, "E106", f"`{key}` does not belong to this block", remedy, context)
    _refuse(step, NOT_BESIDE_A_BLOCK, "it is about a single step; put it beside one", context)
    _refuse(step, refused, "the condition is tested once", context)


def check_loop(step: DraftStep, beside: Beside, context: Context, *, always: bool) -> None:
    """Note a block's repetition that does not end; `always` says that the block repeats without any modifier."""
    loop = beside.loop
    if "for" in step.modifiers and not (always or loop.repeats or "every" in step.modifiers):
        _note(
            step,
            "for",
            "E803",
            "`for` limits what `every` repeats",
            "Add `every: ...`, or remove `for`.",
            context,
        )
    if (always or loop.every is not None) and _endless(step, beside):
        context.findings.add("E804", step.verb_place, "nothing ends this repetition", "", step=step.verb)
    elif loop.until is not None and loop.times is None and loop.lasts_for is None:
        _note(step, "until", "N812", "if this never holds, the repetition never ends", "", context)


def _refuse(step: DraftStep, keys: Iterable[str], why: str, context: Context) -> None:
    for key in keys:
        if key in step.modifiers:
            loop = " Or put the step into a `repeat:` block." if key in LOOP_WORDS else ""
            _note(
                step,
                key,
                "E803",
                f"`{key}` does not go with {step.verb}: {why}",
                f"Remove `{key}`.{loop}",
                context,
            )


def _note(step: DraftStep, key: str, code: str, message: str, remedy: str, context: Context) -> None:
    context.findings.add(code, step.modifiers[key].key_place, message, remedy, step=step.verb)
