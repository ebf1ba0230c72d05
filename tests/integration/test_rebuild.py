"""A book rebuilt beside the live one equals it or is not put in its place; who reads or hears meanwhile notices nothing."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.reporting import store
from services.reporting.consumers import DerivedByOthers, comparison, consumers, definitions
from services.reporting.domain.comparison import last_night
from services.reporting.domain.known import Period
from services.reporting.store import beside
from services.reporting.store.definitions import entry_texts, indicators
from services.reporting.store.entries import LIVE
from services.reporting.store.figures import Asking
from services.reporting.store.rebuild import Busy, Crowded, Phase, Proof, Rebuild
from shared.consumers import Consumers, Delivery, Outdated, Work
from shared.database import Database, Record
from shared.events import Told
from shared.settings import Environment, Settings
from shared.telemetry import Metrics
from tests.conftest import Databases, Serve
from tests.examples import CITY, DISTRICT, made, told, unit_established
from tests.integration.test_reporting_year import FIRST, LAST, deliveries, differences, heard, lines, the_year

CATALOGUE = """
    SELECT c.relname, pg_get_indexdef(i.indexrelid) AS is FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
     WHERE i.indrelid IN ('entries'::regclass, 'aggregates'::regclass)
     UNION ALL
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE conrelid IN ('entries'::regclass, 'aggregates'::regclass)
     UNION ALL
    SELECT relname, coalesce(array_to_string(reloptions, ' '), '') FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
     ORDER BY 1, 2"""
"""Indexes, constraints and tables, each with what it is."""


@pytest.fixture(scope="module")
def year() -> list[Told[Any]]:
    return the_year().events


@pytest.fixture
async def reporting(databases: Databases) -> AsyncIterator[Database]:
    """Open a fresh database as the service does: its snapshots hold on to the tables that are exchanged."""
    one = Database(await databases.new("reporting"), "chungcu test", exchanged=LIVE)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
async def live(reporting: Database, year: list[Told[Any]]) -> Database:
    await definitions(working(reporting))
    return await heard(reporting, year)


def working(database: Database, now: datetime | None = None, metrics: Metrics | None = None) -> Work:
    async def apply(_: object) -> None: ...

    settings = Settings(env=Environment.DEVELOPMENT)
    at = now or datetime(2026, 7, 1, 12, tzinfo=UTC)
    return Work(database, settings, lambda: at, lambda: None, apply, metrics=metrics)


def silent(_: Phase, __: int) -> None:
    """Say nothing."""


async def rebuilt(database: Database) -> Proof:
    async with Rebuild.begun(database, silent) as work:
        await work.derived()
        proof = await work.proven()
        if proof.holds:
            await work.exchanged()
    return proof


async def rows(database: Database, sql: str, *values: object) -> list[tuple[Any, ...]]:
    async with database.transaction() as tx:
        return [tuple(row) for row in await tx.fetch(sql, *values)]


async def run(database: Database, sql: str, *values: object) -> None:
    async with database.transaction() as tx:
        await tx.execute(sql, *values)


async def book(database: Database) -> tuple[list[Any], list[Any]]:
    return (
        await rows(
            database, "SELECT * FROM entries ORDER BY kind, bearer, subject, on_day, sign, event, attributes::text"
        ),
        await rows(database, "SELECT * FROM aggregates WHERE value <> 0 ORDER BY line, grain, period, bearer"),
    )


async def made_of(database: Database) -> list[tuple[Any, ...]]:
    return await rows(database, "SELECT 'entries'::regclass::oid, 'aggregates'::regclass::oid")


def test_every_text_belongs_to_one_family_and_no_type_to_two() -> None:
    families = beside.families()

    assert sorted(name for family in families for name in family.texts) == sorted(entry_texts())
    types = [kind for family in families for kind in family.types]
    assert len(types) == len(set(types))
    assert len(families) > 5


async def test_the_rebuilt_book_equals_the_live_one_and_takes_its_place(live: Database) -> None:
    before, shape, tables, shown = await book(live), await rows(live, CATALOGUE), await made_of(live), await lines(live)

    proof = await rebuilt(live)

    assert (proof.wrong, proof.unlike, proof.redefined) == ([], [], False)
    assert await book(live) == before
    assert len(before[0]) > 200
    assert await made_of(live) != tables
    assert await rows(live, CATALOGUE) == shape
    assert await lines(live) == shown
    assert await differences(live) == []


async def test_what_comes_meanwhile_is_in_the_rebuilt_book(reporting: Database, year: list[Told[Any]]) -> None:
    """Events are heard in every phase, of subjects that were derived already too."""
    await definitions(working(reporting))
    dice = random.Random(7)
    events = dice.sample([*year, *year], 2 * len(year))
    half = len(events) // 2
    await heard(reporting, events[:half])
    rest = [events[at : at + 9] for at in range(half, len(events), 9)]

    async def hear_more() -> None:
        while rest:
            await heard(reporting, rest.pop())
            await asyncio.sleep(0)

    hearing = asyncio.create_task(hear_more())
    proofs = [await rebuilt(reporting) for _ in range(3)]
    await hearing
    last = await rebuilt(reporting)

    assert [proof.wrong for proof in proofs] == [[]] * 3
    assert (last.wrong, last.position) == ([], len(year))
    assert await differences(reporting) == []


async def test_every_phase_may_be_overtaken(live: Database, year: list[Told[Any]]) -> None:
    """What is heard between the steps is followed: here a correction of a board that was derived and proven."""
    (formed,) = (one for one in year if one.type == "boards.board_formed.v1" and one.subject == str(made("board two")))
    moved = [formed.event.model_copy(update={"on": formed.event.on - timedelta(days=days)}) for days in (1, 2, 3)]
    steps = [told(event, 20 + nth, corrects=formed.id) for nth, event in enumerate(moved)]
    async with Rebuild.begun(live, silent) as work:
        await heard(live, [steps[0]])
        await work.derived()
        await heard(live, [steps[1]])
        assert (await work.proven()).wrong == []
        await heard(live, [steps[2]])
        await work.exchanged()

    assert await differences(live) == []


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("DELETE FROM entries WHERE kind = 'board_formed' AND subject = $1", "rebuilt only"),
        ("UPDATE entries SET on_day = on_day + 1 WHERE kind = 'board_formed' AND subject = $1", "live only"),
    ],
)
async def test_a_tampered_entry_is_named_and_nothing_exchanged(live: Database, tampering: str, named: str) -> None:
    subject, tables = str(made("board two")), await made_of(live)
    await run(live, tampering, subject)

    proof = await rebuilt(live)

    assert {(one["fault"], one["subject"]) for one in proof.wrong if "subject" in one} >= {(named, subject)}
    assert all(one["subject"] == subject for one in proof.wrong)
    assert proof.unlike == ["board_formed"]
    assert await made_of(live) == tables
    assert await rows(live, "SELECT to_regclass('entries_next'), to_regclass('aggregates_next')") == [(None, None)]


async def test_what_was_tampered_with_is_mended_when_told_to(live: Database) -> None:
    before = await book(live)
    await run(live, "DELETE FROM entries WHERE kind = 'board_formed' AND subject = $1", str(made("board two")))

    async with Rebuild.begun(live, silent) as work:
        await work.derived()
        proof = await work.proven(mend=True)
        assert (proof.unlike, proof.wrong) == (["board_formed"], [])
        await work.exchanged()

    assert await book(live) == before


async def test_a_rebuilt_book_that_is_not_what_the_journal_gives_is_never_exchanged(live: Database) -> None:
    await run(live, "UPDATE reader SET derived_by = 'others'")
    async with Rebuild.begun(live, silent) as work:
        await work.derived()
        await run(live, "DELETE FROM entries_next WHERE kind = 'board_formed' AND subject = $1", str(made("board two")))
        proof = await work.proven()

    assert proof.redefined
    assert {one["fault"] for one in proof.wrong} == {"entry missing", "sum differs"}


async def test_a_tampered_sum_is_named_and_a_sum_of_nothing_is_none(live: Database) -> None:
    await run(live, "INSERT INTO aggregates VALUES ('LB-05', 'nobody', 'M', '2026-01-01', 0)")
    assert (await rebuilt(live)).unlike == []

    await run(live, "INSERT INTO aggregates VALUES ('LB-05', 'nobody', 'M', '2026-01-01', 3)")
    proof = await rebuilt(live)

    assert [(one["fault"], one["line"], one["bearer"], one["value"]) for one in proof.wrong] == [
        ("live only", "LB-05", "nobody", 3)
    ]


async def test_other_definitions_are_refused_at_the_start_and_a_rebuild_mends_it(live: Database) -> None:
    await run(live, "UPDATE reader SET derived_by = 'others'")
    await run(live, "DELETE FROM entries WHERE kind = 'group'")
    with pytest.raises(DerivedByOthers, match="chungcu rebuild reporting"):
        await definitions(working(live))

    proof = await rebuilt(live)

    assert proof.redefined
    assert proof.unlike == ["group"]
    assert proof.live.get("group") is None
    assert (proof.rebuilt["group"].rows, proof.wrong) == (4, [])
    await definitions(working(live))
    assert await differences(live) == []


async def test_a_database_of_before_is_adopted_if_it_is_what_the_definitions_give(live: Database) -> None:
    await run(live, "UPDATE reader SET derived_by = NULL")
    await definitions(working(live))
    assert await rows(live, "SELECT derived_by FROM reader") == [(store.definitions.derived_by(),)]

    await run(live, "UPDATE reader SET derived_by = NULL")
    await run(live, "DELETE FROM entries WHERE kind = 'group'")
    with pytest.raises(DerivedByOthers):
        await definitions(working(live))


async def test_a_replica_of_old_definitions_applies_nothing_and_parks_nothing(
    reporting: Database, year: list[Told[Any]]
) -> None:
    await heard(reporting, year[:20])
    await run(reporting, "UPDATE reader SET derived_by = 'others'")
    before = await book(reporting)

    with pytest.raises(Outdated):
        await heard(reporting, year[20:])

    assert await book(reporting) == before
    assert await rows(reporting, "SELECT count(*) FROM journal") == [(20,)]
    assert await rows(reporting, "SELECT count(*) FROM parked") == [(0,)]


async def test_a_replica_of_old_definitions_hears_in_a_quiet_hour_too_that_it_is_one(reporting: Database) -> None:
    head = Delivery(b"{}", "boards", 1, head=1)
    await consumers.settle(reporting, [head])
    await run(reporting, "UPDATE reader SET derived_by = 'others'")

    with pytest.raises(Outdated):
        await consumers.settle(reporting, [head])


async def test_nobody_is_answered_by_old_definitions(serve: Serve) -> None:
    reporting = await serve("reporting")
    await heard(reporting.database, [told(unit_established(path)) for path in (CITY, DISTRICT)])
    report = f"/v1/reports/thong-tri-05?unit={DISTRICT.rpartition('.')[2]}&from=2021-09-30&to=2022-12-01"
    answered = await reporting.client.get(report, headers=reporting.by())
    await run(reporting.database, "UPDATE reader SET derived_by = 'others'")
    refused = await reporting.client.get(report, headers=reporting.by())

    assert answered.status_code == 200
    assert (refused.status_code, refused.headers["retry-after"], refused.json()["type"]) == (503, "5", "superseded")


async def test_what_is_parked_stays_due_for_who_has_the_definitions(reporting: Database, year: list[Told[Any]]) -> None:
    parked = Consumers("reporting", remembers=_fails)
    parked.everything(consumers._everything)  # type: ignore[arg-type]
    await parked.settle(reporting, deliveries(year[:1]))
    await run(reporting, "UPDATE parked SET next_at = now()")
    await run(reporting, "UPDATE reader SET derived_by = 'others'")

    with pytest.raises(Outdated):
        await consumers.retry(reporting)

    assert await rows(reporting, "SELECT attempts, next_at <= now() FROM parked") == [(1, True)]


async def _fails(*_: object) -> set[Any]:
    raise ValueError


async def test_an_interrupted_rebuild_hinders_no_other(live: Database) -> None:
    for interrupted in ("derived", "proven"):
        async with Rebuild.begun(live, silent) as work:
            await work.derived()
            if interrupted == "proven":
                await work.proven()
            await work._writing[0].execute("SELECT 1")
            # As kill -9 would: nothing is cleared away.
            for one in (*work._writing, work._reading):
                one.terminate()
        assert await rows(live, "SELECT to_regclass('entries_next') IS NOT NULL") == [(True,)]
        for _ in range(50):
            try:
                assert (await rebuilt(live)).wrong == []
                break
            except Busy:
                await asyncio.sleep(0.1)  # the server has not yet seen that they are gone

    assert await rows(live, "SELECT to_regclass('entries_next')") == [(None,)]


async def test_of_two_at_once_the_second_is_refused(live: Database) -> None:
    async with Rebuild.begun(live, silent) as work:
        with pytest.raises(Busy):
            await rebuilt(live)
        await work.derived()
        assert (await work.proven()).wrong == []


async def test_what_is_kept_can_be_looked_at(live: Database) -> None:
    async with Rebuild.begun(live, silent, keep=True) as work:
        await work.derived()

    assert await rows(live, "SELECT count(*) FROM entries_next") == await rows(live, "SELECT count(*) FROM entries")


async def question(database: Database) -> Any:
    async with database.transaction(snapshot=True) as tx:
        return await figure(tx)


async def figure(tx: Any) -> Any:
    return (await Asking(tx, None).figure(indicators()["LB-01"], DISTRICT, Period(FIRST, LAST))).whole


async def test_a_snapshot_taken_before_the_exchange_answers_the_same_after_it_was_tried(
    live: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await question(live)
    async with Rebuild.begun(live, silent) as work:
        await work.derived()
        assert (await work.proven()).wrong == []
        async with live.transaction(snapshot=True) as tx:
            # It has not read anything yet, but its moment is taken.
            await tx.value("SELECT position FROM reader")
            exchanging = asyncio.create_task(work.exchanged())
            await asyncio.sleep(0.5)
            assert not exchanging.done()
            assert await figure(tx) == answer
            assert await question(live) == answer
        await exchanging
    assert await question(live) == answer > 0

    monkeypatch.setattr("services.reporting.store.rebuild.PATIENCE", 0.2)
    async with Rebuild.begun(live, silent) as work, live.transaction(snapshot=True) as tx:
        await work.derived()
        with pytest.raises(Crowded):
            await work.exchanged()
        assert await figure(tx) == answer


async def test_what_comes_while_an_exchange_is_tried_in_vain_is_in_the_book(
    reporting: Database, year: list[Told[Any]]
) -> None:
    """What a try followed and rolled back must be followed again by the next."""
    await definitions(working(reporting))
    await heard(reporting, year[:-8])
    async with Rebuild.begun(reporting, silent) as work:
        await work.derived()
        assert (await work.proven()).wrong == []
        async with reporting.transaction(snapshot=True) as tx:
            await tx.value("SELECT position FROM reader")
            exchanging = asyncio.create_task(work.exchanged())
            for one in deliveries(year[-8:]):
                # A batch in work holds the reader's row, for which the exchange waits, to find one more event behind it.
                async with reporting.transaction() as batch:
                    await consumers._apply(batch, [consumers.read(one)])
                    await asyncio.sleep(0.06)
                await asyncio.sleep(0.1)
            assert not exchanging.done()
        await exchanging

    assert await differences(reporting) == []


async def test_without_the_lock_the_same_snapshot_would_see_nothing(live: Database) -> None:
    """The trap: the moment is older than the exchange, the table younger, and empty as of that moment."""
    unaware = Database(live._address, "chungcu test")
    await unaware.open()
    async with unaware.transaction(snapshot=True) as tx:
        await tx.value("SELECT position FROM reader")
        async with _forced(live) as connection, connection.transaction():
            await connection.execute(
                """CREATE TABLE entries_next AS TABLE entries; DROP TABLE entries;
                   ALTER TABLE entries_next RENAME TO entries"""
            )
        assert await tx.value("SELECT count(*) FROM entries") == 0
    await unaware.close()


@asynccontextmanager
async def _forced(database: Database) -> AsyncIterator["asyncpg.Connection[Record]"]:
    connection = await database.connect()
    yield connection
    await connection.close()


async def test_readers_see_no_fault_and_no_empty_answer_under_several_rebuilds(live: Database) -> None:
    answer, seen, going = await question(live), [], True

    async def read() -> None:
        while going:
            seen.append(await question(live))

    reading = [asyncio.create_task(read()) for _ in range(3)]
    proofs = [await rebuilt(live) for _ in range(3)]
    going = False
    await asyncio.gather(*reading)

    assert [proof.wrong for proof in proofs] == [[]] * 3
    assert set(seen) == {answer}
    assert len(seen) > 10


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 7, 1, 19, 30, tzinfo=UTC), datetime(2026, 7, 1, 19, tzinfo=UTC)),
        (datetime(2026, 7, 1, 18, 59, tzinfo=UTC), datetime(2026, 6, 30, 19, tzinfo=UTC)),
    ],
)
def test_two_in_the_morning_is_in_hanoi(now: datetime, night: datetime) -> None:
    assert last_night(now) == night


async def test_every_night_the_books_are_compared_once_and_the_result_is_shown(live: Database) -> None:
    day = datetime(2026, 7, 1, 12, tzinfo=UTC)
    metrics = Metrics()

    def shown() -> float | None:
        return metrics.registry.get_sample_value("chungcu_comparison_differences")

    await comparison(working(live, day, metrics))
    assert shown() == 0
    assert metrics.registry.get_sample_value("chungcu_comparison_timestamp_seconds") == day.timestamp()

    await run(live, "DELETE FROM entries WHERE kind = 'board_formed' AND subject = $1", str(made("board two")))
    await comparison(working(live, day + timedelta(hours=1), metrics))
    assert shown() == 0
    # One that was cut off is begun again, but not at once.
    await run(live, "UPDATE comparison SET begun = $1", day + timedelta(days=1))
    await comparison(working(live, day + timedelta(days=1, minutes=59), metrics))
    assert shown() == 0
    await comparison(working(live, day + timedelta(days=1, minutes=61), metrics))
    assert shown() == 3  # the entry, and its sums of the month and of the year


def test_a_service_that_compares_nothing_shows_no_figures_of_it() -> None:
    assert Metrics().registry.get_sample_value("chungcu_comparison_differences") is None
