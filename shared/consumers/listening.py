"""The connection to the broker on the hearing side: FastStream subscribers that hand every message to the batch."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aio_pika
import orjson
from aio_pika.abc import AbstractIncomingMessage
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue
from faststream.rabbit.schemas import QueueType

from shared import topology
from shared.consumers import parking
from shared.consumers.batching import LARGEST, Batcher
from shared.consumers.hearing import Consumers, Delivery
from shared.consumers.tolerance import tolerate
from shared.database import Database, is_transient
from shared.settings import Settings
from shared.telemetry import Metrics, log

PREFETCH = 2 * LARGEST
"""Unacknowledged messages: one batch in work, one gathering."""
CONNECTED_WITHIN = 15.0
"""Seconds for which a broker is waited for that let one connect and then says nothing."""
FINISHED_WITHIN = 15.0
"""Seconds that the batch in work has when told to stop."""
DEAF_FOR = 60.0
"""Seconds connected without consumers after which the process should be restarted."""

STUCK_AFTER = 300.0
"""Seconds after which a batch that neither ends nor fails never will; every statement has a minute."""
REPLAYED = "replayed"
"""The header by which a replay marks what it brings."""


class DeadLettered(Exception):
    """The broker gave this message up after too many deliveries."""


class Listener:
    """One service's ears. It starts without a broker and keeps trying; the rest of the service does not wait."""

    def __init__(self, consumers: Consumers, database: Database, settings: Settings, metrics: Metrics) -> None:
        """Prepare; nothing is opened before `run`."""
        self._consumers = consumers
        self._database = database
        self._settings = settings
        self._metrics = metrics
        self._batcher: Batcher[AbstractIncomingMessage] = Batcher(self._apply)
        self._finished = asyncio.Event()
        self._broker: RabbitBroker | None = None
        self._deaf_since: float | None = None
        self._broken = False
        self.heard = asyncio.Event()

    async def apply(self, deliveries: Sequence[Delivery]) -> None:
        """Apply a batch, wherever it came from."""
        new = await self._consumers.settle(self._database, deliveries)
        self._metrics.batch.observe(len(deliveries))
        self._metrics.heard.inc(new)
        self._metrics.repeated.inc(sum(one.head is None for one in deliveries) - new)
        self.heard.set()

    async def _apply(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        await self.apply([_delivery(message) for message in messages])

    async def run(self) -> None:
        """Hear until cancelled."""
        tolerate()
        batches = asyncio.create_task(self._batcher.run())
        connecting = asyncio.create_task(self._connect())
        try:
            # Either ends by itself only when it fails: a batch that can be neither applied nor parked.
            ended, _ = await asyncio.wait((batches, connecting), return_when=asyncio.FIRST_COMPLETED)
            if connecting in ended and self._broker is not None:
                await asyncio.wait((batches,))
            if not self._batcher.stopping:
                failed = next(
                    (one.exception() for one in (batches, connecting) if one.done() and not one.cancelled()), None
                )
                log.error("hearing ended, leaving to be started again", exc_info=failed)
                self._broken = True
        finally:
            self._finished.set()
            connecting.cancel()
            batches.cancel()

    async def stop(self) -> None:
        """Stop taking, finish and acknowledge the batch in work, close: nothing handled is delivered again."""
        self._batcher.stop()
        if self._broker is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._finished.wait(), FINISHED_WITHIN)
            await self._broker.stop()
            self._broker = None

    @property
    def connected(self) -> bool:
        """Tell whether every subscriber has a consumer on an open channel."""
        if self._broker is None:
            return False
        return not self._broken and all(_consumes(subscriber) for subscriber in self._broker.subscribers)

    @property
    def deaf(self) -> bool:
        """Tell whether nothing is applied any more, or nothing consumed although the broker has long answered."""
        if self._broken or self._batcher.busy_for > STUCK_AFTER:
            return True
        if self._broker is None or self.connected or not _answers(self._broker):
            self._deaf_since = None
        elif self._deaf_since is None:
            self._deaf_since = time.monotonic()
        return self._deaf_since is not None and time.monotonic() - self._deaf_since > DEAF_FOR

    async def _connect(self) -> None:
        pause, told = 0.2, False
        while True:
            broker = self._subscribers()
            try:
                async with asyncio.timeout(CONNECTED_WITHIN):
                    await self._declare()
                    await broker.start()
            except Exception as error:  # noqa: BLE001 (broker or database, away or not ready: it is tried again)
                if not told:
                    log.warning("nothing is heard yet", error=type(error).__name__)
                    told = True
                await broker.stop()
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self._broker = broker
                log.info("listening")
                return

    async def _declare(self) -> None:
        async with self._database.transaction() as tx:
            planned = orjson.loads(await tx.value("SELECT plan FROM topology"))
        async with await aio_pika.connect(self._settings.broker(), timeout=10) as connection:
            await topology.declare(connection, self._settings, planned)

    def _subscribers(self) -> RabbitBroker:
        broker = RabbitBroker(
            self._settings.broker(),
            apply_types=False,
            logger=None,
            reconnect_interval=1.0,
            timeout=10,
            graceful_timeout=15.0,
        )
        hearing = broker.subscriber(
            self._queue(self._consumers.service),
            channel=Channel(prefetch_count=PREFETCH),
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
        )
        hearing(_on_message)
        # What FastStream does for each message besides costs more than to apply it: the batch takes it before that.
        hearing.consume = self._consume  # type: ignore[method-assign, assignment]
        broker.subscriber(
            self._queue(f"{self._consumers.service}.dead"),
            channel=Channel(prefetch_count=10),
            ack_policy=AckPolicy.MANUAL,
            decoder=_itself,
            no_reply=True,
        )(self._on_dead)
        return broker

    def _queue(self, name: str) -> RabbitQueue:
        return RabbitQueue(self._settings.on_the_bus(name), queue_type=QueueType.QUORUM, durable=True, declare=False)

    async def _consume(self, message: AbstractIncomingMessage) -> None:
        self._batcher.put(message.channel, message.delivery_tag or 0, message)

    async def _on_dead(self, message: RabbitMessage) -> None:
        one = _delivery(message.raw_message)
        if one.head is not None:  # how far a log goes is said again and again
            await message.ack()
            return
        while True:
            try:
                async with self._database.transaction() as tx:
                    await parking.park(
                        tx, one.body, one.source, one.logseq, DeadLettered(), replayed=one.replayed, at_once=True
                    )
                break
            except Exception as error:
                if not is_transient(error):
                    raise
                await asyncio.sleep(1)
        await message.ack()


def _delivery(message: AbstractIncomingMessage) -> Delivery:
    headers = message.headers
    number, source, head = headers.get("logseq"), headers.get("logsource"), headers.get("loghead")
    return Delivery(
        message.body,
        source if isinstance(source, str) and source.isprintable() else None,
        number if isinstance(number, int) else None,
        head if isinstance(head, int) else None,
        replayed=headers.get(REPLAYED) is True,
    )


async def _on_message(_: RabbitMessage) -> None:
    """Stand for what is heard: FastStream subscribes only where somebody listens."""


async def _itself(message: RabbitMessage) -> RabbitMessage:
    return message


def _answers(broker: RabbitBroker) -> bool:
    connection = broker._connection  # noqa: SLF001 (what FastStream's own ping looks at)
    return connection is not None and connection.connected.is_set()


def _consumes(subscriber: Any) -> bool:  # noqa: ANN401 (FastStream's own classes hide these two fields)
    queue, tag = subscriber._queue_obj, subscriber._consumer_tag  # noqa: SLF001
    return queue is not None and tag is not None and not queue.channel.is_closed
