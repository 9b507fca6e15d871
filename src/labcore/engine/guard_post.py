"""What the guard keeps about one device: its open line, and its safe state as data.

The safe state is a driver's answer and may change (a gantry that carries a vessel must not be reset). It is therefore asked
for on the loop's thread, in the driver's own flow, just before each of its sends: whatever the driver knows when bytes go
out, the guard knows, and driver code never runs in the guard's thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import ContextVar

from labcore.errors import DeviceRefused, LinkLost
from labcore.plugin.driver import SafeAct
from labcore.ports import ByteStream, LineSettings, Link

STOPPING: ContextVar[bool] = ContextVar("stopping", default=False)  # may send although the line is closed
REPLY_GAP = 0.02  # s after our last frame on a bus: somebody may be answering it
BUS_GAP = 0.005  # s after the last byte heard there
Changed = Callable[["Post"], None]


class Post:
    """One device as the guard sees it.

    `closed` says why nothing but what stops the device may be sent any more, "" while anything may. Concurrency: `send_safe`
    and `close` from any thread, the rest on the loop's.
    """

    def __init__(self, name: str, link: Link) -> None:
        self.name = name
        self.safe: tuple[SafeAct, ...] = ()
        self.closed = ""
        self._link = link
        self._stream: ByteStream | None = None
        self._ask: Callable[[], tuple[SafeAct, ...]] = tuple
        self._changed: Changed | None = None
        self.was_sent = False  # safe frames went out on this line
        self.torn = False  # a send was begun and is not known to have ended
        self.sent_at = self.heard_at = float("-inf")

    @property
    def link(self) -> Link:
        """The link for the driver's site: everything that goes over it is seen here."""
        return _PostedLink(self, self._link)

    @property
    def address(self) -> str:
        """Where the device is."""
        return self._link.name

    @property
    def heats(self) -> bool:
        """Say whether its safe state switches heat off: that goes first."""
        return any(one.output == "temperature" for one in self.safe)

    def keep(self, ask: Callable[[], tuple[SafeAct, ...]]) -> None:
        """Say who knows the safe state (`Driver.safe`)."""
        self._ask = ask

    def watch(self, changed: Changed | None) -> None:
        """Keep the safe state fresh from now on, and tell of every change of its frames; None: stop doing so."""
        self._changed = changed
        self.refresh()

    def refresh(self) -> None:
        """Ask the driver for its safe state; a driver that cannot tell leaves what it told before."""
        if self._changed is None:
            return
        before = frames_of(self.safe)
        try:
            self.safe = heat_first(_usable(self._ask()))
        except Exception:  # a driver is a plugin, and this happens in the middle of its own sending
            return
        if frames_of(self.safe) != before:
            self._changed(self)

    def opened(self, stream: ByteStream | None) -> None:
        """Take note of the open line, None when it is closed."""
        self._stream = stream
        if stream is not None:
            self.refresh()

    def send_safe(self, acts: tuple[SafeAct, ...] | None = None) -> None:
        """Send the frames of the safe state, or of `acts`, with plain blocking writes. LinkLost if that fails."""
        stream = self._stream
        if stream is None:
            raise LinkLost(f"{self.name}: its line is not open", device=self.name)
        for act in self.safe if acts is None else acts:
            for data in self._writes(act):
                stream.urgent(data)
                self.was_sent = True

    def _writes(self, act: SafeAct) -> list[bytes]:
        if act.breaks_in == "bus_gap":
            self._await_gap()
            return list(act.frames)
        whole = b"".join(act.frames)
        if act.breaks_in == "after_line" and self.torn and whole:
            whole = _line_end(whole) + whole  # a line that was begun must not swallow ours
        return [whole] if whole else []

    def _await_gap(self) -> None:
        quiet = max(self.sent_at + REPLY_GAP, self.heard_at + BUS_GAP)
        threading.Event().wait(max(0.0, quiet - time.monotonic()))


class _PostedLink:
    """`ports.Link` that tells its post what happens."""

    def __init__(self, post: Post, link: Link) -> None:
        self._post = post
        self._link = link

    @property
    def name(self) -> str:
        """Say where this leads."""
        return self._link.name

    async def open(self, line: LineSettings) -> ByteStream:
        """Open and tell."""
        stream = await self._link.open(line)
        self._post.opened(stream)
        return _PostedStream(self._post, stream)


class _PostedStream:
    """`ports.ByteStream` that keeps its post up to date, and sends nothing but what stops once the post is closed."""

    def __init__(self, post: Post, stream: ByteStream) -> None:
        self._post = post
        self._stream = stream

    async def send(self, data: bytes) -> None:
        """Send, unless the emergency stop closed the line."""
        post = self._post
        if post.closed and not STOPPING.get():
            raise DeviceRefused(f"{post.name}: {post.closed}; only what stops it is sent", device=post.name)
        post.refresh()
        post.torn = True
        await self._stream.send(data)
        post.torn, post.sent_at = False, time.monotonic()

    async def receive(self, limit: int = 4096) -> bytes:
        """Receive."""
        data = await self._stream.receive(limit)
        self._post.heard_at = time.monotonic()
        return data

    def urgent(self, data: bytes) -> None:
        """Write now."""
        self._stream.urgent(data)

    async def aclose(self) -> None:
        """Close and tell."""
        self._post.opened(None)
        await self._stream.aclose()


def _usable(acts: tuple[SafeAct, ...]) -> tuple[SafeAct, ...]:
    """Return safe acts as they are; TypeError if their frames are no bytes."""
    for act in acts:
        b"".join(act.frames)
    return acts


def heat_first(acts: tuple[SafeAct, ...]) -> tuple[SafeAct, ...]:
    """Return safe acts with those against heat in front."""
    return tuple(sorted(acts, key=lambda one: one.output != "temperature"))


def frames_of(acts: tuple[SafeAct, ...]) -> tuple[tuple[str, tuple[bytes, ...], str], ...]:
    """Return what of safe acts is data."""
    return tuple((one.output, one.frames, one.breaks_in) for one in acts)


def printable(acts: tuple[SafeAct, ...]) -> tuple[str, ...]:
    """Return the frames of safe acts as people can read them."""
    frames = (frame for one in acts for frame in one.frames)
    return tuple(frame.decode("latin-1").strip().encode("unicode_escape").decode("ascii") for frame in frames)


def _line_end(frame: bytes) -> bytes:
    """Return the line end that a frame carries."""
    return frame[len(frame.rstrip(b"\r\n")) :] or b"\r\n"
