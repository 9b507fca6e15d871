"""A conversation with a stirrer-hotplate: questions with answers, settings with read-back."""

from __future__ import annotations

import anyio

from labcore.errors import DeviceTimeout
from labcore.wire.lines import LineChannel
from labcore_namur import namur
from labcore_namur.namur import Output

ANSWER_WITHIN = 1.0  # s; the device answers in some 10 ms
TRIES = 2  # of a question; a question changes nothing


class Plate:
    """One connected plate. Nothing here decides; it asks and tells."""

    def __init__(self, channel: LineChannel) -> None:
        self._channel = channel

    async def name(self) -> str:
        """Return what the device calls itself. DeviceTimeout if it stays silent.

        A bare number is no name but a late answer to something else, perhaps to whoever was connected before.
        """
        async with self._channel.exchange():
            for _ in range(TRIES):
                await self._channel.drop_stale()
                await self._channel.send_line(namur.NAME)
                while (line := await self._channel.receive_within(ANSWER_WITHIN)) is not None:
                    if line.strip() and namur.parse(line) is None:
                        return line.strip()
        raise DeviceTimeout(
            f"nothing answered {namur.NAME} in {TRIES * ANSWER_WITHIN:g} s",
            remedy="Check power, cable, port, line settings (9600 7E1) and that the device is an IKA one.",
        )

    async def tell(self, command: str) -> None:
        """Send a command that is not answered."""
        async with self._channel.exchange():
            await self._channel.send_line(command)

    async def ask(self, command: str, channel: int) -> float:
        """Return the number that answers `command` for `channel`. DeviceTimeout if none comes."""
        value = await self.ask_if_answered(command, channel)
        if value is None:
            raise DeviceTimeout(f"{command} was not answered", remedy="Check power and cable.")
        return value

    async def ask_if_answered(self, command: str, channel: int, *, tries: int = TRIES) -> float | None:
        """Return the number that answers `command`, None if the device stays silent.

        Answers of other channels are late ones to other questions and are passed over.
        """
        async with self._channel.exchange():
            for _ in range(tries):
                await self._channel.drop_stale()
                await self._channel.send_line(command)
                with anyio.move_on_after(ANSWER_WITHIN):
                    return await self._answer(channel)
        return None

    async def echo(self, command: str, value: float) -> bool:
        """Send `command` and say whether the device echoed `value`."""
        async with self._channel.exchange():
            await self._channel.drop_stale()
            await self._channel.send_line(command)
            with anyio.move_on_after(ANSWER_WITHIN):
                while True:
                    answer = namur.parse(await self._channel.receive_line())
                    if answer is not None and answer.value == value:
                        return True
        return False

    async def is_on(self, output: Output) -> bool | None:
        """Say whether an output is on; None if the device does not tell (STATUS is not in every firmware)."""
        status = await self.ask_if_answered(namur.read_status(output), output, tries=1)
        if status is None:
            return None
        return {namur.ON: True, namur.OFF: False}.get(int(status))

    async def _answer(self, channel: int) -> float:
        while True:
            answer = namur.parse(await self._channel.receive_line())
            if answer is not None and answer.channel == channel:
                return answer.value
