"""Questions to the machine and what it says unasked.

Nothing here moves anything but `restart`, which stops it.
"""

from __future__ import annotations

import anyio

from labcore.errors import DeviceRefused, DeviceTimeout
from labcore.wire.lines import LineChannel
from labcore_gantry.profile import Profile
from labcore_gantry.trouble import Trouble
from labcore_gantry.wire import Alarm, Banner, Ok, Reader, Refused, Remark, Reply, Status

FIRST_ASK = 0.5  # s between questions while a controller starts
PASS_OVER = 5  # banners and alarms tolerated while asking how a machine stands


class Dialogue:
    """Ask and listen. The caller holds the channel's exchange."""

    def __init__(self, channel: LineChannel, profile: Profile) -> None:
        self._channel = channel
        self._profile = profile
        self._reader = Reader(profile)

    async def first_words(self) -> tuple[str, Status]:
        """Wait for a sign of life; return the banner, if one came, and the status.

        A controller that restarts when its port is opened says so, others answer the question.
        """
        banner = ""
        with anyio.move_on_after(self._profile.start_up_s):
            while True:
                await self._ask()
                match await self.reply(FIRST_ASK):
                    case Banner(text):
                        banner = text
                    case Status() as status:
                        return banner, status
                    case _:
                        pass
        line = self._profile.line
        settings = f"{line.baud} {line.bytesize}{line.parity}{line.stopbits}"
        raise DeviceTimeout(
            f"nothing that looks like {self._profile.title} answered in {self._profile.start_up_s:g} s",
            remedy=f"Check power, cable, port and line settings ({settings}).",
        )

    async def identify(self) -> str:
        """Return what the machine calls itself, "" if the profile knows no question or it does not say."""
        if not self._profile.identify:
            return ""
        name = ""
        await self._channel.send_line(self._profile.identify)
        while (reply := await self.reply(self._profile.timing.reply_s)) is not None:
            match reply:
                case Ok() | Refused():
                    break
                case Remark(text):
                    name = self._reader.identity(text) or name
                case _:
                    pass
        return name

    async def status(self) -> Status | None:
        """Ask for the status.

        None if there is no answer. Trouble if it restarted or locked itself meanwhile.
        """
        await self._ask()
        ends = anyio.current_time() + self._profile.timing.reply_s
        while (reply := await self.reply(ends - anyio.current_time())) is not None:
            if isinstance(reply, Status):
                return reply
            raise_if_stopped(reply)
        return None

    async def status_whatever_happened(self) -> Status | None:
        """Ask for the status and pass over banners and alarms."""
        for _ in range(PASS_OVER):
            try:
                return await self.status()
            except Trouble:
                continue
        return None

    async def until_still(self) -> Status | None:
        """Ask until nothing moves; return the last answer, None if there was none in time."""
        status = None
        with anyio.move_on_after(self._profile.timing.reply_s):
            while True:
                status = await self.status_whatever_happened()
                if status is not None and status.activity != "moving":
                    break
                await anyio.sleep(self._profile.status.poll_s)
        return status

    async def restart(self) -> bool:
        """Reset the controller and wait for its banner; say whether it came."""
        await self._channel.send_realtime(self._profile.stop.reset.encode("latin-1"))
        ends = anyio.current_time() + self._profile.timing.reply_s
        while (reply := await self.reply(ends - anyio.current_time())) is not None:
            if isinstance(reply, Banner):
                return True
        return False

    async def restarted_or_locked_meanwhile(self) -> bool:
        """Go through what arrived unasked and say whether a restart or an alarm was among it."""
        stale = [self._reader.read(text) for text in await self._channel.drop_stale()]
        return any(isinstance(reply, Banner | Alarm) for reply in stale)

    async def reply(self, within: float) -> Reply | None:
        """Return the next thing it says, None if it says nothing in `within` s."""
        if within <= 0:
            return None
        try:
            line = await self._channel.receive_within(within)
        except DeviceRefused:  # an endless line: noise
            return Remark("")
        return None if line is None else self._reader.read(line)

    async def _ask(self) -> None:
        await self._channel.send_realtime(self._profile.status.query.encode("latin-1"))


def raise_if_stopped(reply: Reply | None) -> None:
    """Raise Trouble if the machine says that it stopped by itself."""
    if isinstance(reply, Alarm):
        raise Trouble(
            "alarm",
            f"it stopped with alarm {reply.code}: {reply.meaning}",
            "Clear the cause; the next act homes it.",
        )
    if isinstance(reply, Banner):
        raise Trouble("restarted", "its controller restarted", "Check its power; the next act homes it.")
