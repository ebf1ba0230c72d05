"""A client in a process of its own: asks over kept connections, so many at once or so many a second, and times it.

`python -m benchmarks.load URL ASKS CLIENTS RATE`: the file ASKS has one question per line; RATE 0 asks the next as
soon as one is answered. With a rate, time counts from the moment a question was due, so that waiting is not left out.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import uvloop

from benchmarks.processes import now
from benchmarks.rivals.bare import say

FAILED = 400
LISTENS_WITHIN = 5.0


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
    """What came of it: when it began and ended, and each answer's status and milliseconds."""

    began: float
    ended: float
    statuses: Sequence[int]
    milliseconds: Sequence[float]

    @property
    def per_second(self) -> float:
        """Return the answers per second."""
        return len(self.statuses) / (self.ended - self.began)

    @property
    def failed(self) -> int:
        """Return how many were refused or failed."""
        return sum(status >= FAILED for status in self.statuses)

    def percentile(self, share: float) -> float:
        """Return the milliseconds within which such a share of the answers came."""
        ordered = sorted(self.milliseconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def write(file: Path, asks: Sequence[Ask]) -> None:
    """Keep questions for a client."""
    file.write_bytes(b"\n".join(orjson.dumps(asdict(one)) for one in asks))


def read(line: str) -> Loaded:
    """Return what a client said at its end."""
    return Loaded(**orjson.loads(line))


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
    statuses: list[int] = []
    milliseconds: list[float] = []
    began = now()

    def due() -> Iterator[tuple[float, bytes]]:
        for nth, request in enumerate(requests):
            yield (began + nth / rate if rate else 0.0), request

    waiting = due()

    async def client() -> None:
        connection = _Connection(host, port)
        for moment, request in waiting:
            if moment:
                await asyncio.sleep(max(moment - now(), 0))
            asked = moment or now()
            statuses.append(await connection.ask(request))
            milliseconds.append((now() - asked) * 1000)

    await asyncio.gather(*(client() for _ in range(clients)))
    return Loaded(began, now(), statuses, milliseconds)


async def main(url: str, asks: str, clients: str, rate: str) -> None:
    """Get ready, wait for the word, ask, say what came of it."""
    host = urlsplit(url).netloc
    requests = [Ask(**orjson.loads(line)).request(host) for line in Path(asks).read_bytes().splitlines()]
    _, writer = await _connected(*_place(url))
    writer.close()
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    say(orjson.dumps(asdict(await load(url, requests, int(clients), float(rate)))).decode())


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
