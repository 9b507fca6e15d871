from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketStream

from labcore.errors import LinkLost
from labcore.ports import LineSettings
from labcore.wire.tcp_link import TcpLink

pytestmark = pytest.mark.anyio
LINE = LineSettings()


@asynccontextmanager
async def serving(handle: Callable[[SocketStream], Awaitable[None]]) -> AsyncIterator[TcpLink]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    async with anyio.create_task_group() as group:
        group.start_soon(listener.serve, handle)
        yield TcpLink("127.0.0.1", port)
        group.cancel_scope.cancel()
    await listener.aclose()


async def echo(client: SocketStream) -> None:
    async with client:
        async for data in client:
            await client.send(data)


async def test_bytes_go_both_ways() -> None:
    async with serving(echo) as link:
        stream = await link.open(LINE)
        await stream.send(b"hello")
        with anyio.fail_after(5):
            assert await stream.receive(3) == b"hel"
            assert await stream.receive(3) == b"lo"
        await stream.aclose()
        await stream.aclose()


async def test_more_than_the_inbox_holds_arrives_whole() -> None:
    whole = bytes(range(256)) * 2048

    async def flood(client: SocketStream) -> None:
        async with client:
            await client.send(whole)

    async with serving(flood) as link:
        stream = await link.open(LINE)
        got = b""
        with anyio.fail_after(10):
            while len(got) < len(whole):
                got += await stream.receive()
        assert got == whole
        await stream.aclose()


async def test_the_other_side_hanging_up_is_a_lost_link_after_its_last_bytes() -> None:
    async def bye(client: SocketStream) -> None:
        async with client:
            await client.send(b"bye")

    async with serving(bye) as link:
        stream = await link.open(LINE)
        with anyio.fail_after(5):
            assert await stream.receive() == b"bye"
            with pytest.raises(LinkLost, match="closed the connection"):
                await stream.receive()
            with pytest.raises(LinkLost):
                await stream.send(b"x")
        await stream.aclose()


async def test_nobody_listening_is_a_lost_link_that_names_the_address() -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    await listener.aclose()
    with pytest.raises(LinkLost, match=f"127.0.0.1:{port}.*cannot connect"):
        await TcpLink("127.0.0.1", port).open(LINE)


async def test_a_closed_stream_wakes_its_reader() -> None:
    async with serving(echo) as link:
        stream = await link.open(LINE)

        async def read() -> None:
            with pytest.raises(LinkLost):
                await stream.receive()

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(read)
                await anyio.wait_all_tasks_blocked()
                await stream.aclose()
