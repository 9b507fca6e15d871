"""What the journal says, worked out again from its plain lines: nothing here is shared with the engine's reducers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Line = dict[str, Any]
MATTER = ("transfer", "placement")


class Broken(Exception):
    """An invariant does not hold."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(f"{rule}: {text}")
        self.rule, self.text = rule, text


def require(holds: bool, rule: str, text: str) -> None:
    """Broken unless it holds."""
    if not holds:
        raise Broken(rule, text)


@dataclass
class OpenAct:
    """An intent without an end."""

    line: Line
    sent: int = 0  # frames that went over the wire so far
    world: int = 0  # acts in the world's record when it was intended

    @property
    def device(self) -> str:
        return str(self.line["device"])

    @property
    def frames(self) -> list[str]:
        return list(self.line["data"]["frames"])

    @property
    def effects(self) -> list[Line]:
        return list(self.line["data"]["effects"])

    @property
    def moves_matter(self) -> bool:
        return any(effect["kind"] in MATTER for effect in self.effects)


@dataclass
class Facts:
    """The status of the run and what is open, in the checker's own words."""

    status: str = "new"
    before: str = "new"
    outcome: str = ""
    at: float = 0.0
    stopped_at: float = 0.0
    ending_said: bool = False  # somebody stopped, finished, closed or aborted it
    stalled: bool = False  # the disk refused once: what was decided before may be on record later
    acts: dict[str, OpenAct] = field(default_factory=dict)
    questions: dict[str, Line] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def see(self, line: Line, world: int) -> None:
        """Take note of a line after every rule has looked at it."""
        self.lines.append(line)
        self.at = line["at"]
        handler = getattr(self, f"_{line['kind']}", None)
        if handler is not None:
            handler(line, line["data"])
        if line["kind"] == "intended":
            self.acts[line["data"]["act"]].world = world

    def _run_started(self, line: Line, data: Line) -> None:
        self.status = "running"

    def _run_ended(self, line: Line, data: Line) -> None:
        self.status, self.outcome = "ended", data["outcome"]

    def _control_asked(self, line: Line, data: Line) -> None:
        match data["what"]:
            case "pause" if self.status == "running":
                self.status = "pausing"
            case "resume" if self.status in ("pausing", "paused"):
                self.status = "running"
            case "stop" if self.status in ("running", "pausing", "paused"):
                self._is_ending("stopping")
            case "abort" if self.status not in ("aborting", "ended"):
                self._is_ending("aborting")

    def _is_ending(self, status: str) -> None:
        self.status, self.stopped_at, self.ending_said = status, self.at, True

    def _paused(self, line: Line, data: Line) -> None:
        self.status = "paused"

    def _error_handled(self, line: Line, data: Line) -> None:
        if data["policy"] == "pause" and self.status == "running":
            self.status = "pausing"

    def _recovery_begun(self, line: Line, data: Line) -> None:
        self.before = self.before if self.status == "recovering" else self.status
        self.status = "recovering"

    def _recovery_decided(self, line: Line, data: Line) -> None:
        if data["decision"] == "close" or self.before == "aborting":
            self._is_ending("aborting")
        elif data["decision"] == "finish" or self.before == "stopping":
            self._is_ending("stopping")
        else:
            self.status = "running" if self.before == "running" else "paused"

    def _intended(self, line: Line, data: Line) -> None:
        self.acts[data["act"]] = OpenAct(line)

    def _settled(self, line: Line, data: Line) -> None:
        self.acts.pop(data["act"], None)

    def _asked(self, line: Line, data: Line) -> None:
        self.questions[data["question"]] = line

    def _answered(self, line: Line, data: Line) -> None:
        self.questions.pop(data["question"], None)

    _withdrawn = _answered
