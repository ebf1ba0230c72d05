"""A wire between two programs that can be cut, torn, muted or slowed: a TCP proxy whose faults are switched by hand."""

import asyncio
import random
import struct
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from socket import SO_LINGER, SOL_SOCKET

CHUNK = 16_384


class Way(StrEnum):
    """Which way bytes go: `UP` to the server, `DOWN` to whoever called."""

    UP = "up"
    DOWN = "down"


BOTH = (Way.UP, Way.DOWN)


@dataclass(slots=True)
class Weather:
    """What the wire does to bytes that go one way."""

    held: bool = False
    """Nothing passes; what is sent waits, as it would in the buffers of two machines that lost each other."""
    latency: float = 0.0
    rate: float = 0.0
    """Bytes a second, where it is slow."""
    tear_after: int | None = None
    """Bytes after which the connection that brings them is reset, in the middle of whatever they say."""


@dataclass(slots=True)
class Passed:
    """How much went over a wire, and how often it was cut."""

    connections: int = 0
    cut: int = 0
    bytes: dict[Way, int] = field(default_factory=lambda: dict.fromkeys(BOTH, 0))


class Proxy:
    """Listens on a port of its own and passes everything on to a server, as the weather lets it."""

    def __init__(self, host: str, port: int) -> None:
        """Pass on to this server; nothing is opened before `open`."""
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._clear = {way: asyncio.Event() for way in BOTH}
        self._wires: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self.weather = {way: Weather() for way in BOTH}
        self.passed = Passed()
        self.calm()

    async def open(self) -> int:
        """Begin to listen and return the port."""
        self._server = await asyncio.start_server(self._called, "127.0.0.1", 0)
        return self.port

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Listen no more and cut what is open."""
        if self._server is not None:
            self._server.close()
        self.reset()
        for call in list(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def calm(self) -> None:
        """Let everything pass as it comes, beginning with what was held."""
        for way in BOTH:
            self.weather[way] = Weather()
            self._clear[way].set()

    def hold(self, *ways: Way) -> None:
        """Let nothing pass, both ways or one."""
        for way in ways or BOTH:
            self.weather[way].held = True
            self._clear[way].clear()

    def slow(self, rate: float, latency: float = 0.0) -> None:
        """Let bytes pass at so many a second, each read later by the latency."""
        for way in BOTH:
            self.weather[way].rate, self.weather[way].latency = rate, latency

    def tear(self, way: Way, after: int) -> None:
        """Reset the connection that brings the byte after these, once."""
        self.weather[way].tear_after = after

    def reset(self) -> None:
        """Reset every connection there is."""
        for near, far in list(self._wires):
            self._cut(near, far)

    def _cut(self, *ends: asyncio.StreamWriter) -> None:
        self.passed.cut += 1
        for end in ends:
            if (wire := end.get_extra_info("socket")) is not None:
                # Lingering for no time makes closing a reset (RST) instead of a farewell (FIN).
                with suppress(OSError):
                    wire.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()

    async def _called(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        assert call is not None
        self._calls.add(call)
        self.passed.connections += 1
        try:
            await self._carry(reader, near)
        except asyncio.CancelledError:
            near.transport.abort()
        finally:
            self._calls.discard(call)

    async def _carry(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        try:
            back, far = await asyncio.open_connection(*self._target)
        except OSError:
            self._cut(near)
            return
        wire = (near, far)
        self._wires.add(wire)
        try:
            await _until_one_ends(
                self._pump(reader, far, Way.UP, wire),
                self._pump(back, near, Way.DOWN, wire),
            )
        finally:
            self._wires.discard(wire)
            for end in wire:
                end.transport.abort() if end.transport.is_closing() else end.close()

    async def _pump(
        self,
        source: asyncio.StreamReader,
        drain: asyncio.StreamWriter,
        way: Way,
        wire: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                await self._clear[way].wait()
                weather = self.weather[way]
                if weather.latency or weather.rate:
                    await asyncio.sleep(weather.latency + (len(chunk) / weather.rate if weather.rate else 0.0))
                    await self._clear[way].wait()
                if weather.tear_after is not None:
                    if len(chunk) > weather.tear_after:
                        drain.write(chunk[: weather.tear_after])
                        weather.tear_after = None
                        with suppress(TimeoutError):
                            await asyncio.wait_for(drain.drain(), 0.2)
                        await asyncio.sleep(0.05)  # the torn part arrives before the connection goes
                        self._cut(*wire)
                        return
                    weather.tear_after -= len(chunk)
                drain.write(chunk)
                self.passed.bytes[way] += len(chunk)
                await drain.drain()


async def _until_one_ends(*pumps: Awaitable[None]) -> None:
    running = [asyncio.ensure_future(pump) for pump in pumps]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def anywhere(dice: random.Random) -> int:
    """Return a number of bytes that ends within a frame as likely as between two."""
    return dice.randint(1, 6_000)
