"""Each guard of the conveyor, taken out, turns the smallest fault red that it guards against; whole, that is green."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

import aio_pika
import asyncpg
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared import event_log, topology
from shared.database import Database, Transaction
from shared.events import PetitionResolved
from shared.events.boards import Outcome
from shared.settings import Environment, Settings
from shared.telemetry import Metrics
from shared.topology import Hearing
from shared.uuids import uuid7
from tests.chaos.points import faults
from tests.chaos.points.counting import EVENTS, TALLY, counted, reader
from tests.chaos.points.guards import GUARDS, LOCK_FIRST, LOCK_WITHOUT_AN_ID, Guard, NotFound
from tests.chaos.rows_points import points
from tests.conftest import RABBITMQ
from tests.examples import DAY, WARD, caller, made

Fresh = Callable[[str], Awaitable[Database]]
WHOLE, BROKEN = "whole", "broken"
A, B, C = sorted(str(made(name)) for name in "ABC")
both = pytest.mark.parametrize("state", [WHOLE, BROKEN])


def without(state: str, *guards: str) -> list[Guard]:
    return [GUARDS[name] for name in guards] if state == BROKEN else []


@pytest.mark.parametrize("name", GUARDS)
def test_each_guard_is_found_by_its_words_and_nothing_else_is_taken_for_it(name: str) -> None:
    guard = GUARDS[name]
    source = faults.source(guard.module)

    assert guard.taken_out(source) != source
    with pytest.raises(NotFound):
        guard.taken_out(source + source)
    with pytest.raises(NotFound):
        guard.taken_out("")


# Hearing.


@dataclass
class Reading:
    """A reader of a real queue, put together from the source with or without a guard."""

    database: Database
    queue: str
    guards: list[Guard]

    async def live(self, dies: Callable[[int], bool], late: frozenset[int] = frozenset()) -> None:
        """Read until nothing more comes, or until so many messages are applied that it dies.

        What is handed in late is handed in only once all else is done. It dies before its acknowledgement is sent.
        """
        hearing = faults.copy_of("shared.consumers.hearing", None, self.guards)
        batching = faults.copy_of("shared.consumers.batching", None, self.guards)
        consumers = reader(hearing)
        applied = 0
        dead = asyncio.Event()

        async with await aio_pika.connect(RABBITMQ) as connection:
            channel = await connection.channel()

            async def apply(messages: Sequence[AbstractIncomingMessage]) -> None:
                nonlocal applied
                await consumers.settle(self.database, [hearing.Delivery(one.body, "buildings") for one in messages])
                applied += len(messages)
                if dies(applied):
                    dead.set()
                    await asyncio.Event().wait()

            batcher = batching.Batcher(apply)
            running = asyncio.create_task(batcher.run())

            async def take(message: AbstractIncomingMessage) -> None:
                if message.delivery_tag not in late:
                    batcher.put(message.channel, message.delivery_tag or 0, message)

            await channel.set_qos(prefetch_count=100)
            await (await channel.get_queue(self.queue, ensure=False)).consume(take)
            with suppress(TimeoutError):
                await asyncio.wait_for(dead.wait(), 1.0)
            await asyncio.sleep(0.2)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def verdict(self) -> dict[str, int]:
        """Return how often each of the messages was applied."""
        known = await counted(self.database)
        return {str(event.id): known.get(str(event.id), 0) for event in EVENTS}


@pytest.fixture
async def read(database: Fresh) -> AsyncIterator[Callable[[list[Guard]], Awaitable[Reading]]]:
    """Make readers of a queue in which every event lies once."""
    boards = await database("boards")
    async with await aio_pika.connect(RABBITMQ) as connection:
        channel = await connection.channel()
        name = f"chungcu_test_{uuid4().hex}"
        await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})

        async def new(guards: list[Guard]) -> Reading:
            async with boards.transaction() as tx:
                await tx.execute(TALLY)
            for event in EVENTS:
                message = aio_pika.Message(event.body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                await channel.default_exchange.publish(message, routing_key=name)
            return Reading(boards, name, guards)

        yield new
        await channel.queue_delete(name)


Read = Callable[[list[Guard]], Awaitable[Reading]]


@both
async def test_the_inbox_keeps_what_was_applied_and_not_acknowledged_from_counting_twice(
    read: Read, state: str
) -> None:
    reading = await read(without(state, "inbox"))

    await reading.live(dies=lambda applied: applied > 0)
    await reading.live(dies=lambda _: False)

    twice = [event for event, times in (await reading.verdict()).items() if times > 1]
    assert bool(twice) == (state == BROKEN)


@both
async def test_an_acknowledgement_without_a_hole_keeps_what_is_on_its_way_from_being_lost(
    read: Read, state: str
) -> None:
    reading = await read(without(state, "contiguous"))

    # The third message is still being handed in when the process dies; those behind it have arrived.
    await reading.live(dies=lambda _: False, late=frozenset({3}))
    await reading.live(dies=lambda _: False)

    lost = [event for event, times in (await reading.verdict()).items() if times == 0]
    assert bool(lost) == (state == BROKEN)


@both
async def test_the_readers_row_keeps_a_position_from_meaning_two_things(database: Fresh, state: str) -> None:
    reporting = await database("reporting")
    journal = faults.copy_of("services.reporting.store.journal", None, without(state, "reader"))
    hearing = faults.copy_of("shared.consumers.hearing")
    heard = [hearing.Heard(event, "buildings", nth + 1) for nth, event in enumerate(EVENTS)]

    async with two(reporting) as (first, second):
        await journal.remember(first.tx, heard[:4])
        waiting = asyncio.create_task(journal.remember(second.tx, heard[4:]))
        await asyncio.sleep(0.2)
        await first.commit()
        refused = (await asyncio.gather(waiting, return_exceptions=True))[0]
        if not isinstance(refused, Exception):
            await second.commit()

    async with reporting.transaction() as tx:
        seqs = [row["seq"] for row in await tx.fetch("SELECT seq FROM journal ORDER BY seq")]
    green = seqs == list(range(1, len(EVENTS) + 1))
    assert green == (state == WHOLE)
    # Both replicas would have given the same numbers: only the table's key refuses.
    assert isinstance(refused, asyncpg.UniqueViolationError) == (state == BROKEN)


# Telling.


@dataclass
class Session:
    """A transaction that a test holds open."""

    tx: Transaction
    commit: Callable[[], Awaitable[None]]


@asynccontextmanager
async def two(database: Database) -> AsyncIterator[tuple[Session, Session]]:
    """Open two transactions side by side; what the test does not commit is rolled back."""
    async with session(database) as first, session(database) as second:
        yield first, second


@asynccontextmanager
async def session(database: Database) -> AsyncIterator[Session]:
    connection = await database.connect()
    begun = connection.transaction()
    await begun.start()
    try:
        yield Session(Transaction(connection), begun.commit)
    finally:
        await connection.close()


async def tell(tx: Transaction, *subjects: str) -> None:
    for subject in subjects:
        fact = PetitionResolved(subject=subject, unit=WARD, on=DAY, outcome=Outcome.GUIDED)
        await event_log.append(tx, fact, by=caller(event_id=uuid7()))


async def replaced(database: Database, state: str, guard: Guard) -> None:
    """Take a guard out of the database's function, which must have it."""
    async with database.transaction() as tx:
        source = await tx.value("SELECT pg_get_functiondef($1::regproc)", guard.module)
        broken = guard.taken_out(source)
        await tx.execute("CREATE TABLE lockable (subject text PRIMARY KEY)")
        if state == BROKEN:
            await tx.execute(broken)


