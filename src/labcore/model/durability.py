"""Which events need the disk's word before anybody goes on, and which may ride along with the next that does.

Everything survives the death of the process at once. A power cut may take events that ride along, always the last ones
of the journal and none older than a moment. Intents, questions, answers and whatever controls a run are never among them.
A settlement may be: then nobody knows what became of that act, and recovery asks. The others make a resumed run read,
test or begin again what moves nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from labcore.model.event import Event

RIDES_ALONG = frozenset(
    {
        "step_started", "step_ended", "round_started", "rounds_missed", "condition_tested", "settled", "observed",
        "image_taken",
    }
)  # fmt: skip


def rides_along(events: Iterable[Event]) -> bool:
    """Say whether all of `events` may wait for a later commit to reach the disk."""
    return all(event.body.kind in RIDES_ALONG for event in events)
