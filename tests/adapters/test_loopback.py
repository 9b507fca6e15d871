"""Requests over the loopback socket: who is heard, who is not, and that nobody keeps the others waiting."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.loopback import HOST, LARGEST, MOST, Loopback, Reply, _Caller
from labcore.adapters.loopback_client import LARGEST_REPLY, NoAnswer, ask, publish, read_address, withdraw


class Desk:
    """Answers with what it was asked."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.late: list[Reply] = []

    def take(self, request: Mapping[str, Any], reply: Reply) -> None:
        self.heard.append(dict(request))
        if request.get("ask") == "twice":
            reply({"first": True}, last=False)
        if request.get("ask") == "never":
            self.late.append(reply)
            return
        reply({"said": request.get("ask")})


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def loopback(desk: Desk) -> Iterator[Loopback]:
    served = Loopback(desk.take)
    served.start()
    yield served
    served.close()


def raw(loopback: Loopback, data: bytes, *, more: bool = False) -> bytes:
    """Send bytes as they are and return all that comes back."""
    with socket.create_connection((HOST, loopback.address["port"]), timeout=5) as line:
        said = b""
        with suppress(OSError):  # whoever is too long is hung up on while still talking
            line.sendall(data)
            if not more:
                line.shutdown(socket.SHUT_WR)
            while part := line.recv(4096):
                said += part
        return said


def test_an_answer_comes_back(loopback: Loopback, desk: Desk) -> None:
    assert list(ask(loopback.address, {"ask": "hello"}, first=5, within=5)) == [{"said": "hello"}]
    assert list(ask(loopback.address, {"ask": "twice"}, first=5, within=5)) == [
        {"first": True},
        {"said": "twice"},
    ]
    assert [one["ask"] for one in desk.heard] == ["hello", "twice"]
    assert all("token" not in one for one in desk.heard)


@pytest.mark.parametrize("token", ["", "0" * 64, "ä", None, 5])
def test_another_token_is_refused(loopback: Loopback, desk: Desk, token: Any) -> None:
    address = {**loopback.address, "token": token}
    [answer] = ask(address, {"ask": "stop"}, first=5, within=5)
    assert "token" in answer["refused"]
    assert desk.heard == []


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"[1]\n",
        b'"x"\n',
        b"\xff\xfe\n",
        b"{" * (LARGEST + 1),
        b'{"ask": 1}',
    ],
)
def test_what_is_no_request_is_refused(loopback: Loopback, desk: Desk, data: bytes) -> None:
    assert b"refused" in raw(loopback, data) or len(data) > LARGEST
    assert desk.heard == []
    assert list(ask(loopback.address, {"ask": "still there"}, first=5, within=5)) == [{"said": "still there"}]


def test_an_oversized_request_is_not_taken_even_with_the_token(loopback: Loopback, desk: Desk) -> None:
    request = {"ask": "x", "why": "y" * LARGEST, "token": loopback.address["token"]}
    raw(loopback, json.dumps(request).encode() + b"\n")
    assert desk.heard == []


def test_a_caller_that_does_not_finish_is_dropped_and_keeps_nobody_waiting(loopback: Loopback) -> None:
    began = time.monotonic()
    slow = threading.Thread(target=raw, args=(loopback, b'{"ask":'), kwargs={"more": True})
    slow.start()
    assert list(ask(loopback.address, {"ask": "quick"}, first=0.5, within=5)) == [{"said": "quick"}]
    slow.join(10)
    assert time.monotonic() - began < 5, "the slow caller was not dropped after a second"


def test_many_callers_push_out_the_oldest(loopback: Loopback) -> None:
    waiting = [socket.create_connection((HOST, loopback.address["port"]), timeout=5) for _ in range(2 * MOST)]
    assert list(ask(loopback.address, {"ask": "me"}, first=2, within=5)) == [{"said": "me"}]
    for one in waiting:
        one.close()


def test_silence_is_said(loopback: Loopback, desk: Desk) -> None:
    with pytest.raises(NoAnswer):
        list(ask(loopback.address, {"ask": "never"}, first=0.2, within=5))
    desk.late[0]({"too": "late"})  # the caller is gone: nobody minds
    address = loopback.address
    loopback.close()
    with pytest.raises(NoAnswer):
        list(ask(address, {"ask": "closed"}, first=0.2, within=5))


def test_who_waits_longest_for_an_answer_is_forgotten_when_too_many_wait(
    loopback: Loopback, desk: Desk
) -> None:
    request = json.dumps({"ask": "never", "token": loopback.address["token"]}).encode() + b"\n"
    lines = []
    for number in range(4 * MOST + 1):
        lines.append(socket.create_connection((HOST, loopback.address["port"]), timeout=5))
        lines[-1].sendall(request)
        while len(desk.heard) <= number:
            time.sleep(0.001)
    assert lines[0].recv(10) == b"", "hung up"
    desk.late[1]({"said": "at last"})
    assert lines[1].recv(100) == b'{"said": "at last"}\n'
    for line in lines:
        line.close()


def test_what_has_not_come_yet_is_waited_for_and_a_broken_line_is_no_request() -> None:
    ours, theirs = socket.socketpair()
    caller = _Caller(ours)
    assert caller.take() is None
    theirs.sendall(b'{"ask"')
    assert caller.take() is None, "more must come"
    theirs.sendall(b": 1}\nrest")
    assert caller.take() == b'{"ask": 1}'
    caller.end()
    assert caller.take() == b"", "the line is closed"
    caller.reply({"too": "late"})
    theirs.close()


class Odd(Loopback):
    """Answers with bytes as they are."""

    answer = b""

    def _hear(self, caller: Any) -> None:
        caller.connection.setblocking(True)
        with suppress(OSError):
            caller.connection.sendall(self.answer)
        super()._hear(caller)


@pytest.mark.parametrize(
    ("answer", "why", "gone"),
    [
        (b"x" * (LARGEST_REPLY + 5000), "^the answer does not end$", False),
        (b"not json\n", "^no answer: Expecting value", False),
    ],
)
def test_an_answer_that_is_none_is_said(desk: Desk, answer: bytes, why: str, gone: bool) -> None:
    served = Odd(desk.take)
    served.answer = answer
    served.start()
    address = served.address
    with pytest.raises(NoAnswer, match=why) as caught:
        list(ask(address, {"ask": "never"}, first=5, within=5))
    assert caught.value.gone is gone
    served.close()
    with pytest.raises(NoAnswer, match="^nobody listens there any more$") as caught:
        list(ask(address, {"ask": "x"}, first=5, within=5))
    assert caught.value.gone


def test_only_this_computer_is_listened_to(loopback: Loopback) -> None:
    assert loopback._listener.getsockname()[0] == "127.0.0.1"


def test_the_address_is_for_its_owner_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "run" / "control.json"
    assert read_address(path) is None
    publish(path, {"port": 1, "token": "t", "pid": 2})
    assert read_address(path) == {"port": 1, "token": "t", "pid": 2}
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("{", encoding="utf-8")
    assert read_address(path) is None
    withdraw(path)
    withdraw(path)
    assert list(path.parent.iterdir()) == []
