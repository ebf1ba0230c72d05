"""What is followed from outside: the connection that can be cut, what came out of it, and one process."""

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import httpx


class Wire:
    """The connection to the broker, which can be cut."""

    def __init__(self, address: str) -> None:
        """Lead to an address."""
        self._to = urlsplit(address)
        self.refuses = False
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def lay(self) -> str:
        """Begin to pass on, and return the address to use instead."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        user = self._to.netloc.rpartition("@")[0]
        return urlunsplit(self._to._replace(netloc=f"{user}@127.0.0.1:{port}"))

    def cut(self) -> None:
        """End every connection at once, in the middle of whatever passes."""
        for one in list(self._open):
            one.transport.abort()

    async def close(self) -> None:
        """Pass on no more."""
        self.cut()
        if self._server is not None:
            self._server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port or 5672)
        self._open |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._open -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await reader.read(65536):
                writer.write(some)
                await writer.drain()
        with suppress(OSError):
            writer.close()


@dataclass
class Seen:
    """What came out: the log as the bus had it, in the order in which it came."""

    messages: list[tuple[int, str, str, int]] = field(default_factory=list)
    """Number in the log, id, subject, version."""

    @property
    def ids(self) -> set[str]:
        """Return the events that came at all."""
        return {event for _, event, _, _ in self.messages}

    @property
    def repeated(self) -> int:
        """Return how many came again."""
        return len(self.messages) - len(self.ids)

    @property
    def disordered(self) -> int:
        """Return how many came, for the first time, after a later one of the log or of their subject."""
        wrong, highest, known = 0, 0, set()
        versions: dict[str, int] = {}
        for logseq, event, subject, version in self.messages:
            if event in known:
                continue
            known.add(event)
            wrong += logseq < highest or version < versions.get(subject, 0)
            highest = max(highest, logseq)
            versions[subject] = max(version, versions.get(subject, 0))
        return wrong


class Life:
    """One process, from its start until its end."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        """Follow a process that was just started."""
        self.began = time.monotonic()
        self.ready_at: float | None = None
        self._process = process
        self._url = url

    @property
    def dead(self) -> bool:
        """Tell whether it ended."""
        return self._process.returncode is not None

    @property
    def killed(self) -> bool:
        """Tell whether it ended by the signal that cannot be caught."""
        return self._process.returncode == -signal.SIGKILL

    async def lasts(self, seconds: float, ready_within: float = 30.0) -> bool:
        """Let it live for so long after it became ready; tell whether it still does."""
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            while not self.dead and self.ready_at is None:
                with suppress(httpx.HTTPError):
                    said = (await client.get(f"{self._url}/readyz")).json()
                    if said["telling"] and said["hearing"]:
                        self.ready_at = time.monotonic()
                if time.monotonic() - self.began > ready_within:
                    message = f"not ready within {ready_within:.0f} s"
                    raise TimeoutError(message)
                await asyncio.sleep(0.05)
        await self.ends(seconds)
        return not self.dead

    async def ends(self, within: float) -> bool:
        """Wait for its end; tell whether it came in time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), within)
        return self.dead

    def told(self, sign: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        if not self.dead:
            self._process.send_signal(sign)

    def told_to_stop(self) -> None:
        """Ask it to stop as a supervisor does."""
        self.told(signal.SIGTERM)

    async def end(self) -> None:
        """End it, if it has not ended."""
        if not self.dead:
            self._process.kill()
        await self._process.wait()
