"""labcore in the kill experiment: begin a run of doses on the pump, or take over one that was killed.

usage: subject_kill.py FOLDER PORT begin|policy|person|report
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from assembly import MemoryDoser
from texts import DOSES, pump_lab, pump_protocol

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.app.api import check, how_to_run, recover, run_checked
from labcore.app.interrupted import read_interrupted
from labcore.app.opening import open_run
from labcore.capabilities import Act, Outcome, Spot
from labcore.model.event import Intended, Settled
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Identity
from labcore.ports import LineSettings
from labcore.records.run_folder import find_run
from labcore.wire.codec import LineCodec
from labcore.wire.lines import LineChannel

MICROLITRES = 1e-3  # mL


class PumpDriver(MemoryDoser):
    """Dose number n is n microlitres. The pump cannot tell what became of a dose: a person reads its counter."""

    transport: ClassVar[Literal["link", "frames", "person"]] = "link"  # type: ignore[assignment]

    def __init__(self, site: Any, options: Any) -> None:
        super().__init__(site, options)
        self._site = site

    async def connect(self) -> Identity:
        """Open the line."""
        stream = await self._site.link.open(LineSettings())
        self._channel = LineChannel(stream, LineCodec(b"\n"))
        return Identity("a pump that counts")

    async def disconnect(self) -> None:
        """Close the line."""
        await self._channel.aclose()

    def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Give one dose."""
        command = f"DOSE {round(volume.in_('mL') / MICROLITRES)}"

        async def send() -> Outcome:
            async with self._channel.exchange():
                await self._channel.send_line(command)
                await self._channel.receive_line()
            return Outcome("done", Interval.around(volume.in_("mL"), relative=0.01))

        return Act((command,), send, 30.0)

    prime = rinse = dispense


CATALOG = EntryPointCatalog({("drivers", "counting-pump"): PumpDriver})  # type: ignore[dict-item]


def begin(folder: Path, port: int) -> None:
    """Start the run."""
    protocol, lab = folder / "protocol.yaml", folder / "lab.yaml"
    protocol.write_text(pump_protocol())
    lab.write_text(pump_lab(port))
    checked = check(protocol, lab=lab, catalog=CATALOG)
    run_checked(checked, how_to_run(checked, simulate=False, speed=None, seed=None, data=folder))


def take_over(folder: Path, port: int, *, person: bool) -> None:
    """Resume the run; what became of the open act is what the pump's counter says, or stays unknown."""
    said: Mapping[str, str] = {}
    if person:
        open_acts = read_interrupted(find_run(folder, "last")).state.intents.values()
        said = {intent.act: _looked_up(intent, port) for intent in open_acts}
    recover("last", data=folder, said=said, decision="resume", by="bench", catalog=CATALOG)


def report(folder: Path) -> dict[str, Any]:
    """Return what the record claims of every dose: done, unknown or nothing, and how the run ended."""
    run = open_run("last", data=folder)
    doses: dict[str, int] = {}
    claimed = dict.fromkeys(range(1, DOSES + 1), "")
    for event in run.record.events():
        if isinstance(event.body, Intended):
            doses[event.body.act] = _number(event.body)
        elif isinstance(event.body, Settled):
            claimed[doses[event.body.act]] = event.body.status
    return {"ended": run.word, "claimed": claimed}


def _looked_up(intent: Intended, port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(f"COUNT {_number(intent)}\n".encode())
        return "done" if int(line.makefile().readline()) else "not started"


def _number(intent: Intended) -> int:
    return int(intent.frames[0].split()[1])


def main() -> None:
    """Do what the command line says."""
    folder, port, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    match what:
        case "begin":
            begin(folder, port)
        case "policy" | "person":
            take_over(folder, port, person=what == "person")
        case "report":
            print(json.dumps(report(folder)))


if __name__ == "__main__":
    main()
