"""Counts the petitions of each ward: every event once, however often it comes, and none is lost."""

import asyncio
import json
import os
import sqlite3

from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange, RabbitMessage, RabbitQueue
from faststream.rabbit.schemas import QueueType

FILED = "boards.petition_filed.v1"
PREFIX = os.environ.get("PREFIX", "")  # of the installation, with its dot; none in production
broker = RabbitBroker(os.environ.get("RABBITMQ_URL", "amqp://guest:guest@localhost:5672/?heartbeat=5"))
events = RabbitExchange(f"{PREFIX}chungcu.events", type=ExchangeType.TOPIC, declare=False)
queue = RabbitQueue(f"{PREFIX}petitions_per_ward", QueueType.QUORUM, durable=True, routing_key=f"{FILED}.#")
counts = sqlite3.connect(os.environ.get("COUNTS", "petitions_per_ward.sqlite"))
counts.execute("CREATE TABLE IF NOT EXISTS heard (event TEXT PRIMARY KEY)")
counts.execute("CREATE TABLE IF NOT EXISTS petitions (ward TEXT PRIMARY KEY, filed INTEGER NOT NULL)")


@broker.subscriber(queue, events, channel=Channel(prefetch_count=100), ack_policy=AckPolicy.MANUAL)
async def petition_filed(message: RabbitMessage) -> None:
    """Count it unless it was heard before; what fails is not acknowledged, and comes again with the next start."""
    event = json.loads(message.body)
    with counts:  # one transaction: the event is remembered and counted, or neither
        new = counts.execute("INSERT OR IGNORE INTO heard VALUES (?)", [event["id"]]).rowcount
        if new and event["type"] == FILED and "corrects" not in event:
            ward = event["unit"].rpartition(".")[2]
            counts.execute("INSERT INTO petitions VALUES (?, 1) ON CONFLICT DO UPDATE SET filed = filed + 1", [ward])
    await message.ack()


if __name__ == "__main__":
    asyncio.run(FastStream(broker).run())
