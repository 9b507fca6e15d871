from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio

from labcore.adapters.loop import run_virtual
from labcore.ports import LineSettings
from labcore.wire.in_process import InProcessLink
from labcore.wire.wire_log import ACT, LoggedLink


def test_settings_times_and_bytes_of_both_directions(parrot: Callable[..., Any]) -> None:
    lines: list[str] = []

    async def job() -> None:
        link = LoggedLink(InProcessLink(parrot(0.5), "sim://parrot"), lines.append)
        assert link.name == "sim://parrot"
        stream = await link.open(LineSettings(9600, 7, "E", 1))
        await anyio.sleep(1)
        await stream.send(b"IN_NAME \r\n")
        await stream.receive()
        sending = ACT.set("act-3")
        await stream.send(b"START_4 \r\n")
        ACT.reset(sending)
        await stream.aclose()
        await stream.aclose()

    run_virtual(job)
    port = {"port": "sim://parrot"}
    data = {**port, "hex": "49 4e 5f 4e 41 4d 45 20 0d 0a", "text": "IN_NAME \\r\\n"}
    assert [json.loads(line) for line in lines] == [
        {"t": 0.0, **port, "dir": "open", "baud": 9600, "bytesize": 7, "parity": "E", "stopbits": 1},
        {"t": 1.0, "dir": "out", **data},
        {"t": 1.5, "dir": "in", **data},
        {
            "t": 1.5,
            "dir": "out",
            **port,
            "act": "act-3",
            "hex": "53 54 41 52 54 5f 34 20 0d 0a",
            "text": "START_4 \\r\\n",
        },
        {"t": 1.5, **port, "dir": "close"},
    ]
    assert all("\n" not in line for line in lines)
