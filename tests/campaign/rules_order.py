"""The order of steps, read off the plan's tree: each begins when its turn has come, once, and every `finally` is carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from campaign.facts import Facts, Line, require
from campaign.open_block import OpenBlock
from labcore.model.ids import STAND_IN, split
from labcore.model.plan import Choice, Parallel, Repeat, Sequence, Step
from labcore.model.quantity import Quantity

EARLY = 1e-5  # s


class Order:
    """Follows the tree."""

    def __init__(self, facts: Facts, node_at: Callable[[str], Any]) -> None:
        self.facts = facts
        self.node_at = node_at
        self.open: dict[str, OpenBlock] = {}
        self.background: set[str] = set()

    def see(self, line: Line) -> None:
        """Look at one line."""
        handler = getattr(self, f"_{line['kind']}", None)
        if handler is not None:
            handler(line, line["data"])

    def _run_started(self, line: Line, data: Line) -> None:
        self.open[""] = OpenBlock("", self.node_at(""), line["at"])

    # --------------------------------------------------------------------------------------- beginnings
    def _step_started(self, line: Line, data: Line) -> None:
        key = line["step"]
        require(key not in self.open, "a step is not begun twice", key)
        above_key, segment = split(key)
        above = self.open.get(above_key)
        require(above is not None, "a step begins inside its block", key)
        assert above is not None
        self._in_turn(above, segment, key, data)
        above.begun.append(segment)
        above.ended.pop(segment, None)
        above.handled.pop(segment, None)
        self.open[key] = OpenBlock(key, self.node_at(key), line["at"], data["attempt"])
        if data["background"]:
            self.background.add(key)

    def _in_turn(self, above: OpenBlock, segment: str, key: str, data: Line) -> None:
        if data["attempt"] > 1:
            require(above.handled.get(segment) in ("retry", "replace"), "a retry is decided on", key)
            return
        base, stands_in, _ = segment.partition(STAND_IN)
        again = segment in above.begun and not stands_in
        require(not again, "a step is not begun twice", key)
        if segment.startswith("finally."):
            self._clean_up_in_turn(above, segment, key)
        elif stands_in:
            used = above.handled.get(base) in ("fallback", "replace")
            require(used, "what stands in for a step needs a failure", key)
        elif isinstance(above.node, Sequence):
            self._next_of_sequence(above, segment, key)
        elif isinstance(above.node, Repeat):
            self._round_in_turn(above, segment, key)
        elif isinstance(above.node, Choice):
            way = "then" if above.tested else "else"
            require(above.tested is not None and segment == way, "the tested way is taken", key)

    def _next_of_sequence(self, above: OpenBlock, segment: str, key: str) -> None:
        number = int(segment)
        bodies = [int(one) for one in above.begun if one.isdigit()]
        require(number == max(bodies, default=0) + 1, "steps follow one another", f"{key} after {bodies}")
        for one in map(str, set(bodies)):
            over = one in above.ended or self._key(above, one) in self.background
            require(over, "a step waits for the one before", f"{key} before the end of {one}")
            failed = above.ended.get(one) == "failed"
            alone = above.node.samples or above.node.steps[int(one) - 1].modifiers.background
            fine = above.handled.get(one) in ("skip", "stop") if alone else above.handled.get(one) == "skip"
            require(not failed or fine, "a failure is dealt with before the next step", f"{key} after {one}")
        require(not above.failed, "a failed block begins nothing more", key)

    def _clean_up_in_turn(self, above: OpenBlock, segment: str, key: str) -> None:
        number = int(segment.removeprefix("finally."))
        done = sum(one.startswith("finally.") for one in set(above.begun))
        require(number == done + 1, "clean-up steps follow one another", key)
        going = [one for one in self.open if _inside(one, above.key) and not _in_clean_up_of(one, above.key)]
        require(not going, "clean-up waits for the body", f"{key} beside {going}")

    def _round_in_turn(self, above: OpenBlock, segment: str, key: str) -> None:
        require(int(segment) == above.rounds, "a round begins with its event", f"{key}: round {above.rounds}")

    # --------------------------------------------------------------------------------------------- ends
    def _step_ended(self, line: Line, data: Line) -> None:
        key = line["step"]
        mine = self.open.get(key)
        require(mine is not None, "what ends has begun", key)
        assert mine is not None
        aborting = self.facts.status == "aborting"
        if not aborting:
            self._complete(mine, data["outcome"], line["at"])
            inside = [one for one in self.open if one != key and _inside(one, key)]
            require(not inside, "a block ends after its steps", f"{key} before {inside}")
        self._waited(mine, line, data)
        for one in [one for one in self.open if one == key or _inside(one, key)]:
            del self.open[one]
        self.background.discard(key)
        above_key, segment = split(key)
        above = self.open.get(above_key)
        if above is not None:
            above.ended[segment] = data["outcome"]
            base, _, name = segment.partition(STAND_IN)
            if (
                name.endswith("fallback")
                and data["outcome"] != "failed"
                and above.handled.get(base) == "fallback"
            ):
                above.handled[base] = "skip"

    def _complete(self, mine: OpenBlock, outcome: str, at: float) -> None:
        """Every `finally` was begun; what is done has done all its steps."""
        node = mine.node
        if not isinstance(node, Sequence | Parallel):
            if isinstance(node, Repeat) and outcome == "done":
                self._all_rounds(mine, node, at)
            return
        wanted = [f"finally.{n}" for n in range(1, len(node.finally_) + 1)]
        missing = [one for one in wanted if one not in mine.begun]
        require(not missing, "every clean-up step is carried out or named", f"{mine.key!r} lacks {missing}")
        ended = {one for one in wanted if one in mine.ended}
        require(ended == set(wanted), "a block ends after its clean-up", mine.key)
        if outcome == "done" and not self._may_be_short(mine):
            parts = node.steps if isinstance(node, Sequence) else node.branches
            begun = {one for one in mine.begun if one.isdigit()}
            require(
                len(begun) == len(parts),
                "what is done has done all its steps",
                f"{mine.key!r}: {sorted(begun)}",
            )
        failed = [
            one
            for one, how in mine.ended.items()
            if how == "failed" and mine.handled.get(one) in (None, "stop")
        ]
        if outcome == "done":
            cut = [
                one
                for one, how in mine.ended.items()
                if how == "cut" and one.isdigit() and one not in self._background_of(mine)
            ]
            body = [one for one in failed if not one.startswith("finally.")]
            fine = self.facts.status in ("stopping", "aborting") or self._may_be_short(mine)
            unfinished = isinstance(node, Parallel) and bool(cut) and not fine
            require(not unfinished, "a branch is not cut short", f"{mine.key!r}: {cut}")
            require(not body, "a failure is not swallowed", f"{mine.key!r}: {body}")

    def _background_of(self, mine: OpenBlock) -> set[str]:
        node = mine.node
        parts = node.steps if isinstance(node, Sequence) else node.branches
        return {str(n) for n, part in enumerate(parts, 1) if part.modifiers.background}

    def _all_rounds(self, mine: OpenBlock, node: Repeat, at: float) -> None:
        if self._may_be_short(mine):
            return
        if node.until is not None:
            require(mine.tested is True, "a loop ends when its condition holds", mine.key)
        elif node.times is not None and node.lasts_for is None:
            require(
                mine.rounds == node.times, "all rounds are done", f"{mine.key}: {mine.rounds} of {node.times}"
            )
        elif node.lasts_for is not None:
            over = at >= mine.at + node.lasts_for - 1e-3 or mine.rounds == node.times
            require(over, "a loop lasts as long as it should", mine.key)

    def _may_be_short(self, mine: OpenBlock) -> bool:
        """Say whether an enclosing background step may have been ended early."""
        return any(mine.key == one or _inside(mine.key, one) for one in self.background)

    def _waited(self, mine: OpenBlock, line: Line, data: Line) -> None:
        node = mine.node
        if isinstance(node, Step) and node.verb == "wait" and data["outcome"] == "done":
            span = node.args["duration"]
            assert isinstance(span, Quantity)
            waited = line["at"] - mine.at
            require(
                waited >= span.in_("s") - 1e-3,
                "a wait is as long as it says",
                f"{mine.key}: {waited} s of {span}",
            )

    def _run_ended(self, line: Line, data: Line) -> None:
        if data["outcome"] == "aborted" or (data["outcome"] == "failed" and not self.open[""].begun):
            return
        self._complete(self.open[""], data["outcome"], line["at"])
        rest = [key for key in self.open if key]
        require(not rest, "no step is under way at the end", str(rest))

    # --------------------------------------------------------------------------------- failures, loops
    def _error_handled(self, line: Line, data: Line) -> None:
        key, policy = line["step"], data["policy"]
        above_key, segment = split(key)
        above = self.open.get(above_key)
        if above is None:
            return
        above.handled[segment] = policy
        if above.ended.get(segment) == "failed":
            alone = self._alone(above, segment)
            above.failed = above.failed or (
                policy == "stop" and not alone and not segment.startswith("finally.")
            )
            self._policy_as_written(key, policy)

    def _alone(self, above: OpenBlock, segment: str) -> bool:
        """Say whether a failure leaves the steps beside it alone."""
        node = above.node
        if not isinstance(node, Sequence) or not segment.isdigit():
            return isinstance(node, Parallel)
        return node.samples or node.steps[int(segment) - 1].modifiers.background

    def _policy_as_written(self, key: str, policy: str) -> None:
        node = self.node_at(key)
        said = node.modifiers.on_error if node is not None else None
        if policy == "skip":
            asked = said is not None and any(
                one.then in ("ask", "pause", "skip") for one in (said, *said.cases)
            )
            by_person = bool(self.facts.lines) and self._after_interruption(key)
            require(asked or by_person, "a failure is skipped only if the protocol or a person says so", key)

    def _after_interruption(self, key: str) -> bool:
        return any(one["kind"] == "recovery_begun" for one in self.facts.lines)

    def _round_started(self, line: Line, data: Line) -> None:
        mine = self.open[line["step"]]
        node = mine.node
        mine.rounds += 1
        require(
            data["round"] == mine.rounds,
            "rounds are counted",
            f"{mine.key}: {data['round']} after {mine.rounds - 1}",
        )
        require(node.times is None or mine.rounds <= node.times, "no round too many", mine.key)
        before = mine.ended.get(str(mine.rounds - 1)) is not None or mine.rounds == 1
        require(before, "a round waits for the one before", mine.key)
        if node.until is not None and mine.rounds > 1:
            require(mine.tested is False, "a loop goes on only if its condition does not hold", mine.key)
        mine.tested = None
        if node.every is not None:
            due = mine.at + mine.ticks * node.every
            require(
                abs(data["due"] - due) < EARLY,
                "a schedule does not drift",
                f"{mine.key}: due {data['due']}, not {due}",
            )
            require(line["at"] >= due - EARLY, "no round before its time", mine.key)
            in_time = line["at"] < due + node.every
            require(in_time, "missed rounds are not made up for", f"{mine.key} at {line['at']}")
            late = max(0.0, line["at"] - due)
            require(
                abs(data["late"] - late) < EARLY, "a round says how late it is", f"{mine.key}: {data['late']}"
            )
        mine.ticks += 1

    def _rounds_missed(self, line: Line, data: Line) -> None:
        mine = self.open[line["step"]]
        first = mine.at + mine.ticks * mine.node.every
        require(abs(data["first_due"] - first) < EARLY, "missed rounds are counted from the first", mine.key)
        mine.ticks += data["count"]

    def _condition_tested(self, line: Line, data: Line) -> None:
        mine = self.open[line["step"]]
        if data["holds"] is not None:
            mine.tested = data["holds"]
        for position in data["evidence"]:
            seen = self.facts.lines[position]["kind"]
            require(seen in ("observed", "image_taken"), "a condition rests on observations", seen)

    def _key(self, above: OpenBlock, segment: str) -> str:
        return f"{above.key}.{segment}" if above.key else segment


def _inside(key: str, block: str) -> bool:
    if not block:
        return bool(key)
    return key.startswith(block) and key[len(block) : len(block) + 1] in (".", "#")


def _in_clean_up_of(key: str, block: str) -> bool:
    return key.startswith(f"{block}.finally." if block else "finally.")
