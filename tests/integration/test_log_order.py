"""The log keeps the order of each subject, and nothing in it is ever passed over: shown with sessions side by side."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
import structlog

from shared import event_log
from shared.database import Database, Transaction
from shared.event_log import NotLocked, TooDeep
from shared.events import PetitionResolved, Told
from shared.events.boards import Outcome
from shared.relay import NUMBER, UNSENT, WINDOW, Relay
from shared.settings import Settings
from shared.telemetry import Metrics
from shared.uuids import uuid7
from tests.examples import DAY, WARD, caller, made

Fresh = Callable[[str], Awaitable[Database]]
A, B, C = (str(made(name)) for name in "ABC")


@pytest.fixture
async def boards(database: Fresh) -> Database:
    return await database("boards")


async def tell(tx: Transaction, *subjects: str) -> list[Told[PetitionResolved]]:
    """Tell one fact of each subject; they are locked already."""
    return [
        await event_log.append(
            tx,
            PetitionResolved(subject=subject, unit=WARD, on=DAY, outcome=Outcome.GUIDED),
            by=caller(event_id=uuid7()),
        )
        for subject in subjects
    ]


async def command(database: Database, *subjects: str) -> None:
    """Do what a command does: lock first, then write."""
    async with database.transaction() as tx:
        await event_log.lock(tx, *subjects)
        await tell(tx, *subjects)


@asynccontextmanager
async def session(database: Database) -> AsyncIterator[tuple[Transaction, Callable[[], Awaitable[None]]]]:
    """Open a transaction that the test commits, or that is rolled back at the end."""
    connection = await database.connect()
    begun = connection.transaction()
    await begun.start()
    try:
        yield Transaction(connection), begun.commit
    finally:
        await connection.close()


async def number(database: Database, window: int = WINDOW) -> None:
    """Number what is settled, as the relay does."""
    async with database.transaction() as tx:
        await tx.execute(NUMBER, window)


async def numbered(database: Database) -> list[tuple[int, str, int]]:
    """Return what has been numbered: number, subject, version."""
    async with database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT o.logseq, l.subject, l.version FROM log_order AS o JOIN event_log AS l USING (pos) ORDER BY o.logseq"
        )
    return [(row["logseq"], row["subject"], row["version"]) for row in rows]


async def settled(database: Database, count: int) -> list[tuple[int, str, int]]:
    """Number until so many are: other users of the server may hold the line for a moment."""
    async with asyncio.timeout(20):
        while len(found := await numbered(database)) < count:
            await number(database)
            await asyncio.sleep(0.01)
    await number(database)
    assert found == await numbered(database)
    return found


async def test_events_are_numbered_densely_in_the_order_of_the_log(boards: Database) -> None:
    for subject in (A, B, A, C, A):
        await command(boards, subject)

    assert await settled(boards, 5) == [(1, A, 1), (2, B, 1), (3, A, 2), (4, C, 1), (5, A, 3)]


async def test_a_small_window_numbers_the_same(boards: Database) -> None:
    for subject in (A, B, A, C, A):
        await command(boards, subject)

    async with asyncio.timeout(20):
        while len(await numbered(boards)) < 5:
            await number(boards, window=2)

    assert [row[0] for row in await numbered(boards)] == [1, 2, 3, 4, 5]
    assert [row[1] for row in await numbered(boards)] == [A, B, A, C, A]


async def test_an_event_of_an_open_transaction_is_waited_for(boards: Database) -> None:
    async with session(boards) as (early, commit):
        await event_log.lock(early, A)
        await tell(early, A)
        await command(boards, B)

        await number(boards)
        assert await numbered(boards) == []
        await commit()

    assert await settled(boards, 2) == [(1, A, 1), (2, B, 1)]


async def test_a_later_position_that_is_committed_earlier_does_not_hide_an_earlier_transaction(
    boards: Database,
) -> None:
    async with session(boards) as (early, commit):
        await event_log.lock(early, A)
        await early.value("SELECT pg_current_xact_id()")
        await command(boards, B)
        await tell(early, A)

        await number(boards)
        assert await numbered(boards) == []
        await commit()

    # By position B comes first; by transaction A does, and that is the order told.
    assert await settled(boards, 2) == [(1, A, 1), (2, B, 1)]
    async with boards.transaction() as tx:
        rows = await tx.fetch("SELECT subject FROM event_log ORDER BY pos")
    assert [row["subject"] for row in rows] == [B, A]


async def test_what_was_rolled_back_leaves_no_gap(boards: Database) -> None:
    await command(boards, A)
    async with session(boards) as (doomed, _):
        await event_log.lock(doomed, A)
        await tell(doomed, A)
        await command(boards, B)
    await command(boards, A)

    assert await settled(boards, 3) == [(1, A, 1), (2, B, 1), (3, A, 2)]


async def test_an_event_told_within_a_savepoint_is_waited_for_with_its_transaction(boards: Database) -> None:
    async with session(boards) as (early, commit):
        await event_log.lock(early, A)
        async with early.savepoint():
            await tell(early, A)
        await command(boards, B)

        await number(boards)
        assert await numbered(boards) == []
        await commit()

    assert await settled(boards, 2) == [(1, A, 1), (2, B, 1)]


async def test_what_a_savepoint_undid_was_never_told(boards: Database) -> None:
    async def fail(tx: Transaction) -> None:
        async with tx.savepoint():
            await tell(tx, B)
            raise ZeroDivisionError

    async with boards.transaction() as tx:
        await event_log.lock(tx, A, B)
        with pytest.raises(ZeroDivisionError):
            await fail(tx)
        await tell(tx, A)

    assert await settled(boards, 1) == [(1, A, 1)]


async def test_a_long_writer_elsewhere_on_the_server_delays_but_hides_nothing(
    boards: Database, database: Fresh
) -> None:
    elsewhere = await database("buildings")
    async with session(elsewhere) as (writer, commit):
        await writer.execute("INSERT INTO takeover VALUES ($1, 'x', 'HN')", made("slow"))
        for subject in (A, B, A):
            await command(boards, subject)

        await number(boards)
        assert await numbered(boards) == []
        await commit()

    assert await settled(boards, 3) == [(1, A, 1), (2, B, 1), (3, A, 2)]


async def test_what_holds_up_the_log_is_named_with_its_process_and_once(boards: Database) -> None:
    relay = Relay("boards", boards, Settings(), Metrics())
    async with session(boards) as (writer, commit):
        await writer.execute("INSERT INTO takeover VALUES ($1, 'x', 'HN')", made("slow"))
        await command(boards, A)
        async with boards.transaction() as tx:
            await tx.execute("INSERT INTO clock_setting VALUES (now() + interval '1 hour')")

        with structlog.testing.capture_logs() as lines:
            await relay.watch_age()
            await relay.watch_age()
        await commit()

    assert relay.age > 1000
    (line,) = lines
    assert line["event"] == "a long transaction holds up the log"
    # The oldest writer of the whole server: here it is ours, unless somebody else's is older.
    assert line["pid"] > 0


async def test_a_long_reader_delays_nothing(boards: Database) -> None:
    async with boards.transaction(snapshot=True) as reader:
        await reader.value("SELECT count(*) FROM event_log")
        await command(boards, A)

        assert await settled(boards, 1) == [(1, A, 1)]


async def test_a_command_on_two_subjects_waits_without_an_id_of_its_own(boards: Database) -> None:
    async with session(boards) as (first, commit), session(boards) as (second, commit_second):
        await event_log.lock(first, A, B)
        waiting = asyncio.create_task(event_log.lock(second, B, C))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await tell(first, A, B)
        await commit()
        await waiting
        assert await second.value("SELECT pg_current_xact_id_if_assigned()") is None
        assert second.locked == {B: 1, C: 0}
        await tell(second, B, C)
        await commit_second()

    assert await settled(boards, 4) == [(1, A, 1), (2, B, 1), (3, B, 2), (4, C, 1)]


async def test_subjects_named_in_any_order_cannot_lock_each_other_out(boards: Database) -> None:
    await asyncio.wait_for(
        asyncio.gather(*(command(boards, *((A, B) if nth % 2 else (B, A))) for nth in range(20))), timeout=20
    )

    assert len(await settled(boards, 40)) == 40


async def test_under_contention_each_subject_keeps_the_order_of_its_versions(boards: Database) -> None:
    dice = random.Random(2026)
    subjects = [A, B, C, str(made("D"))]

    async def some(count: int) -> None:
        for _ in range(count):
            await command(boards, *dice.sample(subjects, dice.choice((1, 2, 3))))

    enough = asyncio.Event()
    numbering = asyncio.create_task(number_until(boards, enough))
    await asyncio.gather(*(some(15) for _ in range(8)))
    enough.set()
    await numbering
    async with boards.transaction() as tx:
        written = await tx.value("SELECT count(*) FROM event_log")
    found = await settled(boards, written)

    versions: dict[str, list[int]] = defaultdict(list)
    for _, subject, version in found:
        versions[subject].append(version)
    assert [row[0] for row in found] == list(range(1, written + 1))
    assert all(told == list(range(1, len(told) + 1)) for told in versions.values())


async def number_until(database: Database, enough: asyncio.Event) -> None:
    while not enough.is_set():
        await number(database, window=7)


async def test_a_transaction_that_has_written_can_lock_no_more(boards: Database) -> None:
    async with session(boards) as (tx, _):
        await tx.execute("INSERT INTO takeover VALUES ($1, 'x', 'HN')", made("written"))

        with pytest.raises(asyncpg.PostgresError) as refused:
            await event_log.lock(tx, A)

    assert refused.value.sqlstate == "CC001"


async def test_a_transaction_that_has_told_can_lock_no_more(boards: Database) -> None:
    async with session(boards) as (tx, _):
        await event_log.lock(tx, A)
        await tell(tx, A)

        with pytest.raises(asyncpg.PostgresError, match="before the transaction writes"):
            await event_log.lock(tx, B)


async def test_nothing_is_told_of_a_subject_that_is_not_locked(boards: Database) -> None:
    async with boards.transaction() as tx:
        await event_log.lock(tx, A)
        with pytest.raises(NotLocked):
            await tell(tx, B)

    assert await numbered(boards) == []


async def test_what_no_routing_key_could_carry_is_refused_and_never_stops_the_log(boards: Database) -> None:
    deep = ".".join(["HN", *(f"U{'x' * 30}" for _ in range(8))])
    async with boards.transaction() as tx:
        await event_log.lock(tx, A)
        event = PetitionResolved(subject=A, unit=deep, on=DAY, outcome=Outcome.GUIDED)
        with pytest.raises(TooDeep):
            await event_log.append(tx, event, by=caller(event_id=uuid7()))

    assert await numbered(boards) == []


async def test_a_subject_may_be_told_of_twice_in_one_command(boards: Database) -> None:
    async with boards.transaction() as tx:
        await event_log.lock(tx, A)
        await tell(tx, A, A)

    assert await settled(boards, 2) == [(1, A, 1), (2, A, 2)]


async def test_what_is_sent_is_what_was_told_from_the_first_unconfirmed_on(boards: Database) -> None:
    told = []
    for subject in (A, B, C):
        async with boards.transaction() as tx:
            await event_log.lock(tx, subject)
            told += await tell(tx, subject)
    await settled(boards, 3)

    async def unsent() -> list[Any]:
        async with boards.transaction() as tx:
            return await tx.fetch(UNSENT, WINDOW, 0)

    assert [row["body"].encode() for row in await unsent()] == [one.body for one in told]
    async with boards.transaction() as tx:
        await tx.execute("UPDATE relay SET sent = 2")
    assert [row["id"] for row in await unsent()] == [told[2].id]


async def test_a_told_event_cannot_be_told_again_nor_a_version_twice(boards: Database) -> None:
    await command(boards, A)
    for of_which in ("id, type, subject, 2", "gen_random_uuid(), type, subject, version"):
        async with boards.transaction() as tx:
            with pytest.raises(asyncpg.UniqueViolationError):
                await tx.execute(
                    f"""INSERT INTO event_log (id, type, subject, version, unit, recorded, body)
                             SELECT {of_which}, unit, recorded, body FROM event_log"""
                )
