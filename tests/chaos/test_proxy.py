"""The wire that can be hurt does what it is told, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.chaos.proxy import Proxy, Way


class Echo:
    """A server that says everything again, and keeps what it heard."""

    def __init__(self) -> None:
        self.heard = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65_536):
                self.heard += chunk
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def wired() -> AsyncIterator[tuple[Proxy, Echo, asyncio.StreamReader, asyncio.StreamWriter]]:
    echo = Echo()
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    proxy = Proxy("127.0.0.1", server.sockets[0].getsockname()[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", await proxy.open())
    try:
        yield proxy, echo, reader, writer
    finally:
        writer.close()
        await proxy.close()
        server.close()


async def said(reader: asyncio.StreamReader, count: int, within: float = 2.0) -> bytes:
    """Return what comes within a time."""
    async with asyncio.timeout(within):
        return await reader.readexactly(count)


async def nothing(reader: asyncio.StreamReader) -> bool:
    """Tell whether nothing comes."""
    try:
        async with asyncio.timeout(0.3):
            return await reader.read(1) == b"never"
    except TimeoutError:
        return True


async def test_in_calm_weather_everything_passes_and_is_counted() -> None:
    async with wired() as (proxy, echo, reader, writer):
        writer.write(b"x" * 100_000)

        assert await said(reader, 100_000) == b"x" * 100_000
        assert echo.heard == b"x" * 100_000
        assert proxy.passed.connections == 1
        assert proxy.passed.bytes == {Way.UP: 100_000, Way.DOWN: 100_000}


async def test_what_is_held_arrives_when_the_wire_is_let_go() -> None:
    async with wired() as (proxy, echo, reader, writer):
        proxy.hold()
        writer.write(b"late")
        held = await nothing(reader)
        reached = echo.heard
        proxy.calm()

        assert held
        assert reached == b""
        assert await said(reader, 4) == b"late"


async def test_muted_one_way_the_server_hears_and_its_answer_waits() -> None:
    async with wired() as (proxy, echo, reader, writer):
        proxy.hold(Way.DOWN)
        writer.write(b"told")
        muted = await nothing(reader)
        reached = echo.heard
        proxy.calm()

        assert muted
        assert reached == b"told"
        assert await said(reader, 4) == b"told"


async def test_a_reset_is_an_error_and_not_an_end() -> None:
    async with wired() as (proxy, _, reader, writer):
        writer.write(b"one")
        await said(reader, 3)
        proxy.reset()

        with pytest.raises(ConnectionResetError):
            await said(reader, 1)
        assert proxy.passed.cut == 1


@pytest.mark.parametrize("after", [0, 1, 7])
async def test_a_torn_connection_has_brought_exactly_so_many_bytes(after: int) -> None:
    async with wired() as (proxy, echo, reader, writer):
        proxy.tear(Way.UP, after)
        writer.write(b"in the middle")

        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await said(reader, 13)
        assert echo.heard == b"in the middle"[:after]
        again_reader, again = await asyncio.open_connection("127.0.0.1", proxy.port)
        again.write(b"whole")
        assert await said(again_reader, 5) == b"whole"
        again.close()


async def test_a_slow_wire_takes_its_time_both_ways() -> None:
    async with wired() as (proxy, _, reader, writer):
        proxy.slow(rate=10_000, latency=0.05)
        began = time.monotonic()
        writer.write(b"x" * 2_000)

        assert await said(reader, 2_000) == b"x" * 2_000
        assert time.monotonic() - began >= 2 * (0.2 + 0.05)


async def test_where_no_server_is_the_caller_is_turned_away() -> None:
    proxy = Proxy("127.0.0.1", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", await proxy.open())

    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await said(reader, 1)
    writer.close()
    await proxy.close()
