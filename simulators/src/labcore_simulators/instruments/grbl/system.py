"""GRBL's `$` commands. Source: gnea/grbl, doc/markdown/commands.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import reports
from .gcode import GcodeError
from .settings import DEFAULTS

if TYPE_CHECKING:
    from .controller import Controller

_STORE = re.compile(r"\$([+-]?(?:\d+\.?\d*|\.\d+))?(=)?([+-]?(?:\d+\.?\d*|\.\d+))?(.*)", re.DOTALL)


def answer(board: Controller, line: str, now: float) -> int | None:
    """Carry out a `$` line; return its error number, 0 for `ok`, None if the answer comes later."""
    if line == "$":
        board.out.say(reports.HELP)
        return 0
    if line.startswith("$J"):
        return _jog(board, line)
    if line[1] in "$GCX":
        return _anytime(board, line, now)
    if board.state not in ("Idle", "Alarm"):
        return 8
    return _at_rest(board, line, now)


def _jog(board: Controller, line: str) -> int | None:
    if board.state not in ("Idle", "Jog"):
        return 8
    if not line.startswith("$J="):
        return 3
    try:
        operation = board.interpreter.jog(line[3:])
    except GcodeError as refused:
        return refused.number
    if board.settings.flag(20) and board.executor.outside(operation):
        return 15
    board.interpreter.position = operation.target
    board.executor.operations.append(operation)
    board.running_line = True
    return None


def _anytime(board: Controller, line: str, now: float) -> int | None:
    if len(line) != 2:
        return 3
    if line == "$$":
        if board.state in ("Run", "Hold"):
            return 8
        board.out.say(board.settings.listing())
    elif line == "$G":
        board.out.say(reports.modes(board.interpreter))
    elif line == "$X" and board.state == "Alarm":
        board.out.say("[MSG:Caution: Unlocked]\r\n")
        board.state = "Idle"
    elif line == "$C":
        return _check_mode(board, now)
    return 0


def _check_mode(board: Controller, now: float) -> int | None:
    if board.state == "Check":
        board.out.say("[MSG:Disabled]\r\nok\r\n")
        board.reset(now)
        return None
    if board.state != "Idle":
        return 8
    board.state = "Check"
    board.out.say("[MSG:Enabled]\r\n")
    return 0


def _at_rest(board: Controller, line: str, now: float) -> int | None:
    if line[1] == "#":
        if line != "$#":
            return 3
        board.out.say(reports.parameters(board.interpreter))
        return 0
    if line[1] == "H":
        return _home(board, line, now)
    if line == "$I":
        board.out.say(reports.BUILD)
        return 0
    if line == "$SLP":
        board.executor.stop(now)
        board.out.say("ok\r\n[MSG:Sleeping]\r\n")
        board.state = "Sleep"
        return None
    if line.startswith("$R"):
        return _restore(board, line, now)
    if line == "$N":
        board.out.say("$N0=\r\n$N1=\r\n")
        return 0
    return _store(board, line)


def _home(board: Controller, line: str, now: float) -> int | None:
    if not board.settings.flag(22):
        return 5
    if line != "$H":
        return 3
    board.state = "Home"
    board.running_line = True
    board.drive.home(now)
    return None


def _restore(board: Controller, line: str, now: float) -> int | None:
    if line not in ("$RST=$", "$RST=#", "$RST=*"):
        return 3
    if line != "$RST=#":
        board.settings.values = dict(DEFAULTS)
    if line != "$RST=$":
        board.interpreter.stored.clear()
    board.out.say("[MSG:Restoring defaults]\r\nok\r\n")
    board.reset(now)
    return None


def _store(board: Controller, line: str) -> int:
    match = _STORE.match(line)
    if match is None or match[1] is None:
        return 2 if line[1] not in "NIS" else 3
    if match[2] is None:
        return 3
    if match[3] is None:
        return 2
    if match[4] or float(match[1]) > 255 or float(match[1]) < 0:
        return 3
    return board.settings.store(int(float(match[1])), float(match[3]))
