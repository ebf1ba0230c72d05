"""What the broker must have before anything is told: exchanges, queues, bindings.

The plan is kept in Postgres and declared again by whoever connects, so that a broker that lost its disk is
whole again before the first event reaches it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractQueue

from shared.settings import Settings

EVENTS = "chungcu.events"
"""The topic exchange of all ordinary events; the routing key is the type, a dot, and the path of the unit."""
DEAD = "chungcu.dead"
"""Where the broker puts what it could not deliver."""
UNHEARD = "chungcu.unheard"
"""Where events go that no queue is bound for: bounded, the log has them all."""
DELIVERIES = 50
"""Deliveries after which the broker gives a message up; said out loud, because versions differ in the default."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One service's queue and the patterns it is bound to."""

    service: str
    patterns: tuple[str, ...]


def plan(hearings: Sequence[Hearing]) -> dict[str, Any]:
    """Return the topology as data, without the installation's prefix."""
    return {"queues": {one.service: list(one.patterns) for one in hearings}}


async def declare(connection: AbstractConnection, settings: Settings, planned: dict[str, Any]) -> None:
    """Declare everything; harmless when it is there."""
    async with connection.channel() as channel:
        unheard = await _exchange(channel, settings, UNHEARD, aio_pika.ExchangeType.FANOUT)
        dead = await _exchange(channel, settings, DEAD, aio_pika.ExchangeType.TOPIC)
        events = await channel.declare_exchange(
            settings.on_the_bus(EVENTS),
            aio_pika.ExchangeType.TOPIC,
            durable=True,
            arguments={"alternate-exchange": settings.on_the_bus(UNHEARD)},
        )
        lost = await channel.declare_queue(
            settings.on_the_bus(UNHEARD), durable=True, arguments={"x-max-length": 10_000, "x-queue-type": "classic"}
        )
        await lost.bind(unheard)
        for service, patterns in planned["queues"].items():
            graveyard = await _queue(channel, settings, f"{service}.dead", {})
            await graveyard.bind(dead, routing_key=f"{service}.#")
            queue = await _queue(
                channel,
                settings,
                service,
                {
                    "x-delivery-limit": DELIVERIES,
                    "x-dead-letter-exchange": settings.on_the_bus(DEAD),
                    "x-dead-letter-routing-key": f"{service}.dead",
                },
            )
            for pattern in patterns:
                await queue.bind(events, routing_key=pattern)


async def remove(connection: AbstractConnection, settings: Settings, planned: dict[str, Any]) -> None:
    """Remove everything that `declare` declared."""
    async with connection.channel() as channel:
        for service in planned["queues"]:
            await channel.queue_delete(settings.on_the_bus(service))
            await channel.queue_delete(settings.on_the_bus(f"{service}.dead"))
        await channel.queue_delete(settings.on_the_bus(UNHEARD))
        for exchange in (EVENTS, DEAD, UNHEARD):
            await channel.exchange_delete(settings.on_the_bus(exchange))


async def _exchange(
    channel: AbstractChannel, settings: Settings, name: str, kind: aio_pika.ExchangeType
) -> aio_pika.abc.AbstractExchange:
    return await channel.declare_exchange(settings.on_the_bus(name), kind, durable=True)


async def _queue(channel: AbstractChannel, settings: Settings, name: str, arguments: dict[str, Any]) -> AbstractQueue:
    return await channel.declare_queue(
        settings.on_the_bus(name), durable=True, arguments={"x-queue-type": "quorum", **arguments}
    )
