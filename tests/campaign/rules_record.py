"""The record itself: no holes, strict JSON, acts and questions that begin and end once, an end that is documented."""

from __future__ import annotations

from campaign.facts import Facts, Line, require

AFTER_THE_END = {"observed", "plugin", "reader_failed", "warned", "noted", "withdrawn"}
ENDINGS = {"done", "failed", "stopped", "aborted"}
STATUSES = {"done", "partly", "not_started", "unknown"}
TERMS = {"policy", "recovery", "person"}


class Record:
    """Positions, times, intents and settlements, questions and answers."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.intended: set[str] = set()
        self.asked: set[str] = set()

    def see(self, line: Line) -> None:
        """Look at one line."""
        facts, kind, data = self.facts, line["kind"], line["data"]
        where = f"line {line['position']} ({kind})"
        require(line["position"] == len(facts.lines), "positions without holes", where)
        require(line["at"] >= facts.at, "time does not go back", f"{where}: {line['at']} after {facts.at}")
        ended = facts.status == "ended" and kind not in AFTER_THE_END
        require(not ended, "nothing follows the end", where)
        require(kind == "run_started" or bool(facts.lines), "a run begins with its start", where)
        require(line["source"] in ("labcore", "simulated"), "a simulated run has no real source", where)
        handler = getattr(self, f"_{kind}", None)
        if handler is not None:
            handler(line, data)

    def _intended(self, line: Line, data: Line) -> None:
        require(data["act"] not in self.intended, "an act is intended once", data["act"])
        require(bool(line["device"]), "an act has its device", data["act"])
        self.intended.add(data["act"])

    def _settled(self, line: Line, data: Line) -> None:
        act = self.facts.acts.get(data["act"])
        require(act is not None, "a settlement has an open intent", data["act"])
        require(data["status"] in STATUSES, "a settlement is one of four", str(data["status"]))
        amount = data["amount"]
        if amount is not None:
            require(amount["low"] <= amount["mid"] <= amount["high"], "an amount is an interval", str(amount))

    def _asked(self, line: Line, data: Line) -> None:
        name = data["question"]
        require(name not in self.asked, "a question is asked once", name)
        self.asked.add(name)
        if data["ask"] == "act":
            device = line["device"]
            open_ = any(act.device == device for act in self.facts.acts.values())
            switched = not {"stop_stirring", "stop_heating"}.isdisjoint({data["act"].get("method")})
            require(open_ or switched, "no act without a durable intent", f"{device} is asked to act: {name}")

    def _answered(self, line: Line, data: Line) -> None:
        require(
            data["question"] in self.facts.questions, "only open questions are answered", data["question"]
        )

    def _withdrawn(self, line: Line, data: Line) -> None:
        require(
            data["question"] in self.facts.questions, "only open questions are withdrawn", data["question"]
        )

    def _recovery_decided(self, line: Line, data: Line) -> None:
        require(self.facts.status == "recovering", "only what is recovering is decided", str(data))
        require(not self.facts.acts, "all acts are settled before a decision", str(list(self.facts.acts)))

    def _step_started(self, line: Line, data: Line) -> None:
        still = self.facts.status in ("paused", "recovering", "new")
        require(
            not still, "nothing begins while the run stands still", f"{line['step']} in {self.facts.status}"
        )

    def _run_ended(self, line: Line, data: Line) -> None:
        facts = self.facts
        require(data["outcome"] in ENDINGS, "a run ends in a documented state", str(data))
        require(not facts.acts, "no act is open at the end", str(list(facts.acts)))
        require(not facts.questions, "no question is open at the end", str(list(facts.questions)))
        stopped = facts.status == "stopping" and data["outcome"] in ("stopped", "failed")
        aborted = facts.status == "aborting" and data["outcome"] == "aborted"
        other = facts.status not in ("stopping", "aborting", "recovering") and data["outcome"] in (
            "done",
            "failed",
        )
        text = f"{data['outcome']} in {facts.status}"
        require(stopped or aborted or other, "the outcome is what was asked for", text)
