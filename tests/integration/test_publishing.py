"""What the relay writes to the broker is what was meant, and what it counts as taken was taken."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import aio_pika
import aiormq
import pytest
from pamqp.commands import Basic

from shared.relay.publishing import NotTaken, Outgoing, PublishingChannel
from tests.conftest import RABBITMQ

LARGE = bytes(range(256)) * 1200
"""Longer than one frame may be."""


@pytest.fixture
async def wire() -> AsyncIterator[aiormq.Connection]:
    connection = aiormq.Connection(RABBITMQ)
    await connection.connect()
    yield connection
    await connection.close()


@pytest.fixture
async def queue() -> AsyncIterator[aio_pika.abc.AbstractQueue]:
    async with await aio_pika.connect(RABBITMQ) as connection, connection.channel() as channel:
        made = await channel.declare_queue(f"chungcu_test_{uuid4().hex}", exclusive=True)
        yield made


async def opened(wire: aiormq.Connection) -> PublishingChannel:
    channel = await PublishingChannel.open_on(wire)
    channel.address("", "boards")
    return channel


async def test_what_is_published_arrives_as_it_was_meant(
    wire: aiormq.Connection, queue: aio_pika.abc.AbstractQueue
) -> None:
    channel = await opened(wire)
    bodies = [b"{}", "Nguyễn".encode(), b"", LARGE]

    last = await channel.publish(
        [Outgoing(queue.name, f"m{nth}", {"logseq": nth + 2**40}, body) for nth, body in enumerate(bodies)]
    )
    await channel.until(last, 5)

    for nth, body in enumerate(bodies):
        message = await queue.get(no_ack=True)
        assert message is not None
        assert (message.body, message.message_id, message.routing_key) == (body, f"m{nth}", queue.name)
        assert message.headers == {"logsource": "boards", "logseq": nth + 2**40}
        assert (message.content_type, message.delivery_mode) == ("application/cloudevents+json", 2)
    assert (last, channel.confirmed) == (4, 4)


async def test_what_no_queue_is_there_for_is_refused_and_nothing_behind_it_counts(
    wire: aiormq.Connection, queue: aio_pika.abc.AbstractQueue
) -> None:
    channel = await opened(wire)
    nowhere = f"chungcu_test_{uuid4().hex}"

    first = await channel.publish([Outgoing(queue.name, "a", {}, b"a")])
    await channel.until(first, 5)
    last = await channel.publish([Outgoing(nowhere, "b", {}, b"b"), Outgoing(queue.name, "c", {}, b"c")])

    with pytest.raises(NotTaken):
        await channel.until(last, 5)
    await asyncio.sleep(0.2)
    assert channel.confirmed == first


async def test_a_connection_that_is_cut_ends_the_waiting(
    wire: aiormq.Connection, queue: aio_pika.abc.AbstractQueue
) -> None:
    channel = await opened(wire)
    waiting = asyncio.create_task(channel.until(1, 5))
    await asyncio.sleep(0)

    await wire.close()

    with pytest.raises(NotTaken):
        await asyncio.wait_for(waiting, 5)


async def test_confirmations_in_any_order_count_as_far_as_they_have_no_hole(
    wire: aiormq.Connection,
) -> None:
    channel = await opened(wire)

    counted = []
    for tag, multiple in ((2, False), (4, False), (1, False), (7, False), (5, True), (6, False)):
        await channel._on_confirm_frame(Basic.Ack(tag, multiple))
        counted.append(channel.confirmed)

    assert counted == [0, 0, 2, 2, 5, 7]


async def test_a_broker_that_confirms_some_of_it_in_time_is_slow_and_one_that_confirms_nothing_is_away(
    wire: aiormq.Connection,
) -> None:
    channel = await opened(wire)
    confirming = asyncio.get_running_loop().call_later(
        0.05, lambda: asyncio.ensure_future(channel._on_confirm_frame(Basic.Ack(2, multiple=True)))
    )

    await channel.until(4, 0.2)

    assert confirming.when() < asyncio.get_running_loop().time()
    assert channel.confirmed == 2
    with pytest.raises(TimeoutError):
        await channel.until(4, 0.1)


async def test_a_nack_is_a_refusal_and_what_was_confirmed_before_stays(wire: aiormq.Connection) -> None:
    channel = await opened(wire)
    await channel._on_confirm_frame(Basic.Ack(3, multiple=True))

    await channel._on_confirm_frame(Basic.Nack(4))
    await channel._on_confirm_frame(Basic.Ack(9, multiple=True))

    assert channel.confirmed == 3
    with pytest.raises(NotTaken):
        await channel.until(4, 5)
