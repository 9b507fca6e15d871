"""A stranger's pump for the crash tests: a driver and its simulator, which know labcore by its plugin contract only.

Wire: `D <serial> <from> <to> <mL>` is answered `OK <serial>` when the dose is over; `Q` is answered `DONE <serial>` of the
last dose that was carried out, so the pump is a witness. The simulator writes what it does into the shared world.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from labcore.capabilities import Act, Dosing, Outcome, Spot
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity
from labcore.plugin.driver import DriverOptions, Identity, Limit, SafeAct, Site
from labcore.wire.codec import LineCodec
from labcore.wire.lines import LineChannel

SECONDS = 2.0
ANSWER = 5.0


class Options(DriverOptions):
    tells: bool = True


class PumpDriver:
    capabilities: ClassVar[tuple[type, ...]] = (Dosing,)
    Options: ClassVar[type[Options]] = Options
    transport: ClassVar[Literal["link", "frames", "person"]] = "link"
    simulator: ClassVar[str] = "counting-pump"
    limits: ClassVar[dict[str, Limit]] = {}
    watchdog: ClassVar[tuple[str, ...]] = ()

    def __init__(self, site: Site, options: Options) -> None:
        self._site = site
        self._channel: LineChannel | None = None
        self._serial = 0
        if options.tells:
            self.became_of = self._became_of

    async def connect(self) -> Identity:
        from labcore.ports import LineSettings

        assert self._site.link is not None
        self._channel = LineChannel(await self._site.link.open(LineSettings()), LineCodec(b"\n"))
        self._serial = await self._done()
        return Identity("counting pump", detail={"doses": str(self._serial)})

    async def disconnect(self) -> None:
        if self._channel is not None:
            await self._channel.aclose()

    def safe(self) -> tuple[SafeAct, ...]:
        return ()

    def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        millilitres = volume.in_("mL")
        frame = f"D {self._serial + 1} {source.vessel} {target.vessel} {millilitres:g}"

        async def send() -> Outcome:
            assert self._channel is not None
            self._serial += 1
            async with self._channel.exchange():
                await self._channel.send_line(frame)
                answer = await self._channel.receive_within(ANSWER + SECONDS)
            if answer != f"OK {self._serial}":
                return Outcome("unknown", message=f"it answered {answer!r}")
            return Outcome("done", Interval.around(millilitres, relative=0.001))

        return Act((frame,), send, 30.0)

    prime = rinse = dispense

    async def _became_of(self, method: str, arguments: Mapping[str, Any], frames: tuple[str, ...]) -> Outcome:
        done = await self._done()
        return Outcome(
            "done" if done >= int(frames[0].split()[1]) else "not_started", evidence={"doses": done}
        )

    async def _done(self) -> int:
        assert self._channel is not None
        async with self._channel.exchange():
            await self._channel.send_line("Q")
            answer = await self._channel.receive_within(ANSWER)
        assert answer is not None
        return int(answer.split()[1])


class PumpSimulator:
    """`bug` in the lab's `world: {pump: {bug: ...}}`: twice (doses twice), lazy (says OK and does nothing), silent (keeps no record)."""

    line = None

    def __init__(self, world: Any, *, device: str, options: Any, lab: Any, seed: int) -> None:
        self._world, self._device = world, device
        self._bug = ((lab.get("world") or {}).get("pump") or {}).get("bug", "")
        self._buffer, self._out = b"", b""
        self._at_work: tuple[float, list[str]] | None = None
        self._extra = 0

    def opened(self, now: float) -> None:
        pass

    def feed(self, data: bytes, now: float) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            words = line.decode().split()
            if words[0] == "Q":
                self._out += f"DONE {self._doses()}\n".encode()
            else:
                self._at_work = (now + SECONDS, words)

    def poll(self, now: float) -> bytes:
        if self._at_work is not None and now >= self._at_work[0]:
            _, (_, serial, source, target, volume) = self._at_work
            self._at_work = None
            for _ in range({"twice": 2, "lazy": 0, "silent": 0}.get(self._bug, 1)):
                self._world.pour(
                    target,
                    self._world.draw(source, float(volume), now, by=self._device),
                    now,
                    by=self._device,
                )
            self._extra += self._bug in ("lazy", "silent")
            self._out += f"OK {serial}\n".encode()
        out, self._out = self._out, b""
        return out

    def due(self) -> float | None:
        return 0.0 if self._out else self._at_work[0] if self._at_work is not None else None

    def _doses(self) -> int:
        mine = [act for act in self._world.acts() if act["act"] == "pour" and act["by"] == self._device]
        return len(mine) + self._extra
