"""Rows in which the wires between services and their servers are cut, torn, muted or slowed."""

import asyncio

from tests.chaos.city import City
from tests.chaos.proxy import BOTH, Way, anywhere
from tests.chaos.rows import row

GONE = 25.0
"""Longer than it takes to notice that the other side is gone (about 18 s)."""


@row("reset", "ngắt đột ngột mọi kết nối, 6 lần · every connection reset, 6 times", "P1 P2 P3")
async def reset(city: City) -> None:
    """Connections to both servers end without a farewell."""
    for _ in range(6):
        for wire in city.wires.values():
            wire.reset()
        await city.a_while(0.3, 2.0)
    city.heal()


@row("torn", "đứt giữa khung AMQP và giữa câu SQL · frames torn at any byte", "P1 P2 P3")
async def torn(city: City) -> None:
    """Connections break in the middle of a frame, both ways, to both servers."""
    cut = sum(wire.passed.cut for wire in city.wires.values())
    for _ in range(4):
        for wire in city.wires.values():
            wire.tear(city.dice.choice(BOTH), anywhere(city.dice))
        await city.a_while(1.0, 2.0)
    for wire in city.wires.values():
        wire.calm()
    city.heal()
    city.notes.append(f"{sum(wire.passed.cut for wire in city.wires.values()) - cut} lần đứt · torn")


@row("blackhole-broker", "mất đường tới broker cả hai chiều 25 s · broker out of reach both ways", "P1 P2 P3")
async def blackhole_broker(city: City) -> None:
    """Nothing passes and nobody says so; what was sent arrives when the road is open again."""
    await _held(city, "rabbitmq", GONE)


@row("blackhole-postgres", "mất đường tới PostgreSQL 15 s · PostgreSQL out of reach both ways", "P1 P2 P3")
async def blackhole_postgres(city: City) -> None:
    """Statements wait for an answer that comes late or never."""
    await _held(city, "postgres", 15.0)


@row("mute", "broker nhận, xác nhận không về, 25 s · one way only: confirmations are lost", "P2 P3")
async def mute(city: City) -> None:
    """The broker takes every event, nobody hears that it did: they are told again, and must count once."""
    await _held(city, "rabbitmq", GONE, Way.DOWN)


@row("slow", "đường tới broker 20 kB/s, trễ 50 ms, 10 s · slow link to the broker", "P1 P2 P3")
async def slow(city: City) -> None:
    """Everything takes long, nothing breaks."""
    for wire in city.wires_to("rabbitmq"):
        wire.slow(20_000, 0.05)
    await asyncio.sleep(10.0)
    for wire in city.wires_to("rabbitmq"):
        wire.calm()
    city.heal()


async def _held(city: City, server: str, seconds: float, *ways: Way) -> None:
    for wire in city.wires_to(server):
        wire.hold(*ways)
    await asyncio.sleep(seconds)
    for wire in city.wires_to(server):
        wire.calm()
    city.heal()
