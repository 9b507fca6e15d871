"""Whether a write-ahead log has lost commits that were once on disk (https://sqlite.org/fileformat2.html#the_write_ahead_log).

SQLite reads a log up to the first frame whose checksum is wrong and drops the rest without a word. That is right for the
tail of a log that a power cut tore: nobody had been told that it was on disk. It is wrong for a log that was damaged later.
What follows the first bad frame tells one from the other. A frame's checksum goes on from the one stored in the frame
before, so that good frames are found behind a bad one. The log is *torn* if no commit ends in one, or only the commit of the
bad one, the last of the log; or if every event since is of a kind that rides along (decision 0019), and none is
missing in between: those were never waited for, and a disk may write them in any order. Otherwise it is *damaged*; so it is,
too, where nobody can tell.
"""

from __future__ import annotations

import struct
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from labcore.model.durability import RIDES_ALONG

# magic, version, page size, number of checkpoints, salt, salt, checksum, checksum
_HEADER = struct.Struct(">8I")
# page, pages after the commit that ends here or 0, salt, salt, checksum, checksum
_FRAME = struct.Struct(">6I")
HEADER_SIZE = _HEADER.size  # a log that is smaller holds nothing
_MAGIC = 0x377F0682  # one more if checksums take their words with the big end first
_PAGE_SIZES = frozenset(2**n for n in range(9, 17))
_PAGE_SIZE = 4096  # if the header does not tell
_LEAF = 0x0D  # a page with rows
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # bytes of a column, by its type
_KIND = 3  # which column of a row is the event's kind
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lost:
    """What a damaged log holds and SQLite does not read: good frames behind the bad one at byte `offset`.

    `events` are the kinds of the events in them, as far as they can be told, by position.
    """

    offset: int
    frames: int
    commits: int
    events: Mapping[int, str]


def what_is_lost(log: Path, kept: int) -> Lost | None:
    """Return what SQLite does not read of a log, None if it is whole or torn; `kept` is the last position that it reads."""
    data = log.read_bytes()
    if data.count(0) == len(data):
        return None  # room that was made for a log, and nothing in it yet
    found = _Log(data)
    if not found.ours or _is_read(found, kept):
        return None
    bad = found.first_bad()
    behind = [n for n in found.ours if n > bad and found.good(n)]
    if not any(found.commits(n) for n in behind) or behind[-1] <= found.end_of_commit(bad):
        return None
    events = {position: kind for n in behind for position, kind in found.rows(n) if position > kept}
    if events and _only_rode_along(found, range(kept + 1, max(events) + 1), events):
        return None
    return Lost(found.offset(bad), len(behind), sum(found.commits(n) for n in behind), events)


def _is_read(log: _Log, kept: int) -> bool:
    """Say whether SQLite reads what was written last; all before it, then, too."""
    last = log.ours[-1]
    return log.good(last) and kept >= max(dict(log.rows(last)), default=kept + 1)


def _only_rode_along(log: _Log, positions: range, events: Mapping[int, str]) -> bool:
    """Say whether every event at `positions` is of a kind that is not waited for.

    What no good frame tells a bad one may: what tore it does not make one kind into another.
    """
    perhaps = {position for n in log.ours for position, kind in log.rows(n) if kind in RIDES_ALONG}
    return RIDES_ALONG.issuperset(events.values()) and perhaps.union(events).issuperset(positions)


class _Log:
    """The frames of a log, by number; -1 stands for the header. `ours` are those of this use of the log, not of earlier ones."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        magic, _, size, _, *salts, first, second = _HEADER.unpack_from(data)
        known = magic & ~1 == _MAGIC
        self._big = bool(magic & 1) if known else sys.byteorder == "big"
        self._checksum = (first, second)
        self._header_is_good = (
            known and _checksum(data[: _HEADER.size - 8], (0, 0), self._big) == self._checksum
        )
        self._size = size if size in _PAGE_SIZES else _PAGE_SIZE
        self._count = (len(data) - _HEADER.size) // (_FRAME.size + self._size)
        if not self._header_is_good:
            salts = self._newest_salts()
        self.ours = [n for n in range(self._count) if any(salts) and self._frame(n)[2:4] == salts]

    def _newest_salts(self) -> list[int]:
        """Return the salts of the last use of the log, as its frames have them: the first salt counts the uses."""
        found = Counter((*self._frame(n)[2:4],) for n in range(self._count))
        return list(max((salts for salts, times in found.items() if times > 1), default=(0, 0)))

    def offset(self, number: int) -> int:
        """Return where a frame begins."""
        return _HEADER.size + number * (_FRAME.size + self._size) if number >= 0 else 0

    def _frame(self, number: int) -> list[int]:
        return list(_FRAME.unpack_from(self._data, self.offset(number)))

    def _page(self, number: int) -> bytes:
        start = self.offset(number) + _FRAME.size
        return self._data[start : start + self._size]

    def good(self, number: int) -> bool:
        """Say whether a frame of ours has the checksum that follows from the one before."""
        *_, first, second = self._frame(number)
        seed = self._checksum if number == 0 else (*self._frame(number - 1)[4:],)
        summed = self._data[self.offset(number) : self.offset(number) + 8] + self._page(number)
        return _checksum(summed, (seed[0], seed[1]), self._big) == (first, second)

    def commits(self, number: int) -> bool:
        """Say whether a commit ends with a frame."""
        return bool(self._frame(number)[1])

    def first_bad(self) -> int:
        """Return what SQLite stops at."""
        if not self._header_is_good:
            return -1
        whole = takewhile(lambda pair: pair[0] == pair[1] and self.good(pair[1]), enumerate(self.ours))
        return sum(1 for _ in whole)

    def end_of_commit(self, bad: int) -> int:
        """Return where the commit of a bad frame ends; one that does not even say whose it is may be a commit of its own."""
        ours = set(self.ours)
        return next(
            (n for n in range(max(bad, 0), self._count) if n not in ours or self.commits(n)), self._count
        )

    def rows(self, number: int) -> Iterator[tuple[int, str]]:
        """Yield position and kind of the events on a frame's page."""
        return _rows(self._page(number))


def _checksum(data: bytes, seed: Pair, big: bool) -> Pair:
    """Return SQLite's checksum of `data`, going on from `seed`."""
    first, second = seed
    for one, two in struct.iter_unpack(">II" if big else "<II", data):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second


def _rows(page: bytes) -> Iterator[tuple[int, str]]:
    """Yield position and kind of the events on a page, as far as it is one that holds events; a bad page holds anything."""
    if page[0] != _LEAF:
        return
    cells = page[8 : 8 + 2 * int.from_bytes(page[3:5], "big")]
    for n in range(0, len(cells) - 1, 2):
        with suppress(IndexError, UnicodeDecodeError):
            yield _row(page, int.from_bytes(cells[n : n + 2], "big"))


def _row(page: bytes, cell: int) -> tuple[int, str]:
    _, at = _varint(page, cell)
    position, at = _varint(page, at)
    length, next_type = _varint(page, at)
    start, sizes = at + length, list[int]()
    while len(sizes) <= _KIND:
        one, next_type = _varint(page, next_type)
        sizes.append(_SIZES[one] if one < len(_SIZES) else (one - 12) // 2)
    start += sum(sizes[:_KIND])
    return position, page[start : start + sizes[_KIND]].decode("ascii")


def _varint(page: bytes, at: int) -> Pair:
    """Return a number of up to 8 bytes of seven bits, and where it ends."""
    value = 0
    for length in range(1, 9):
        byte = page[at + length - 1]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + length
    raise IndexError(at)
