"""The conveyor from the log to the bus: numbers what is settled, publishes it, remembers what was confirmed."""

import asyncio
import time
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import aio_pika
import asyncpg
import orjson
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq import Channel as PlainChannel
from pamqp.commands import Basic

from shared import topology
from shared.database import Connection, Database
from shared.settings import Settings
from shared.telemetry import Metrics, log

WINDOW = 256
"""Events published before the first confirmation is awaited."""
CONFIRMED_WITHIN = 10.0
"""Seconds a publish may take; a broker under alarm never answers."""
IDLE = (0.02, 0.1)
"""Seconds between looks at the log: at first, and when nothing comes."""
PAUSES = (0.2, 5.0)
"""Seconds between tries when broker or database are away: first and longest."""
HEAD_EVERY = 10.0
"""Seconds between tellings of how far the log goes, so that a reader sees what it lacks at the end too."""
LEASE = 0x63_68_75_6E
"""The advisory lock of the one relay of a log; others stand by. A restricted log in the same database has the next."""


class Relay:
    """One service's relay. It has its own connections: a broker alarm blocks a publishing connection altogether."""

    def __init__(
        self,
        service: str,
        database: Database,
        settings: Settings,
        metrics: Metrics,
        exchange: str = topology.EVENTS,
    ) -> None:
        """Prepare; nothing is opened before `run`."""
        self._service = service
        self._exchange = exchange
        self._lease = LEASE + (exchange == topology.RESTRICTED)
        self._database = database
        self._settings = settings
        self._metrics = metrics
        self.told = asyncio.Event()
        self.connected = False
        self.standby = False
        self._interrupted = False

    async def run(self) -> None:
        """Tell what is in the log until cancelled; whatever fails is tried again with growing pauses."""
        pause = PAUSES[0]
        while True:
            try:
                await self._lead()
            except Exception as error:  # noqa: BLE001 (whatever it is, the events wait in the log and are told later)
                if not self._interrupted:
                    log.warning(
                        "relay interrupted, events wait in the log", name=self._exchange, error=type(error).__name__
                    )
                pause = PAUSES[0] if not self._interrupted else min(pause * 2, PAUSES[1])
                self._interrupted = True
            finally:
                self._state(connected=False)
                self.standby = False
            await asyncio.sleep(pause)

    async def _lead(self) -> None:
        connection = await self._database.connect()
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", self._lease):
                self.standby = True
                await asyncio.sleep(0.5)
            self.standby = False
            # What the relay notes is found again in the log, so its own commits need not wait for the disk.
            await connection.execute("SET synchronous_commit = off")
            await self._refuse_a_restored_log(connection)
            await self._tell(connection)
        finally:
            await connection.close(timeout=5)

    async def _refuse_a_restored_log(self, connection: Connection) -> None:
        ahead = await connection.fetchval(
            "SELECT count(*) FROM event_log WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"
        )
        if ahead:
            log.error("the log was restored from another server: run chungcu log rebase", events=ahead)
            message = "log ahead of its server"
            raise ConnectionError(message)

    async def _tell(self, connection: Connection) -> None:
        async with await aio_pika.connect(self._settings.broker(), timeout=10) as broker:
            planned = await connection.fetchval("SELECT plan FROM topology")
            await topology.declare(broker, self._settings, orjson.loads(planned))
            channel = await broker.channel(publisher_confirms=True, on_return_raises=True)
            await self._loop(connection, broker, channel)

    async def _loop(self, connection: Connection, broker: AbstractConnection, channel: AbstractChannel) -> None:
        plain = await channel.get_underlay_channel()
        assert isinstance(plain, PlainChannel)
        idle, head_at = IDLE[0], -HEAD_EVERY
        while not broker.is_closed:
            self.told.clear()
            await connection.execute(NUMBER, WINDOW)
            rows = await connection.fetch(UNSENT, WINDOW)
            if rows:
                await self._publish(connection, plain, rows)
                self._confirmed()
                idle = IDLE[0]
                continue
            if time.monotonic() - head_at > HEAD_EVERY:
                await self._tell_head(plain, await connection.fetchval("SELECT sent FROM relay"))
                self._confirmed()
                head_at = time.monotonic()
            try:
                await asyncio.wait_for(self.told.wait(), idle)
            except TimeoutError:
                idle = min(idle * 1.5, IDLE[1])
        message = "the broker closed the connection"
        raise ConnectionError(message)

    async def _publish(self, connection: Connection, channel: PlainChannel, rows: Sequence[asyncpg.Record]) -> None:
        """Publish a window; whatever becomes of the rest, the prefix that was confirmed is not sent again."""
        sending = [
            asyncio.ensure_future(
                self._send(
                    channel,
                    f"{row['type']}.{row['unit']}",
                    str(row["body"]).encode(),
                    str(row["id"]),
                    {"logseq": row["logseq"], "logsource": self._service},
                )
            )
            for row in rows
        ]
        try:
            async with asyncio.timeout(CONFIRMED_WITHIN):
                await asyncio.gather(*sending)
        finally:
            for one in sending:
                one.cancel()
            outcomes = await asyncio.gather(*sending, return_exceptions=True)
            confirmed = len(list(takewhile(lambda outcome: outcome is None, outcomes)))
            if confirmed:
                await connection.execute("UPDATE relay SET sent = $1", rows[confirmed - 1]["logseq"])
                self._metrics.sent.inc(confirmed)

    def _confirmed(self) -> None:
        """Note that the broker answers; only a confirmation says so, for under an alarm it still lets one connect."""
        if not self.connected:
            log.info("relay connected", name=self._exchange)
        self._interrupted = False
        self._state(connected=True)

    async def _tell_head(self, channel: PlainChannel, head: int) -> None:
        body = orjson.dumps({"source": self._service, "head": head})
        async with asyncio.timeout(CONFIRMED_WITHIN):
            await self._send(
                channel,
                f"{self._service}.log_head",
                body,
                f"head-{self._service}",
                {"loghead": head, "logsource": self._service},
            )

    async def _send(
        self, channel: PlainChannel, key: str, body: bytes, message_id: str, headers: dict[str, Any]
    ) -> None:
        confirmed = await channel.basic_publish(
            body,
            exchange=self._settings.on_the_bus(self._exchange),
            routing_key=key,
            mandatory=True,
            wait=False,
            properties=Basic.Properties(
                content_type="application/cloudevents+json", delivery_mode=2, message_id=message_id, headers=headers
            ),
        )
        if not isinstance(confirmed, Basic.Ack):
            message = "the broker did not take an event"
            raise ConnectionError(message)

    async def watch_age(self) -> None:
        """Measure how old the oldest event is that was not confirmed; whoever relays, or nobody."""
        async with self._database.transaction() as tx:
            age = await tx.value(
                """SELECT extract(epoch FROM clock() - min(l.recorded))::float8
                     FROM event_log AS l, relay AS r
                     LEFT JOIN log_order AS o ON o.logseq = r.sent
                     LEFT JOIN event_log AS s ON s.pos = o.pos
                    WHERE (l.xid, l.pos) > (coalesce(s.xid, '0'), coalesce(s.pos, 0))"""
            )
        self._metrics.oldest_unsent.set(max(age or 0.0, 0.0))

    def _state(self, *, connected: bool) -> None:
        self.connected = connected
        self._metrics.broker.labels("relay").set(connected)


# Rows below the oldest running transaction of the whole server are settled: none can still appear among them.
NUMBER = """
WITH settled AS (
    SELECT l.xid, l.pos, row_number() OVER (ORDER BY l.xid, l.pos) AS nth
      FROM event_log AS l, relay AS r
     WHERE (l.xid, l.pos) > (r.xid, r.pos)
       AND l.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY l.xid, l.pos
     LIMIT $1
), numbered AS (
    INSERT INTO log_order (logseq, pos)
         SELECT r.numbered + s.nth, s.pos FROM settled AS s, relay AS r
)
UPDATE relay SET xid = s.xid, pos = s.pos, numbered = numbered + s.nth
  FROM (SELECT xid, pos, nth FROM settled ORDER BY nth DESC LIMIT 1) AS s
"""

UNSENT = """
SELECT o.logseq, l.id, l.type, l.unit, l.body
  FROM log_order AS o
  JOIN event_log AS l USING (pos)
 WHERE o.logseq > (SELECT sent FROM relay)
 ORDER BY o.logseq
 LIMIT $1
"""
