"""What the broker must have before anything is told: exchanges, queues, bindings.

The plan is kept in Postgres and declared again by whoever connects, so that a broker that lost its disk is
whole again before the first event reaches it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed

from shared.settings import Settings

EVENTS = "chungcu.events"
"""The topic exchange of all ordinary events; the routing key is the type, a dot, and the path of the unit."""
RESTRICTED = "chungcu.restricted"
"""The topic exchange of restricted events: no other system has any business here, and nothing overflows from it."""
DEAD = "chungcu.dead"
"""Where the broker puts what it could not deliver."""
UNHEARD = "chungcu.unheard"
"""Where events go that no queue is bound for: bounded, the log has them all."""
DELIVERIES = 50
"""Deliveries after which the broker gives a message up; said out loud, because versions differ in the default."""
FOR_EVER = 1_000_000_000
"""Deliveries of what it gave up already: from there nothing may be dropped."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One service's queue and the patterns it is bound to.

    `restricted` is for services with a restricted part: the patterns which that part's own queue is bound to, none
    when it only tells.
    """

    service: str
    patterns: tuple[str, ...]
    restricted: tuple[str, ...] | None = None


RESTRICTED_SCHEMA = "restricted"
"""Where the tables of a restricted part lie, which its own role owns."""


def restricted_part(service: str) -> str:
    """Return the name of a service's restricted part, and of its queue."""
    return f"restricted.{service}"


def plan(hearings: Sequence[Hearing]) -> dict[str, Any]:
    """Return the topology as data, without the installation's prefix."""
    return {
        "queues": {one.service: list(one.patterns) for one in hearings},
        "restricted": {restricted_part(one.service): list(one.restricted) for one in hearings if one.restricted},
    }


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
        restricted = await _exchange(channel, settings, RESTRICTED, aio_pika.ExchangeType.TOPIC)
        lost = await channel.declare_queue(
            settings.on_the_bus(UNHEARD), durable=True, arguments={"x-max-length": 10_000, "x-queue-type": "classic"}
        )
        await lost.bind(unheard)
        for exchange, queues in ((events, planned["queues"]), (restricted, planned.get("restricted", {}))):
            for name, patterns in queues.items():
                await _graveyard(connection, settings, f"{name}.dead")
                graveyard = await channel.get_queue(settings.on_the_bus(f"{name}.dead"), ensure=False)
                await graveyard.bind(dead, routing_key=f"{name}.#")
                queue = await _queue(
                    channel,
                    settings,
                    name,
                    {
                        "x-delivery-limit": DELIVERIES,
                        "x-dead-letter-exchange": settings.on_the_bus(DEAD),
                        "x-dead-letter-routing-key": f"{name}.dead",
                    },
                )
                for pattern in patterns:
                    await queue.bind(exchange, routing_key=pattern)


def marked_as(settings: Settings, exchange: str, service: str) -> str:
    """Return the name of the mark that a log leaves on its broker."""
    return settings.on_the_bus(f"{exchange}.told_by.{service}")


async def is_marked(connection: AbstractConnection, settings: Settings, exchange: str, service: str) -> bool:
    """Tell whether a log has been told to this broker before, and the broker still knows."""
    async with connection.channel() as channel:
        try:
            await channel.get_exchange(marked_as(settings, exchange, service), ensure=True)
        except ChannelNotFoundEntity:
            return False
        return True


async def mark(connection: AbstractConnection, settings: Settings, exchange: str, service: str) -> None:
    """Leave a mark that lasts as long as what the broker holds: an exchange that nobody uses."""
    async with connection.channel() as channel:
        await _exchange(channel, settings, f"{exchange}.told_by.{service}", aio_pika.ExchangeType.FANOUT)


async def remove(connection: AbstractConnection, settings: Settings, planned: dict[str, Any]) -> None:
    """Remove everything that `declare` declared."""
    async with connection.channel() as channel:
        for name in (*planned["queues"], *map(restricted_part, planned["queues"])):
            await channel.queue_delete(settings.on_the_bus(name))
            await channel.queue_delete(settings.on_the_bus(f"{name}.dead"))
        await channel.queue_delete(settings.on_the_bus(UNHEARD))
        for exchange in (EVENTS, RESTRICTED, DEAD, UNHEARD):
            await channel.exchange_delete(settings.on_the_bus(exchange))
            for service in planned["queues"]:
                await channel.exchange_delete(marked_as(settings, exchange, service))


async def _graveyard(connection: AbstractConnection, settings: Settings, name: str) -> None:
    """Declare where a queue's dead lie; one that was declared before there was a limit keeps its own."""
    with suppress(ChannelPreconditionFailed):
        async with connection.channel() as channel:
            await _queue(channel, settings, name, {"x-delivery-limit": FOR_EVER})


async def _exchange(
    channel: AbstractChannel, settings: Settings, name: str, kind: aio_pika.ExchangeType
) -> aio_pika.abc.AbstractExchange:
    return await channel.declare_exchange(settings.on_the_bus(name), kind, durable=True)


async def _queue(channel: AbstractChannel, settings: Settings, name: str, arguments: dict[str, Any]) -> AbstractQueue:
    return await channel.declare_queue(
        settings.on_the_bus(name), durable=True, arguments={"x-queue-type": "quorum", **arguments}
    )
