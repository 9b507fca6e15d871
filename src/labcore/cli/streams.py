"""The command's own stdin, stdout and stderr, made so that showing something can never stop doing something.

A reader that went away, a terminal that was closed or a full disk makes a stream silent, once told on the other one; a
letter that a terminal does not know is written as its escape; a stream that was closed before the start is an empty one.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

ESCAPES = "labcore-escapes"  # the error handler that keeps JSON readable: escapes as JSON writes them


class Outlet(io.RawIOBase):
    """The end of stdout or stderr that takes bytes and never fails.

    `patient` says to wait for a slow reader; otherwise what it does not take at once is dropped. `notice` is told to
    `other` when the stream is lost.
    """

    def __init__(self, raw: io.RawIOBase, name: str) -> None:
        self._raw = raw
        self._name = name
        self.other: Outlet | None = None
        self.patient = True
        self.notice = ""
        self.lost = False

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def fileno(self) -> int:
        """Return the descriptor below."""
        return self._raw.fileno()

    def isatty(self) -> bool:
        """Say whether somebody looks at it."""
        return not self.lost and self._raw.isatty()

    def write(self, data: Any) -> int:
        """Write, or drop what cannot be written."""
        size = len(memoryview(data))
        if self.lost:
            return size
        try:
            written = self._raw.write(data) if self.patient or _takes(self._raw.fileno()) else size
        except OSError as error:
            self._lose(error)
            return size
        return size if written is None else written

    def _lose(self, error: OSError) -> None:
        self.lost = True
        if self.notice and self.other is not None:
            text = (
                f"labcore: {self._name} takes nothing any more ({error.strerror or error}); {self.notice}\n"
            )
            self.other.write(text.encode("ascii", "replace"))


def _takes(descriptor: int) -> bool:
    """Say whether a write would not wait: a terminal held with Ctrl-S or a reader that sleeps takes nothing."""
    if os.name == "nt":
        return True  # only sockets can be asked there
    return bool(select.select([], [descriptor], [], 0)[1])


def prepare_streams() -> None:
    """Replace the process's streams; called once, before anything is printed."""
    codecs.register_error(ESCAPES, _escaped)
    if sys.stdin is None:  # the lowest free descriptor is taken: in this order each stream gets its own
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115  it lives as long as the process
    outlets = [_prepared(name) for name in ("stdout", "stderr")]
    if None not in outlets:
        outlets[0].other, outlets[1].other = outlets[1], outlets[0]  # type: ignore[union-attr]


def _prepared(name: str) -> Outlet | None:
    stream: TextIO | None = getattr(sys, name)
    if stream is None:
        setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  as above
        return None
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # an unbuffered stream has no buffer in between
    if not isinstance(raw, io.RawIOBase):  # somebody's own object: it is theirs to make safe
        return None
    with suppress(OSError):
        stream.flush()
    outlet = Outlet(raw, name)
    lines = name == "stderr" or stream.isatty() or raw is buffer
    below = io.BufferedWriter(outlet)
    setattr(sys, name, io.TextIOWrapper(below, stream.encoding, ESCAPES, line_buffering=lines))
    return outlet


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def outlet_of(stream: object) -> Outlet | None:
    """Return the outlet below a stream, None if it is not one of ours."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw if isinstance(raw, Outlet) else None


def is_heard() -> bool:
    """Say whether anybody still reads stdout."""
    outlet = outlet_of(sys.stdout)
    return outlet is None or not outlet.lost


def has_person() -> bool:
    """Say whether a person can type here."""
    return sys.stdin is not None and sys.stdin.isatty()


@contextmanager
def doing(notice: str, *, patient: bool) -> Iterator[None]:
    """While something goes on that must not wait for a screen: `notice` says so if a stream is lost."""
    found = [one for one in map(outlet_of, (sys.stdout, sys.stderr)) if one is not None]
    for one in found:
        one.notice, one.patient = notice, patient
    try:
        yield
    finally:
        for one in found:
            one.notice, one.patient = "", True
