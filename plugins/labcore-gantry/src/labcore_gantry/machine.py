"""Carrying out a program: one line at a time, each watched to its end."""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from labcore.errors import DeviceTimeout
from labcore.wire.lines import LineChannel
from labcore_gantry.amounts import Progress
from labcore_gantry.dialogue import Dialogue, raise_if_stopped
from labcore_gantry.profile import Profile
from labcore_gantry.program import Known, Line, patience
from labcore_gantry.trouble import Trouble, Why
from labcore_gantry.wire import Ok, Refused, Status

SHORT = 1.0  # s; idle but not yet where it should be: for this long it may not have begun
XY_TOLERANCE = 0.1  # mm
WATCHED = ("travel", "draw", "push", "discard", "home")  # kinds of line whose end the status proves


class Machine:
    """One connected machine. `known` is what it is believed to do, kept up to date by everything it says."""

    def __init__(self, channel: LineChannel, profile: Profile) -> None:
        self._channel = channel
        self._profile = profile
        self._talk = Dialogue(channel, profile)
        self.known = Known()

    async def start(self) -> tuple[str, Status]:
        """Find out who is there and how it stands, moving nothing; return its name and status."""
        async with self._channel.exchange():
            banner, status = await self._talk.first_words()
            if status.activity == "moving":  # it goes on with what it was told before the connection broke
                status = await self._talk.until_still() or status
            if status.activity == "moving":
                raise DeviceTimeout(
                    "it moves and does not say who it is.", remedy="Wait until it stands still."
                )
            name = await self._talk.identify() if status.activity in ("idle", "alarm") else ""
        self._learn(status)
        return f"{self._profile.firmware} {name}" if name else banner, status

    def lost(self) -> None:
        """Take note that the connection is gone: nothing is known any more."""
        self.known = Known()

    # ---------------------------------------------------------------------------------------- acting
    async def perform(self, lines: Sequence[Line], progress: Progress) -> None:
        """Send a program line by line and see each to its end.

        Raises Trouble if it could not go on; `progress` says how far it came.
        """
        async with self._channel.exchange():
            try:
                await self._ready(lines)
                for number, line in enumerate(lines):
                    progress.sent += 1
                    await self._carry_out(line, progress)
                    progress.finished += 1
                    if line.kind == "reset" and lines[number + 1].kind != "home":
                        await self._as_prepared(lines)
            except Trouble as trouble:
                await self._look(trouble)
                raise

    async def _ready(self, lines: Sequence[Line]) -> None:
        """Make sure that the machine is as it was when the program was written.

        Nothing that moves is sent.
        """
        if await self._talk.restarted_or_locked_meanwhile():
            self.known = Known()
        if lines[0].kind not in ("reset", "home"):
            await self._as_prepared(lines)

    async def _as_prepared(self, lines: Sequence[Line]) -> None:
        status = await self._talk.status()
        if status is None:
            raise Trouble("silent", "it does not answer", "Check power and cable.")
        _check_offset(status)
        plunger = next((line.start for line in lines if line.moves_plunger), status.z)
        moved = abs(status.z - plunger) > self._profile.plunger.tolerance_mm
        if status.activity != "idle" or moved or self.known.reset_first:
            self._learn(status)
            what = f"its plunger is at {status.z:g} mm" if moved else f"it says {status.state}"
            message = f"it changed since the act was prepared: {what}"
            raise Trouble("not_ready", message, "Repeat the step.", status)

    async def _carry_out(self, line: Line, progress: Progress) -> None:
        if line.kind == "reset":
            if not await self._talk.restart():
                raise Trouble("silent", "it did not restart on a reset", "Check power and cable.")
            return
        ends = anyio.current_time() + patience(line, self._profile)
        await self._channel.send_line(line.text)
        await self._until_ok(line, ends)
        if line.kind in WATCHED:
            status = await self._until_there(line, ends)
            self._learn(status)
            if line.moves_plunger:
                progress.readings.append(status.z)

    async def _until_ok(self, line: Line, ends: float) -> None:
        while True:
            reply = await self._talk.reply(ends - anyio.current_time())
            match reply:
                case Ok():
                    return
                case Refused(code, meaning):
                    raise Trouble("refused", f"it refused {line.text!r} with error {code}: {meaning}")
                case None:
                    raise Trouble("silent", f"it did not answer {line.text!r}", "Check power and cable.")
                case _:
                    raise_if_stopped(reply)

    async def _until_there(self, line: Line, ends: float) -> Status:
        settings = self._profile.status
        started = anyio.current_time()
        while True:
            left = started + line.seconds - anyio.current_time()
            pause = min(max(left, settings.poll_s), settings.poll_longest_s)
            raise_if_stopped(await self._talk.reply(pause))
            status = await self._talk.status()
            if status is None:
                message = f"it does not answer while it should do {line.text!r}"
                raise Trouble("silent", message, "Check power and cable.")
            if status.activity == "idle" and self._arrived(line, status):
                return status
            self._raise_if_stuck(line, status, started, ends)

    def _raise_if_stuck(self, line: Line, status: Status, started: float, ends: float) -> None:
        if status.activity in ("held", "alarm"):
            why: Why = "held" if status.activity == "held" else "alarm"
            raise Trouble(why, f"it says {status.state} instead of doing {line.text!r}", at=status)
        now = anyio.current_time()
        if now > ends or (status.activity == "idle" and now > started + line.seconds + SHORT):
            where = f"X {status.x:g} Y {status.y:g} Z {status.z:g} mm ({status.state})"
            raise Trouble("short", f"it is at {where}, and not where {line.text!r} leads", at=status)

    def _arrived(self, line: Line, status: Status) -> bool:
        if line.moves_plunger:
            return abs(status.z - line.end) <= self._profile.plunger.tolerance_mm
        if line.xy is not None:
            return max(abs(status.x - line.xy[0]), abs(status.y - line.xy[1])) <= XY_TOLERANCE
        return True

    # ---------------------------------------------------------------------------------------- stopping
    async def halt(self) -> Status | None:
        """Stop motion now and abandon what is queued; return where it stopped, None if it does not say.

        Feed hold first, because a controller that is reset in motion loses its position.
        """
        await self._hold()
        async with self._channel.exchange():
            status = await self._talk.until_still()
            if status is None:
                self.known = Known()
                return None
            if status.activity in ("held", "moving"):
                await self._talk.restart()
                after = await self._talk.status_whatever_happened()
                self.known = Known(after.activity, None, status.z, False) if after else Known()
            return status if status.activity != "moving" else None

    async def stands_still(self) -> bool:
        """Ask whether nothing moves (idle, held or locked by an alarm), and take note of how it stands."""
        async with self._channel.exchange():
            status = await self._talk.until_still()
        if status is None or status.activity == "moving":
            return False
        self._learn(status)
        return True

    async def _hold(self) -> None:
        await self._channel.send_realtime(self._profile.stop.hold.encode("latin-1"))

    async def _look(self, trouble: Trouble) -> None:
        """Find out how the machine stands after trouble, and stop it if it still moves."""
        if trouble.why == "restarted":
            self.known = Known()
            return
        status = trouble.at or await self._talk.status_whatever_happened()
        if status is not None and status.activity == "moving":
            await self._hold()
            status = await self._talk.until_still()
        trouble.at = status
        if status is None or trouble.why == "alarm":
            self.known = Known()
        else:
            self._learn(status)

    def _learn(self, status: Status) -> None:
        plunger = None if status.activity == "alarm" else status.z
        self.known = Known(status.activity, (status.x, status.y), plunger, reset_first=False)


def _check_offset(status: Status) -> None:
    if status.offset is not None and any(abs(part) > XY_TOLERANCE for part in status.offset):
        raise Trouble(
            "not_ready",
            f"it works with an offset of {status.offset} mm, so places are not where they seem",
            "Clear it with `G10 L2 P1 X0 Y0 Z0` and `G92.1`.",
            status,
        )
