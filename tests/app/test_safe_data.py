"""What a run keeps of its guard and of what is safe for its devices, for whoever comes after it."""

from __future__ import annotations

import json
import os
from typing import Any

import anyio
import pytest

from labcore.app.guard_files import guard_file, guards_of
from labcore.app.places import lab_folder
from labcore.app.safe_data import safe_acts, safe_states
from labcore.engine.guard_post import Post, frames_of
from labcore.plugin.driver import SafeAct
from labcore.wire.tcp_link import TcpLink

NAME = "A lab"
SAFE = {"at": "x", "safe": [{"output": "speed", "frames": ["53"], "breaks_in": "after_line"}]}
pytestmark = pytest.mark.usefixtures("state")


def test_a_safe_state_that_was_kept_is_sent_as_it_was() -> None:
    [act] = safe_acts(SAFE)
    assert (act.output, act.frames, act.breaks_in) == ("speed", (b"S",), "after_line")
    assert anyio.run(act.confirm) is False, "nobody knows whom to ask"
    assert safe_acts({}) == ()


def test_what_was_kept_of_a_safe_state_is_what_can_be_sent() -> None:
    async def yes() -> bool:
        return True

    post = Post("stirrer", TcpLink("127.0.0.1", 9, name="x"))
    post.safe = (
        SafeAct("temperature", (b"A\x00", b"B"), "bus_gap", yes),
        SafeAct("speed", (), "realtime", yes),
    )
    states = safe_states([post])
    assert states == {
        "stirrer": {
            "at": "x",
            "safe": [
                {"output": "temperature", "frames": ["4100", "42"], "breaks_in": "bus_gap"},
                {"output": "speed", "frames": [], "breaks_in": "realtime"},
            ],
        }
    }
    again = safe_acts(json.loads(json.dumps(states["stirrer"])))
    assert frames_of(again) == frames_of(post.safe)


def test_a_guard_file_that_cannot_be_read_hides_no_other(guard: Any) -> None:
    guard(lambda reply: None, "run-2")
    (lab_folder(NAME) / "guards" / "run-1.json").write_text("{", encoding="utf-8")
    (lab_folder(NAME) / "guards" / "run-3.json").write_text("[]", encoding="utf-8")
    (lab_folder(NAME) / "guards" / "run-4.part").write_text("{}", encoding="utf-8")
    [(path, one)] = guards_of(lab_folder(NAME))
    assert path == guard_file(NAME, "run-2") == lab_folder(NAME) / "guards" / "run-2.json"
    assert (one["pid"], one["lab"]) == (os.getpid(), NAME)
