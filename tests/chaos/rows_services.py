"""Rows in which services die, freeze, or are told to stop; and in which there are many of them."""

import asyncio
import os
import signal
import time

from ops.services import SERVICES
from tests.chaos.beside import Replica
from tests.chaos.city import City
from tests.chaos.rows import row

ROUNDS = 3
RESTARTED = 4
"""Replicas that are replaced, besides the supervised processes."""
FROZEN = 40.0
"""Longer than a leader of a log may be silent before another one takes its place."""


def _killing(service: str) -> None:
    @row(
        f"kill-{service}",
        f"kill −9 {service}, {ROUNDS} lần, lúc bất kỳ · {ROUNDS} times, at any moment",
        "P1 P2 P3 P6",
    )
    async def kill(city: City) -> None:
        for _ in range(ROUNDS):
            await city.a_while(0.3, 2.5)
            city.kill(service)
            await asyncio.sleep(0.5)
            await city.ready(service)
        city.heal()


for _service in SERVICES:
    _killing(_service)


@row(
    "freeze",
    "SIGSTOP cả bốn dịch vụ 40 s rồi SIGCONT, bản sao thứ hai chạy tiếp · all four frozen, second replicas go on",
    "P2 P3",
)
async def freeze(city: City) -> None:
    """A process that was taken for dead comes back and goes on in the middle of what it did."""
    for service in SERVICES:
        await city.replica(service)
    await city.replicas_ready()
    frozen = list(city.system.pids.values())
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(FROZEN)
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    city.heal()
    await city.a_while(1.0, 2.0)
    await _stopped_well(city, *city.replicas)


@row("stop", "SIGTERM cả bốn dịch vụ khi đang tải · all four told to stop under load: exit 0", "P1 P2")
async def stop(city: City) -> None:
    """Whoever is told to stop finishes what it began: nothing that was handled comes again."""
    before = city.watch.repeated
    for service, pid in city.system.pids.items():
        await city.a_while(0.2, 1.0)
        os.kill(pid, signal.SIGTERM)
        ended = await _ended(city, service, pid)
        assert ended == 0, f"{service} ended with {ended}"
    city.heal()
    await city.ready()
    city.notes.append(f"exit 0 ×4, {city.watch.repeated - before} đến lại · came again")


@row("two", "2 bản sao mỗi dịch vụ, SIGTERM luân phiên · two replicas of each, rolling restarts", "P2 P3 P6")
async def two(city: City) -> None:
    """Two of each side by side, one after the other replaced."""
    await _many(city, 1)


@row("four", "4 bản sao mỗi dịch vụ, SIGTERM luân phiên · four replicas of each, rolling restarts", "P2 P3 P6")
async def four(city: City) -> None:
    """Four of each side by side, one after the other replaced."""
    await _many(city, 3)


async def _many(city: City, more: int) -> None:
    for _ in range(more):
        for service in SERVICES:
            await city.replica(service)
    await city.replicas_ready()
    await city.a_while(1.0, 3.0)
    for one in city.dice.sample(city.replicas, RESTARTED):
        following = await city.replica(one.service)
        await _stopped_well(city, one)
        assert following.process.poll() is None
    for service, pid in city.system.pids.items():
        os.kill(pid, signal.SIGTERM)
        assert await _ended(city, service, pid) == 0
    city.heal()
    await city.replicas_ready()
    await city.a_while(1.0, 2.0)
    await _stopped_well(city, *city.replicas)


async def _stopped_well(city: City, *replicas: Replica) -> None:
    ended = await city.dismiss(*replicas)
    assert not any(ended), f"replicas ended with {ended}"


async def _ended(city: City, service: str, pid: int) -> int | None:
    """Wait until the supervisor has seen a process end, and return how it did."""
    until = time.monotonic() + 40
    while city.system.pids.get(service) == pid:
        assert time.monotonic() < until, f"{service} does not stop"
        await asyncio.sleep(0.1)
    noted = await asyncio.to_thread(city.noted)
    last: int | None = noted["services"][service]["last_end"]
    return last
