"""Play one seed in a folder of its own, bounded in real time."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from campaign.facts import Broken
from campaign.lives import Story, Verdict
from campaign.scenario import Scenario, draw

LIMIT = 240.0  # s of real time


def play(scenario: Scenario) -> Verdict:
    """Play a scenario, in a thread: a run on the main thread would take Ctrl-C for its own."""
    with tempfile.TemporaryDirectory(prefix="campaign-", ignore_cleanup_errors=True) as folder:
        story = Story(scenario, Path(folder))
        crash: list[BaseException] = []

        def job() -> None:
            try:
                story.play()
            except BaseException as error:
                crash.append(error)

        thread = threading.Thread(target=job, daemon=True)
        thread.start()
        thread.join(LIMIT)
        if thread.is_alive():
            story.verdict.failure = Broken("nothing waits for ever", f"more than {LIMIT:g} s of real time")
        for error in crash:
            raise error
        return story.verdict


def play_seed(seed: int) -> tuple[Verdict, float]:
    """Draw and play a seed; return the verdict and the CPU time it took, s."""
    began = time.process_time()
    verdict = play(draw(seed))
    return verdict, time.process_time() - began


def shrunk(scenario: Scenario, rule: str) -> Scenario:
    """Return the scenario with as little trouble as still breaks the same rule."""
    for smaller in scenario.smaller():
        failure = play(smaller).failure
        if failure is not None and failure.rule == rule:
            return shrunk(smaller, rule)
    return replace(scenario)
