"""A broker that comes back with an empty disk is told everything again; who asks goes before a backlog."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from uuid import UUID, uuid4

import aio_pika
import orjson
import pytest

from ops.services import SERVICES
from shared import event_log, topology
from shared.database import Database
from shared.events import PetitionResolved
from shared.events.boards import Outcome
from shared.relay import WINDOW, Relay, leading
from shared.settings import Environment, Settings
from shared.telemetry import Metrics
from shared.uuids import uuid7
from tests.conftest import RABBITMQ
from tests.examples import DAY, WARD, caller, made

Fresh = Callable[[str], Awaitable[Database]]
PLAN = topology.plan([topology.Hearing("somebody", ("boards.#",)), SERVICES["boards"].hearing])


@pytest.fixture
async def settings() -> AsyncIterator[Settings]:
    own = Settings(env=Environment.DEVELOPMENT, instance=f"loss_{uuid4().hex[:8]}", rabbitmq_url=RABBITMQ)
    yield own
    await lose(own)


async def lose(settings: Settings) -> None:
    """Leave a broker as one whose disk was lost."""
    async with await aio_pika.connect(RABBITMQ) as connection:
        await topology.remove(connection, settings, PLAN)


@pytest.fixture
async def boards(database: Fresh) -> Database:
    fresh = await database("boards")
    async with fresh.transaction() as tx:
        await tx.execute("UPDATE topology SET plan = $1", orjson.dumps(PLAN).decode())
    return fresh


async def told(boards: Database, count: int) -> list[UUID]:
    events = []
    for nth in range(count):
        async with boards.transaction() as tx:
            subject = str(made(f"petition {nth}"))
            await event_log.lock(tx, subject)
            event = PetitionResolved(subject=subject, unit=WARD, on=DAY, outcome=Outcome.GUIDED)
            events.append((await event_log.append(tx, event, by=caller(event_id=uuid7()))).id)
    return events


@asynccontextmanager
async def telling(boards: Database, settings: Settings) -> AsyncIterator[Relay]:
    relay = Relay("boards", boards, settings, Metrics())
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def heard(settings: Settings, count: int) -> list[UUID]:
    """Take so many events from the queue, and look that no more come."""
    found: list[UUID] = []
    async with await aio_pika.connect(RABBITMQ) as connection, connection.channel() as channel:
        queue = await channel.get_queue(settings.on_the_bus("somebody"), ensure=False)
        async with asyncio.timeout(60):
            while len(found) < count:
                message = await queue.get(no_ack=True, fail=False)
                if message is None:
                    await asyncio.sleep(0.05)
                elif "loghead" not in message.headers:
                    found.append(UUID(message.message_id))
        await asyncio.sleep(0.3)
        while (more := await queue.get(no_ack=True, fail=False)) is not None:
            assert "loghead" in more.headers
    return found


async def marked(boards: Database) -> bool:
    async with boards.transaction() as tx:
        return bool(await tx.value("SELECT marked FROM relay"))


async def until_marked(boards: Database) -> None:
    async with asyncio.timeout(60):
        while not await marked(boards):
            await asyncio.sleep(0.05)


async def test_a_broker_that_lost_its_disk_has_everything_again_and_then_what_is_new(
    boards: Database, settings: Settings
) -> None:
    before = await told(boards, 300)
    async with telling(boards, settings):
        await until_marked(boards)
        first = await heard(settings, 300)

    await lose(settings)
    later = await told(boards, 2)
    async with telling(boards, settings):
        async with asyncio.timeout(60):
            while not await exists(settings):
                await asyncio.sleep(0.05)
        second = await heard(settings, 302)

    assert first == before
    assert second == before + later


async def test_a_broker_that_was_merely_away_is_told_nothing_again(boards: Database, settings: Settings) -> None:
    before = await told(boards, 3)
    async with telling(boards, settings):
        await until_marked(boards)
        first = await heard(settings, 3)

    later = await told(boards, 1)
    async with telling(boards, settings):
        second = await heard(settings, 1)

    assert (first, second) == (before, later)


async def exists(settings: Settings) -> bool:
    async with await aio_pika.connect(RABBITMQ) as connection:
        return await topology.is_marked(connection, settings, topology.EVENTS, "boards")


@pytest.mark.parametrize(("asked", "told_meanwhile"), [(False, 2 * WINDOW), (True, WINDOW)])
async def test_a_backlog_rests_while_somebody_is_answered(
    boards: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, asked: bool, told_meanwhile: int
) -> None:
    monkeypatch.setattr(leading, "COURTESY", 1e6)
    monkeypatch.setattr(leading, "LONGEST_REST", 1e6)
    events = await told(boards, 2 * WINDOW)

    async with telling(boards, settings) as relay:
        with relay.answering if asked else nullcontext():
            await until_marked(boards)
            assert await heard(settings, told_meanwhile) == events[:told_meanwhile]
