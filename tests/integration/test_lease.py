"""One relay leads and others stand by: who takes over goes on from the first event that was not confirmed."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from shared.database import Database
from shared.event_log import append, lock
from shared.events import PetitionResolved
from shared.events.boards import Outcome
from shared.relay import LEASE, WINDOW
from shared.uuids import uuid7
from tests.chaos.points.city import City
from tests.chaos.points.life import Life
from tests.examples import DAY, WARD, caller, made

SUBJECT = str(made("told of again and again"))
SILENT = "from shared.relay import leading; leading.SILENT = 2.0"
"""What makes a standby impatient."""
PATIENCE = 90.0
"""Other users of the server may hold the line for a while."""
LEADS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = $1::bigint::oid AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
HELD_UP = """
CREATE FUNCTION held_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1);
    RETURN NEW;
END $$;
CREATE TRIGGER held_up BEFORE UPDATE OF sent ON relay FOR EACH ROW EXECUTE FUNCTION held_up()
"""
"""With it, nothing that was published can be noted for as long as somebody holds the lock."""


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    """Give the boards service alone, to be started several times."""
    async with City("boards", tmp_path).open() as opened:
        yield opened


@pytest.fixture
async def database(city: City) -> AsyncIterator[Database]:
    opened = Database(city.settings.database("boards"), "chungcu test")
    await opened.open()
    yield opened
    await opened.close()


Start = Callable[[], Awaitable[Life]]


@pytest.fixture
async def start(city: City) -> AsyncIterator[Start]:
    """Start replicas that are ended after the test."""
    async with AsyncExitStack() as started:

        async def new() -> Life:
            life = await city.begin(beside=True, first=SILENT)
            started.push_async_callback(life.end)
            await life.lasts(0)
            return life

        yield new


async def tell(database: Database, count: int) -> None:
    """Tell so many versions of one thing in one transaction."""
    async with database.transaction() as tx:
        await lock(tx, SUBJECT)
        for _ in range(count):
            fact = PetitionResolved(subject=SUBJECT, unit=WARD, on=DAY, outcome=Outcome.GUIDED)
            await append(tx, fact, by=caller(event_id=uuid7()))


class Cursor:
    """How far the relay says it has come, looked at again and again."""

    def __init__(self, city: City) -> None:
        """Look at a city's relay."""
        self._city = city
        self.seen: list[int] = []

    async def reaches(self, number: int) -> None:
        """Wait until everything through a number is confirmed."""
        end = time.monotonic() + PATIENCE
        while await self.now() < number:
            assert time.monotonic() < end, f"stuck at {self.seen[-1]}"
            await asyncio.sleep(0.02)

    async def now(self) -> int:
        """Look."""
        self.seen.append(await self._city.admin.fetchval("SELECT sent FROM relay"))
        return self.seen[-1]

    @property
    def went_back(self) -> bool:
        """Tell whether it was ever seen to go back."""
        return self.seen != sorted(self.seen)


async def leader(city: City) -> int | None:
    """Return the session that holds the lease."""
    pid: int | None = await city.admin.fetchval(LEADS, LEASE)
    return pid


async def arrived(city: City, count: int) -> None:
    """Wait until so many messages have come over the bus, repeated ones included."""

    async def come() -> bool:
        return len(city.seen.messages) >= count

    assert await city.until(come, PATIENCE)


@asynccontextmanager
async def nothing_noted(city: City) -> AsyncIterator[None]:
    """Hold up whoever wants to note what was confirmed."""
    await city.admin.execute("SELECT pg_advisory_lock(1)")
    try:
        yield
    finally:
        await city.admin.execute("SELECT pg_advisory_unlock(1)")


async def test_who_takes_over_in_the_middle_goes_on_from_the_first_event_not_confirmed(
    city: City, database: Database, start: Start
) -> None:
    cursor = Cursor(city)
    await city.admin.execute(HELD_UP)
    await start()
    await start()
    await tell(database, 100)
    await cursor.reaches(100)

    async with nothing_noted(city):
        await tell(database, 2 * WINDOW)
        await arrived(city, 101)
        before = await leader(city)
        await city.admin.execute("SELECT pg_terminate_backend($1)", before)
        await city.until(lambda: changed(city, before), PATIENCE)
    await cursor.reaches(100 + 2 * WINDOW)

    numbers = [number for number, *_ in city.seen.messages]
    repeated = {number for number in numbers if numbers.count(number) > 1}
    assert set(numbers) == set(range(1, 101 + 2 * WINDOW))
    assert min(repeated) == 101
    assert city.seen.disordered == 0
    assert not cursor.went_back


async def changed(city: City, before: int | None) -> bool:
    return await leader(city) not in {None, before}


async def test_a_frozen_leader_is_replaced_and_does_no_harm_when_it_wakes(
    city: City, database: Database, start: Start
) -> None:
    cursor = Cursor(city)
    first = await start()
    await start()
    await tell(database, 10)
    await cursor.reaches(10)
    before = await leader(city)

    first.told(signal.SIGSTOP)
    await tell(database, 10)
    await cursor.reaches(20)
    replaced = await leader(city)
    first.told(signal.SIGCONT)
    await tell(database, 10)
    await cursor.reaches(30)
    await asyncio.sleep(1)

    assert replaced not in {None, before}
    assert await leader(city) == replaced
    assert {number for number, *_ in city.seen.messages} == set(range(1, 31))
    assert city.seen.disordered == 0
    assert not cursor.went_back
    assert await cursor.now() == 30


async def test_a_standby_that_was_frozen_wakes_as_a_standby(city: City, database: Database, start: Start) -> None:
    cursor = Cursor(city)
    await start()
    second = await start()
    await tell(database, 10)
    await cursor.reaches(10)
    before = await leader(city)

    second.told(signal.SIGSTOP)
    await tell(database, 10)
    await cursor.reaches(20)
    await asyncio.sleep(4)
    second.told(signal.SIGCONT)
    await tell(database, 10)
    await cursor.reaches(30)
    await asyncio.sleep(1)

    assert await leader(city) == before
    assert [number for number, *_ in city.seen.messages] == list(range(1, 31))
    assert not cursor.went_back
