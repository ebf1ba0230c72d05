"""The least that FastStream can do: publish ready bytes with confirms, consume them, do nothing with them.

`python -m benchmarks.rivals.bare consume|publish|trip URL QUEUE …`
"""

import asyncio
import struct
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

import uvloop
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from faststream.rabbit.schemas import QueueType

from benchmarks.processes import now

WINDOW = 256
PREFETCH = 256
SAY_EVERY = 0.05


def queue(name: str) -> RabbitQueue:
    """Return the quorum queue between the two."""
    return RabbitQueue(name, queue_type=QueueType.QUORUM, durable=True)


async def consume(url: str, name: str) -> None:
    """Take messages until ended, and say twenty times a second how many there were."""
    broker = RabbitBroker(url, logger=None, apply_types=False)
    heard = 0

    @broker.subscriber(queue(name), channel=Channel(prefetch_count=PREFETCH), ack_policy=AckPolicy.ACK, no_reply=True)
    async def nothing(_: bytes) -> None:
        nonlocal heard
        heard += 1

    await broker.start()
    say("ready")
    while True:
        say(now(), heard)
        await asyncio.sleep(SAY_EVERY)


async def publish(url: str, name: str, file: str) -> None:
    """Publish the bodies of a file when told to, 256 at a time without waiting for the first confirmation."""
    bodies = read(Path(file))
    async with RabbitBroker(url, logger=None, default_channel=Channel(publisher_confirms=True)) as broker:
        await broker.declare_queue(queue(name))
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        say(now())
        waiting = iter(bodies)

        async def work() -> None:
            for body in waiting:
                await broker.publish(body, queue=name, persist=True, content_type="application/cloudevents+json")

        await asyncio.gather(*(work() for _ in range(WINDOW)))
        say(now())
        await asyncio.to_thread(sys.stdin.readline)


async def trip(url: str, name: str, count: str, rate: str) -> None:
    """Publish so many messages at a rate, consume them, and say how many milliseconds each was on its way."""
    broker = RabbitBroker(url, logger=None, apply_types=False)
    milliseconds: list[float] = []
    came = asyncio.Event()

    @broker.subscriber(queue(name), channel=Channel(prefetch_count=PREFETCH), ack_policy=AckPolicy.ACK, no_reply=True)
    async def arrive(body: bytes) -> None:
        milliseconds.append((now() - float(body)) * 1000)
        if len(milliseconds) == int(count):
            came.set()

    await broker.start()
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    began = now()
    publishing = []
    for nth in range(int(count)):
        await asyncio.sleep(max(began + nth / float(rate) - now(), 0))
        body = str(now()).encode()
        publishing.append(
            asyncio.create_task(broker.publish(body, queue=name, persist=True, content_type="application/octet-stream"))
        )
    await asyncio.gather(*publishing)
    await came.wait()
    say(*milliseconds)
    await broker.stop()


def write(file: Path, bodies: list[bytes]) -> None:
    """Keep bodies for a publisher, each behind its length."""
    file.write_bytes(b"".join(struct.pack(">I", len(body)) + body for body in bodies))


def read(file: Path) -> list[bytes]:
    """Return the bodies that were kept."""
    content, at, bodies = file.read_bytes(), 0, []
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        bodies.append(content[at + 4 : at + 4 + length])
        at += 4 + length
    return bodies


def say(*words: object) -> None:
    """Say a line to whoever started us."""
    print(*words, flush=True)  # noqa: T201 (how programs of a benchmark speak)


PROGRAMS: dict[str, Callable[..., Coroutine[None, None, None]]] = {"consume": consume, "publish": publish, "trip": trip}

if __name__ == "__main__":
    uvloop.run(PROGRAMS[sys.argv[1]](*sys.argv[2:]))
