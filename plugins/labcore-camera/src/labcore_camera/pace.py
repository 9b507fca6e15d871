"""Tell live frames from backlog by their rhythm. Pure: times in, verdicts out.

A stream keeps frames that nobody fetched (socket, decoder): measured 2 s idle, then frame 2 where the sender
was at 42. OpenCV cannot say how many wait, and BUFFERSIZE is refused by its FFmpeg back end, but backlog
betrays itself: it comes much faster than the camera's own rhythm.
"""

from __future__ import annotations

from collections import deque
from statistics import median

MEMORY = 15  # intervals the rhythm is taken from
ENOUGH = 3
HASTE = 0.5  # a read shorter than this share of the rhythm gave backlog


class Pace:
    """Judge each frame of one connection. Times in s on any one clock."""

    def __init__(self, connected: float, settle: float) -> None:
        self._settled_at = connected + settle
        self._settle = settle
        self._intervals: deque[float] = deque(maxlen=MEMORY)
        self._previous: float | None = None
        self._hasty_since: float | None = None

    def live(self, began: float, ended: float) -> bool:
        """Say whether the frame that a read from `began` to `ended` gave came straight from the camera."""
        interval = None if self._previous is None else ended - self._previous
        self._previous = ended
        if began < self._settled_at:
            return False
        if interval is None:
            return True
        if self._is_hasty(ended - began) and not self._is_new_rhythm(began, ended):
            return False
        self._hasty_since = None
        self._intervals.append(interval)
        return True

    def _is_hasty(self, waited: float) -> bool:
        """Say whether a read ended too soon: what it gave lay ready, perhaps since the reader was held up."""
        return len(self._intervals) >= ENOUGH and waited < HASTE * median(self._intervals)

    def _is_new_rhythm(self, began: float, ended: float) -> bool:
        """Haste that lasts is no backlog: buffers are finite, so the camera itself has become faster."""
        if self._hasty_since is None:
            self._hasty_since = began
        if ended - self._hasty_since <= self._settle:
            return False
        self._intervals.clear()
        return True
