"""One relay of each log leads: it numbers, publishes window after window, and notes what was confirmed."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import aio_pika
import aiormq
import asyncpg
import orjson

from shared import topology
from shared.database import Connection, Database
from shared.relay import reading
from shared.relay.publishing import Outgoing, PublishingChannel
from shared.settings import Settings
from shared.telemetry import Metrics, log

WINDOW = 128
"""Events published in one write."""
AHEAD = 8
"""Windows that may be on their way, written and not confirmed."""
WITHIN = 10.0
"""Seconds that connecting may take, writing a window, or the next confirmation; a broker under alarm never answers."""
COURTESY = 2.0
"""How long a relay that is far behind rests after a window while somebody asks: as a share of what the window took."""
LONGEST_REST = 0.1
"""Seconds for which it rests at most: a link that is slow keeps nobody from being answered."""
IDLE = (0.02, 0.1)
"""Seconds between looks at the log: at first, and when nothing comes."""
PAUSES = (0.2, 5.0)
"""Seconds between tries when broker or database are away: first and longest."""
HEAD_EVERY = 10.0
"""Seconds between tellings of how far the log goes, so that a reader sees what it lacks at the end too."""
SILENT = 30.0
"""Seconds after which a leader that asks nothing of the database is one no more; between two questions it waits for two
things at most, each as long as it may take."""
LEASE = 0x63_68_75_6E
"""The advisory lock of the one relay of a log; others stand by. A restricted log in the same database has the next."""


@dataclass(frozen=True, slots=True)
class _Window:
    """What was written at once: its first and last publish on the channel, and the number of its last event."""

    first: int
    last: int
    logseq: int


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
        self.answering = metrics.answering
        self.told = asyncio.Event()
        self.connected = False
        self.standby = False
        self.age = 0.0
        """Seconds for which the oldest event has not been confirmed."""
        self._interrupted = False
        self._held_up = False

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
        connection = await self._database.connect(within=WITHIN)
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", self._lease):
                self.standby = True
                if await connection.fetchval(reading.END_SILENT_LEADER, self._lease, timedelta(seconds=SILENT)):
                    log.warning("the relay that leads is silent, its session was ended", name=self._exchange)
                await asyncio.sleep(0.5)
            self.standby = False
            # What the relay notes is found again in the log, so its own commits need not wait for the disk.
            await connection.execute("SET synchronous_commit = off")
            await self._refuse_a_restored_log(connection)
            await self._tell(connection)
        finally:
            with suppress(Exception):  # what ended it is what counts
                await connection.close(timeout=5)

    async def _refuse_a_restored_log(self, connection: Connection) -> None:
        ahead = await connection.fetchval(reading.RESTORED)
        if ahead:
            log.error("the log was restored from another server: run chungcu log rebase", events=ahead)
            message = "log ahead of its server"
            raise ConnectionError(message)

    async def _tell(self, connection: Connection) -> None:
        known = await connection.fetchrow("SELECT plan, marked FROM topology, relay")
        assert known is not None
        wire = aiormq.Connection(self._settings.broker())
        try:
            async with asyncio.timeout(WITHIN):
                async with await aio_pika.connect(self._settings.broker()) as broker:
                    marked = await topology.is_marked(broker, self._settings, self._exchange, self._service)
                    await topology.declare(broker, self._settings, orjson.loads(known["plan"]))
                await wire.connect()
                channel = await PublishingChannel.open_on(wire)
            channel.address(self._settings.on_the_bus(self._exchange), self._service)
            if not marked:
                if known["marked"]:
                    await self._tell_again(connection, channel)
                await self._mark(connection)
            await self._loop(connection, channel)
        finally:
            with suppress(Exception):
                async with asyncio.timeout(5):
                    await wire.close()

    async def _tell_again(self, connection: Connection, channel: PublishingChannel) -> None:
        """Tell the whole log to a broker that lost what it held: nobody knows what of it had been heard, readers do."""
        log.warning("the broker lost what it held, everything is told again", name=self._exchange)
        published = 0
        while rows := await connection.fetch(reading.AGAIN, WINDOW, published):
            async with asyncio.timeout(WITHIN):
                last = await channel.publish([_outgoing(row) for row in rows])
            while channel.confirmed < last:
                await channel.until(last, WITHIN)
                await connection.execute("SELECT 1")  # so that no standby takes a slow broker for a silent leader
            published = rows[-1]["logseq"]
        log.info("everything was told again", name=self._exchange, events=published)

    async def _mark(self, connection: Connection) -> None:
        async with asyncio.timeout(WITHIN):
            async with await aio_pika.connect(self._settings.broker()) as broker:
                await topology.mark(broker, self._settings, self._exchange, self._service)
        await connection.execute("UPDATE relay SET marked = true")

    async def _loop(self, connection: Connection, channel: PublishingChannel) -> None:
        """Keep windows on their way until something fails; what was confirmed by then is not sent again."""
        written: deque[_Window] = deque()
        published = await connection.fetchval("SELECT sent FROM relay")
        left_behind, idle, head_at = True, IDLE[0], -HEAD_EVERY
        try:
            while True:
                self.told.clear()
                began = time.monotonic()
                rows = await (
                    connection.fetch(reading.UNSENT, WINDOW, published)
                    if left_behind
                    else connection.fetch(reading.NUMBER, WINDOW)
                )
                if rows:
                    async with asyncio.timeout(WITHIN):
                        last = await channel.publish([_outgoing(row) for row in rows])
                    published = rows[-1]["logseq"]
                    written.append(_Window(last - len(rows) + 1, last, published))
                    idle = IDLE[0]
                    if len(rows) == WINDOW and self.answering.lately:
                        await asyncio.sleep(min(COURTESY * (time.monotonic() - began), LONGEST_REST))
                    if len(written) <= AHEAD:
                        continue
                if written:
                    await channel.until(written[0].last, WITHIN)
                    await self._note(connection, channel, written)
                    continue
                left_behind = left_behind and bool(rows)
                if time.monotonic() - head_at > HEAD_EVERY:
                    await self._tell_head(channel, published)
                    head_at = time.monotonic()
                if not left_behind:
                    try:
                        await asyncio.wait_for(self.told.wait(), idle)
                    except TimeoutError:
                        idle = min(idle * 1.5, IDLE[1])
        finally:
            with suppress(Exception):
                await self._note(connection, channel, written)

    async def _note(self, connection: Connection, channel: PublishingChannel, written: deque[_Window]) -> None:
        """Move the cursor over what is confirmed without a hole."""
        logseq = count = 0
        while written and written[0].last <= channel.confirmed:
            done = written.popleft()
            logseq, count = done.logseq, count + done.last - done.first + 1
        if written and written[0].first <= channel.confirmed:
            begun = written.popleft()
            logseq = begun.logseq - (begun.last - channel.confirmed)
            count += channel.confirmed - begun.first + 1
            written.appendleft(_Window(channel.confirmed + 1, begun.last, begun.logseq))
        if count:
            await connection.execute(reading.CONFIRM, logseq)
            self._metrics.sent.inc(count)
            self._confirmed()

    def _confirmed(self) -> None:
        """Note that the broker answers; only a confirmation says so, for under an alarm it still lets one connect."""
        if not self.connected:
            log.info("relay connected", name=self._exchange)
        self._interrupted = False
        self._state(connected=True)

    async def _tell_head(self, channel: PublishingChannel, head: int) -> None:
        body = orjson.dumps({"source": self._service, "head": head})
        said = Outgoing(f"{self._service}.log_head", f"head-{self._service}", {"loghead": head}, body)
        async with asyncio.timeout(WITHIN):
            last = await channel.publish([said])
        await channel.until(last, WITHIN)
        self._confirmed()

    async def watch_age(self) -> None:
        """Measure how old the oldest event is that was not confirmed, whoever relays; say what holds it up."""
        async with self._database.transaction() as tx:
            oldest = await tx.row(reading.OLDEST_UNSENT)
            self.age = max(oldest["age"], 0.0) if oldest else 0.0
            held_up = bool(oldest and oldest["unsettled"] and self.age > 1)
            if held_up and not self._held_up:
                log.warning(
                    "a long transaction holds up the log", name=self._exchange, pid=await tx.value(reading.HOLDING_UP)
                )
            self._held_up = held_up
        self._metrics.oldest_unsent.set(self.age)

    def _state(self, *, connected: bool) -> None:
        self.connected = connected
        self._metrics.broker.labels("relay").set(connected)


def _outgoing(row: asyncpg.Record) -> Outgoing:
    return Outgoing(f"{row['type']}.{row['unit']}", str(row["id"]), {"logseq": row["logseq"]}, row["body"].encode())
