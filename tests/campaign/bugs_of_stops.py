"""Bugs around pause, stop, abort, clean-up and outputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import anyio

from campaign.bugs import Patches, bug
from labcore.engine import release
from labcore.errors import LabcoreError
from labcore.model.plan import Parallel, Sequence
from labcore.state import decide, decide_outputs
from labcore.state.decision import Begin, End
from labcore.steps.wait import Wait


@bug("a wait swallows its cancellation")
def swallow_a_cancel() -> Patches:
    right = Wait.run

    async def wrong(self: Any, ctx: Any, args: Any) -> Any:
        with anyio.CancelScope(shield=True):
            return await right(self, ctx, args)

    return [(Wait, "run", wrong)]


@bug("a block forgets its finally")
def forget_finally() -> Patches:
    right = decide._clean_up

    def wrong(view: Any, live: Any, node: Any, ending: Any) -> Any:
        return right(view, live, replace(node, finally_=()), ending)

    return [(decide, "_clean_up", wrong)]


@bug("a finally is forgotten after a stop only")
def forget_finally_after_a_stop() -> Patches:
    right = decide._clean_up

    def wrong(view: Any, live: Any, node: Any, ending: Any) -> Any:
        return right(view, live, replace(node, finally_=()) if ending == "stop" else node, ending)

    return [(decide, "_clean_up", wrong)]


@bug("a block does not make its outputs safe")
def forget_to_release_an_output() -> Patches:
    return [(owner, name, lambda *args: []) for owner in (decide, decide_outputs) for name in ("release",)]


@bug("the `for` of an output is ignored")
def ignore_for() -> Patches:
    return [(decide, "expired_outputs", lambda view: [])]


@bug("a stop does not reach the last branch of a parallel")
def ignore_stop_in_a_parallel_branch() -> Patches:
    right = decide._leftovers

    def wrong(view: Any, live: Any, node: Any, ending: Any) -> Any:
        cut = replace(node, branches=node.branches[:-1]) if isinstance(node, Parallel) else node
        children = decide._live_children(view, live, node)
        if cut is not node and all(key.endswith(str(len(node.branches))) for key, _ in children):
            return None
        return right(view, live, node, ending)

    return [(decide, "_leftovers", wrong)]


@bug("a paused run begins the next step")
def ignore_pause() -> Patches:
    def wrong(view: Any, key: str, node: Any, attempt: int = 1) -> Any:
        return [Begin(key, node, attempt)]

    return [(decide, "_begin", wrong)]


@bug("a prompt in finally is waited for after a stop")
def wait_for_a_prompt_after_a_stop() -> Patches:
    def wrong(view: Any, key: str, node: Any, attempt: int = 1) -> Any:
        return [] if view.state.status in ("pausing", "paused") else [Begin(key, node, attempt)]

    return [(decide, "_begin", wrong)]


@bug("an abort carries out the clean-up")
def abort_cleans_up() -> Patches:
    from labcore.model.ids import ROOT

    def wrong(view: Any) -> Any:
        return decide._block(view, view.state.live[ROOT], view.plan.root, "stop")

    return [(decide, "_abort", wrong)]


@bug("an abort leaves outputs as they are")
def abort_leaves_outputs_on() -> Patches:
    def wrong(view: Any) -> Any:
        return [End("aborted", view.state.reason)]

    return [(decide, "_abort", wrong)]


@bug("an output that could not be switched off is called off")
def call_unconfirmed_halted() -> Patches:
    right = release.switch_off

    async def wrong(*args: Any, **more: Any) -> str:
        try:
            return await right(*args, **more)
        except LabcoreError:
            return "it was told"

    return [(release, "switch_off", wrong)]


@bug("clean-up begins while a background step is under way")
def clean_up_beside_the_body() -> Patches:
    right = decide._leftovers

    def wrong(view: Any, live: Any, node: Any, ending: Any) -> Any:
        found = right(view, live, node, ending)
        return None if isinstance(node, Sequence) and ending == "over" else found

    return [(decide, "_leftovers", wrong)]
