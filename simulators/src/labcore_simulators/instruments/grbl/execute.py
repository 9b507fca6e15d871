"""Carries out what a line of g-code asks, in the order and with the waits of the firmware.

Moves are queued; spindle, coolant and dwell first let the queue run empty, as GRBL's buffer synchronisation
does.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from .gcode import Operation

if TYPE_CHECKING:
    from .controller import Controller


class Executor:
    """The operations of the line under way, and the two outputs. `spindle` in rpm, 0 if it stands."""

    def __init__(self, board: Controller) -> None:
        self.board = board
        self.operations: deque[Operation] = deque()
        self.spindle = 0.0
        self.flood = False

    @property
    def outputs(self) -> str:
        """The letters of running outputs in a status report."""
        return ("S" if self.spindle else "") + ("F" if self.flood else "")

    def stop(self, at: float) -> None:
        """Forget what is left of the line and take both outputs back."""
        self.operations.clear()
        if self.spindle or self.flood:
            self.board.machine.outputs_off(at)
        self.spindle, self.flood = 0.0, False

    def step(self, now: float) -> bool:
        """Carry out the next operation; False if it has to wait."""
        operation = self.operations[0]
        if operation.kind == "move":
            return self._queue(operation, now)
        if not self.board.drive.planner.idle:
            return False
        self.operations.popleft()
        match operation.kind:
            case "spindle":
                self._set_spindle(operation, now)
            case "coolant":
                self._set_coolant(operation.word == "M8", now)
            case "dwell":
                self.board.dwells = now + min(operation.value, 1e6)
            case "pause":
                self.board.pause()
            case "end":
                self.board.out.say("[MSG:Pgm End]\r\n")
            case _:
                self.board.report.wait["wco"] = 0
        return True

    def _set_spindle(self, operation: Operation, now: float) -> None:
        # A speed of zero is a standing spindle, whatever M3 says (variable spindle build).
        speed = operation.value if operation.word in ("M3", "M4") else 0.0
        settings = self.board.settings
        self.spindle = max(min(speed, settings[30]), settings[31]) if speed > 0 else 0.0
        self.board.machine.spindle(self.spindle > 0, now)
        self.board.report.wait["overrides"] = 0

    def _set_coolant(self, flood: bool, now: float) -> None:
        self.board.machine.coolant(flood, now)
        self.flood = flood
        self.board.report.wait["overrides"] = 0

    def _queue(self, operation: Operation, now: float) -> bool:
        board, drive = self.board, self.board.drive
        if board.settings.flag(20) and self.outside(operation):
            self.operations.clear()
            board.refuse_motion(now)
            return False
        if not drive.planner.free:
            return False
        self.operations.popleft()
        move = drive.plan(operation, drive.end)
        if move is not None:
            drive.planner.moves.append(move)
            board.state = "Jog" if operation.jog else "Run"
            drive.start(now)
        return True

    def outside(self, operation: Operation) -> bool:
        """Return whether a target lies outside the travel (0 to $130..132)."""
        travel = self.board.settings.vector(130)
        return any(not -1e-9 <= v <= t + 1e-9 for v, t in zip(operation.target, travel, strict=True))
