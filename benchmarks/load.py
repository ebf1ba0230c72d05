"""A client in a process of its own: asks over kept connections, so many at once or so many a second, and times it.

`python -m benchmarks.load URL ASKS CLIENTS RATE`: the file ASKS has one question per line; RATE 0 asks the next as
soon as one is answered. With a rate, time counts from the moment a question was due, so that waiting is not left out.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import uvloop

from benchmarks.processes import Program, now, running
from benchmarks.rivals.bare import say

FAILED = 400
LISTENS_WITHIN = 5.0
LOADED_WITHIN = 300.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One question."""

    path: str
    body: Any = None
    headers: Mapping[str, str] | None = None

    def request(self, host: str) -> bytes:
        """Return its bytes."""
        content = b"" if self.body is None else orjson.dumps(self.body)
        lines = [f"{'GET' if self.body is None else 'POST'} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in (self.headers or {}).items()]
        if content:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it: when it began, and each answer's status and milliseconds."""

    began: float
    statuses: Sequence[int]
    milliseconds: Sequence[float]
    answered: Sequence[float]
    """The moments of the answers, in the order of the questions."""

    @property
    def ended(self) -> float:
        """Return when the last answer came."""
        return max(self.answered)

    @property
    def per_second(self) -> float:
        """Return the answers per second."""
        return len(self.statuses) / (self.ended - self.began)

    @property
    def failed(self) -> int:
        """Return how many were refused or failed."""
        return sum(status >= FAILED for status in self.statuses)

    def within(self, share: float) -> float:
        """Return the milliseconds within which such a share of the answers came."""
        return percentile(self.milliseconds, share)


def percentile(numbers: Sequence[float], share: float) -> float:
    """Return the number that such a share of the numbers does not exceed."""
    ordered = sorted(numbers)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@asynccontextmanager
async def client(url: str, asks: Sequence[Ask], clients: int = 1, rate: float = 0) -> AsyncIterator[Program]:
    """Start a client in a process of its own, ready to ask when told to."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "asks"
        file.write_bytes(b"\n".join(orjson.dumps(asdict(one)) for one in asks))
        async with running("benchmarks.load", url, str(file), str(clients), str(rate)) as program:
            await program.heard()
            yield program


async def outcome(program: Program) -> Loaded:
    """Wait for a client's end and return what came of it."""
    return Loaded(**orjson.loads(" ".join(await program.heard(LOADED_WITHIN))))


async def asked(url: str, asks: Sequence[Ask], clients: int = 1, rate: float = 0) -> Loaded:
    """Ask everything from a process of its own."""
    async with client(url, asks, clients, rate) as program:
        program.tell("begin")
        return await outcome(program)


class _Connection:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """Send a request, read the answer to its end and return its status."""
        if self._streams is None:
            self._streams = await _connected(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"content-length:")
        if rest:
            await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        return int(head[9:12])


def _place(url: str) -> tuple[str, int]:
    at = urlsplit(url)
    return at.hostname or "", at.port or 80


async def _connected(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect; a server that has just started may not listen yet."""
    until = now() + LISTENS_WITHIN
    while True:
        try:
            return await asyncio.open_connection(host, port)
        except ConnectionRefusedError:
            if now() > until:
                raise
            await asyncio.sleep(0.05)


async def load(url: str, requests: Sequence[bytes], clients: int, rate: float) -> Loaded:
    """Ask everything."""
    host, port = _place(url)
    statuses, milliseconds, answered = [0] * len(requests), [0.0] * len(requests), [0.0] * len(requests)
    began = now()
    waiting = iter(enumerate(requests))

    async def client() -> None:
        connection = _Connection(host, port)
        for nth, request in waiting:
            asked = began + nth / rate if rate else now()
            await asyncio.sleep(max(asked - now(), 0))
            statuses[nth] = await connection.ask(request)
            answered[nth] = now()
            milliseconds[nth] = (answered[nth] - asked) * 1000

    await asyncio.gather(*(client() for _ in range(clients)))
    return Loaded(began, statuses, milliseconds, answered)


async def main(url: str, requests: Sequence[bytes], clients: str, rate: str) -> None:
    """Get ready, wait for the word, ask, say what came of it."""
    _, writer = await _connected(*_place(url))
    writer.close()
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    say(orjson.dumps(asdict(await load(url, requests, int(clients), float(rate)))).decode())


if __name__ == "__main__":
    url, asks, clients, rate = sys.argv[1:]
    lines = Path(asks).read_bytes().splitlines()
    requests = [Ask(**orjson.loads(line)).request(urlsplit(url).netloc) for line in lines]
    uvloop.run(main(url, requests, clients, rate))