async def versions(database: Database, subject: str) -> list[int]:
    """Return a subject's versions in the order of the log."""
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT version FROM event_log WHERE subject = $1 ORDER BY xid, pos", subject)
    return [row["version"] for row in rows]


@both
async def test_a_lock_that_takes_no_id_keeps_the_order_of_commands_on_several_subjects(
    database: Fresh, state: str
) -> None:
    boards = await database("boards")
    await replaced(boards, state, LOCK_WITHOUT_AN_ID)

    async with session(boards) as holding, two(boards) as (several, one):
        await event_log.lock(holding.tx, B)
        # Has taken the first subject, and waits for the second.
        waiting = asyncio.create_task(event_log.lock(several.tx, A, B, C))
        await asyncio.sleep(0.2)
        await event_log.lock(one.tx, C)
        await tell(one.tx, C)
        await one.commit()
        await holding.commit()
        await waiting
        await tell(several.tx, C)
        await several.commit()

    assert await versions(boards, C) == ([2, 1] if state == BROKEN else [1, 2])


@both
async def test_a_lock_that_must_come_first_keeps_the_order_of_who_wrote_before(database: Fresh, state: str) -> None:
    boards = await database("boards")
    await replaced(boards, state, LOCK_FIRST)
    refused = False

    async with session(boards) as careless:
        await careless.tx.execute("INSERT INTO takeover VALUES ($1, 'x', 'HN')", uuid4())
        async with boards.transaction() as tx:
            await event_log.lock(tx, A)
            await tell(tx, A)
        try:
            await event_log.lock(careless.tx, A)
            await tell(careless.tx, A)
            await careless.commit()
        except asyncpg.PostgresError as error:
            refused = error.sqlstate == "CC001"

    assert refused == (state == WHOLE)
    assert await versions(boards, A) == ([1] if refused else [2, 1])


@both
async def test_a_topology_that_is_declared_before_the_first_event_keeps_it_from_being_unheard(
    database: Fresh, state: str
) -> None:
    boards = await database("boards")
    settings = Settings(env=Environment.DEVELOPMENT, instance=f"guard_{uuid4().hex[:8]}", rabbitmq_url=RABBITMQ)
    before = topology.plan([Hearing("buildings", ())])
    planned = topology.plan([Hearing("boards", ()), Hearing("reporting", ("#",))])
    leading = faults.copy_of("shared.relay.leading", None, without(state, "topology"))
    async with boards.transaction() as tx:
        await tx.execute("UPDATE topology SET plan = $1", json.dumps(planned))
    async with boards.transaction() as tx:
        await event_log.lock(tx, A)
        await tell(tx, A)

    async with await aio_pika.connect(RABBITMQ) as connection:
        # The broker knows an earlier plan, in which nobody hears what boards tells.
        await topology.declare(connection, settings, before)
        relay = leading.Relay("boards", boards, settings, Metrics())
        running = asyncio.create_task(relay.run())
        async with asyncio.timeout(60):
            while not await sent(boards):
                await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await topology.declare(connection, settings, planned)
        channel = await connection.channel()
        heard = await (await channel.get_queue(settings.on_the_bus("reporting"))).get(no_ack=True, fail=False)
        unheard = await (await channel.get_queue(settings.on_the_bus("chungcu.unheard"))).get(no_ack=True, fail=False)
        for old in (before, planned):
            await topology.remove(connection, settings, old)

    assert (heard is None) == (state == BROKEN)
    assert (unheard is None) == (state == WHOLE)


async def sent(database: Database) -> int:
    async with database.transaction() as tx:
        return int(await tx.value("SELECT sent FROM relay"))


# And the killing itself is no looking away.


def test_a_service_without_its_inbox_is_found_out_by_the_killing() -> None:
    result = points(1, 20, lambda _: None, whole=None, sampled={"boards": 1}, broken="inbox")

    assert result.killed == 1
    assert result.twice > 0
    assert not result.holds
