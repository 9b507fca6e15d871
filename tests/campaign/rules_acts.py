"""Physical acts: never twice without a decision, never on the wire without a durable intent, none that a stop forbids."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from campaign.facts import Facts, Line, OpenAct, require
from labcore.model.plan import Step

MOVES = {
    "dispenser": re.compile(r"\$H|\$J|G0|G1|G2|G3|M3|M4|M5|M7|M8|M9"),
    "stirrer": re.compile(r"OUT_SP_[14]\b|START_[14]"),
    "plate": re.compile(r"OUT_SP_[14]\b|START_[14]"),
}
NO_HEAT = re.compile(r"OUT_SP_1 0(\.0)?")  # the way of last resort to switch a heater off
HARMLESS = {"stir", "heat", "stop", "image", "weigh", "measure", "note", "prompt", "wait"}
NodeAt = Callable[[str], Any]


class Acts:
    """Looks at intents, retries and the wire."""

    def __init__(self, facts: Facts, node_at: NodeAt) -> None:
        self.facts = facts
        self.node_at = node_at
        self.history: dict[str, list[Line]] = {}  # step key -> settlements of its acts on matter, by intent
        self.open: dict[str, tuple[str, Line]] = {}

    # ------------------------------------------------------------------------------------------- the wire
    def sent(self, device: str, data: bytes) -> None:
        """Look at bytes before they go: whatever moves must belong to a durable intent, each frame once."""
        text = data.decode("latin-1").strip()
        pattern = MOVES.get(device)
        if pattern is None or pattern.match(text) is None:
            return
        open_ = [act for act in self.facts.acts.values() if act.device == device]
        require(bool(open_), "no act without a durable intent", f"{device}: {text!r} with no intent open")
        if NO_HEAT.fullmatch(text) and any(act.line["data"]["method"] == "stop_heating" for act in open_):
            return
        taken = any(_takes(act, text) for act in open_)
        require(
            taken,
            "no frame twice, none unannounced",
            f"{device}: {text!r} is not what {_names(open_)} announced next",
        )

    # ---------------------------------------------------------------------------------------- the journal
    def see(self, line: Line) -> None:
        """Look at one line."""
        handler = getattr(self, f"_{line['kind']}", None)
        if handler is not None:
            handler(line, line["data"])

    def _step_started(self, line: Line, data: Line) -> None:
        if data["attempt"] == 1:
            self.history.pop(line["step"], None)  # another round's or block's step of the same key
        key, status = line["step"], self.facts.status
        require(status != "aborting", "an abort begins nothing", key)
        in_body = "finally" not in key.replace("#", ".").split(".")
        require(not (status == "stopping" and in_body), "a stop begins nothing but clean-up", key)

    def _intended(self, line: Line, data: Line) -> None:
        self._allowed_now(line, data)
        if not OpenAct(line).moves_matter:
            return
        key = line["step"]
        before = self.history.setdefault(key, [])
        if before and not self._repeatable(key):
            last = before[-1]["data"]
            again = last["status"] == "not_started"
            text = f"{key}: {data['method']} again after {last['act']} was {last['status']}"
            require(again, "no act twice without a decision", text)
        going = any(step == key for step, _ in self.open.values())
        require(not going, "one act of a step at a time", f"{key}: {data['act']}")
        self.open[data["act"]] = (key, line)

    def _allowed_now(self, line: Line, data: Line) -> None:
        effects, facts = OpenAct(line).effects, self.facts
        switches_off = all(one["kind"] == "set_output" and one["value"] is None for one in effects)
        cleaning = "finally" in (line["step"] or "").replace("#", ".").split(".")
        text = f"{line['device']}: {data['method']} for step {line['step']!r} while {facts.status}"
        if facts.status in ("aborting", "recovering"):
            require(switches_off, "an abort or a recovery only makes safe", text)
        if facts.status == "stopping" and not cleaning:
            late = facts.at - facts.stopped_at > 0.001 and not switches_off
            require(not late, "a stop only makes safe and cleans up", text)

    def _settled(self, line: Line, data: Line) -> None:
        entry = self.open.pop(data["act"], None)
        if entry is not None:
            self.history[entry[0]].append(line)

    def _error_handled(self, line: Line, data: Line) -> None:
        key = line["step"]
        node = self.node_at(key)
        if data["policy"] != "retry" or not isinstance(node, Step):
            return
        ends = [one["data"]["status"] for one in self.history.get(key, [])]
        had_not_begun = all(end == "not_started" for end in ends)
        allowed = self._repeatable(key) or node.verb in HARMLESS or had_not_begun
        require(
            allowed,
            "only what is harmless, repeatable or had not begun is tried again",
            f"{key}: {node.verb} {ends}",
        )

    def _repeatable(self, key: str) -> bool:
        node = self.node_at(key)
        return isinstance(node, Step) and node.modifiers.repeatable


def _takes(act: OpenAct, text: str) -> bool:
    """Say whether `text` is announced by an act and not sent yet; what it announced before that counts as passed."""
    rest = act.frames[act.sent :]
    if text not in rest:
        return False
    act.sent += rest.index(text) + 1
    return True


def _names(acts: list[OpenAct]) -> str:
    return ", ".join(str(act.line["data"]["act"]) for act in acts)
