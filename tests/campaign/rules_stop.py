"""What a stop promises: what can be cut is cut at once, nobody is waited for, an output lasts no longer than it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from campaign.facts import Facts, Line, require
from labcore.model.plan import Step

AT_ONCE = 1.0  # s
SLACK = 150.0  # s that making a device safe may take when it is busy or silent
CUT_ANYTIME = {"wait", "prompt"}


class Stops:
    """Looks at what is under way after a stop, and at outputs with an end."""

    def __init__(
        self, facts: Facts, node_at: Callable[[str], Any], is_on: Callable[[str, str], bool]
    ) -> None:
        self.facts, self.node_at, self.is_on = facts, node_at, is_on
        self.going: dict[str, str] = {}  # step key -> verb, of steps in bodies
        self.lasting: dict[tuple[str, str], float] = {}  # (device, output) -> when it must be off

    def see(self, line: Line) -> None:
        """Look at one line."""
        self._at_once(line)
        handler = getattr(self, f"_{line['kind']}", None)
        if handler is not None:
            handler(line, line["data"])

    def _at_once(self, line: Line) -> None:
        facts, at = self.facts, line["at"]
        if facts.status in ("stopping", "aborting") and line["kind"] != "recovery_begun":
            waiting = [key for key, verb in self.going.items() if verb in CUT_ANYTIME]
            late = bool(waiting) and at > facts.stopped_at + AT_ONCE
            require(
                not late,
                "a stop cuts what can be cut",
                f"{waiting} still under way {at - facts.stopped_at:g} s later",
            )
        if facts.status == "running" and line["kind"] != "recovery_begun":
            over = [name for name, due in self.lasting.items() if at > due + SLACK]
            if (
                self.facts.stalled
            ):  # what was switched off while the disk refused is on record later: look at the bench
                over = [name for name in over if self.is_on(*name)]
            require(not over, "an output lasts as long as it should", f"{over} at {at}")

    def _step_started(self, line: Line, data: Line) -> None:
        key = line["step"]
        if "finally" not in key.replace("#", ".").split("."):
            self.going[key] = data["verb"]

    def _step_ended(self, line: Line, data: Line) -> None:
        key = line["step"]
        self.going = {
            one: verb
            for one, verb in self.going.items()
            if one != key and not one.startswith((f"{key}.", f"{key}#"))
        }

    def _asked(self, line: Line, data: Line) -> None:
        node = self.node_at(line["step"]) if line["step"] else None
        prompts = isinstance(node, Step) and node.verb == "prompt" and line["device"] is None
        waits = prompts and self.facts.status in ("stopping", "aborting")
        require(not waits, "a stop waits for nobody", f"{line['step']} asks {data['text']!r}")

    def _intended(self, line: Line, data: Line) -> None:
        others = [name for name, act in self.facts.acts.items() if act.device == line["device"]]
        require(not others, "one act at a time on a device", f"{data['act']} beside {others}")

    def _settled(self, line: Line, data: Line) -> None:
        for effect in self.facts.acts[data["act"]].effects:
            if effect["kind"] != "set_output":
                continue
            name = (effect["device"], effect["output"])
            if data["status"] == "done" or effect["value"] is not None:
                self.lasting.pop(name, None)
            node = self.node_at(line["step"]) if line["step"] else None
            lasts = node.modifiers.lasts if isinstance(node, Step) else None
            if effect["value"] is not None and lasts is not None and data["status"] != "not_started":
                self.lasting[name] = line["at"] + lasts

    def _stop_settled(self, line: Line, data: Line) -> None:
        for output in data["outputs"]:
            self.lasting.pop((line["device"], output), None)
