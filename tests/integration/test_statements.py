"""Every statement of the stores is one the database understands, in the words of its migrations."""

import ast
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from ops.services import SERVICES
from services.reporting.domain.known import Period
from services.reporting.store import entries, figures, restricted
from services.reporting.store.definitions import indicators
from shared.database import Database
from shared.events import CATALOGUE
from shared.relay import reading
from shared.settings import restricted_role
from shared.topology import RESTRICTED_SCHEMA

ROOT = Path(__file__).resolve().parents[2]
RUNS = {"execute", "fetch", "fetchval", "row", "value"}
PLUMBING = (
    "event_log.py",
    "consumers/hearing.py",
    "consumers/operating.py",
    "consumers/parking.py",
    "http/asking.py",
    "registers/store.py",
)
ONLY_WITH_AN_INBOX = "consumers/hearing.py"
"""Reporting keeps the events themselves instead, and shows them as a view."""
WITHOUT_REGISTERS = {"notifications"}
PUT_TOGETHER = {"beside.py", "entries.py", "figures.py", "rebuild.py", "restricted.py"}
"""Where statements are put together from the definitions of entries and indicators; those are asked below, those of a rebuild in its tests."""

Fresh = Callable[[str], Awaitable[Database]]


def statements(file: Path) -> tuple[list[tuple[int, str]], int]:
    """Return the statements written out in a module with their lines, and how many are put together."""
    written, put_together = [], 0
    for call in ast.walk(ast.parse(file.read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in RUNS and call.args:
            match call.args[0]:
                case ast.Constant(value=str(text)):
                    written.append((call.lineno, text))
                case ast.JoinedStr() | ast.Name() | ast.Call():
                    put_together += 1
    return written, put_together


def modules(name: str) -> list[Path]:
    shared = [ROOT / "shared" / one for one in PLUMBING]
    if name in WITHOUT_REGISTERS:
        shared = [one for one in shared if one.parent.name != "registers"]
    return [*sorted((ROOT / "services" / name / "store").rglob("*.py")), *shared]


@asynccontextmanager
async def parts(name: str, fresh: Database) -> AsyncIterator[list[Database]]:
    """Give the parts of a service's database: the ordinary one, and the restricted one where there is one."""
    if SERVICES[name].hearing.restricted is None:
        yield [fresh]
        return
    apart = Database(restricted_role(fresh._address), "chungcu test", RESTRICTED_SCHEMA)
    await apart.open()
    yield [fresh, apart]
    await apart.close()


async def understood(text: str, among: list[Database]) -> str | None:
    """Return what every part has against a statement, or nothing when one of them understands it."""
    against = []
    for part in among:
        async with part.pool.acquire() as connection:
            try:
                await connection.prepare(text)
            except asyncpg.PostgresError as error:
                against.append(str(error))
            else:
                return None
    return "; ".join(against)


@pytest.mark.parametrize("name", sorted(SERVICES))
async def test_every_statement_is_understood(name: str, database: Fresh) -> None:
    fresh, seen = await database(name), 0

    async with parts(name, fresh) as among:
        for file in modules(name):
            written, put_together = statements(file)
            assert not put_together or file.name in PUT_TOGETHER, file
            for line, text in written:
                if name == "reporting" and str(file).endswith(ONLY_WITH_AN_INBOX) and "INTO inbox" in text:
                    continue
                against = await understood(text, among)
                assert against is None, f"{file.relative_to(ROOT)}:{line}: {against}"
                seen += 1

    assert seen > 25


@pytest.mark.parametrize("name", sorted(SERVICES))
async def test_the_relay_is_understood(name: str, database: Fresh) -> None:
    fresh = await database(name)

    for text in (text for name, text in vars(reading).items() if name.isupper()):
        async with fresh.pool.acquire() as connection:
            await connection.prepare(text)


async def test_a_statement_that_is_wrong_would_be_noticed(database: Fresh, tmp_path: Path) -> None:
    file = tmp_path / "store.py"
    file.write_text('async def board(tx):\n    return await tx.row("SELECT id, colour FROM board WHERE id = $1", 1)\n')
    fresh = await database("boards")

    ((line, text),), _ = statements(file)
    async with fresh.pool.acquire() as connection:
        with pytest.raises(asyncpg.UndefinedColumnError):
            await connection.prepare(text)

    assert line == 2


@pytest.mark.parametrize("position", [None, 0], ids=["live", "as known"])
async def test_every_question_to_the_entries_is_understood(database: Fresh, position: int | None) -> None:
    reporting = await database("reporting")
    period = Period(date(2021, 9, 30), date(2022, 12, 1))

    async with reporting.transaction() as tx:
        asking = figures.Asking(tx, position)
        assert await asking.unit("HN") is None
        assert await asking.wards("HN", period.end) == []
        assert await asking.registers("HN") == {}
        assert await asking.standing() == []
        assert await asking.retracted(sorted(CATALOGUE), "HN", period) == []
        for one in indicators().values():
            if one.select and not one.restricted:
                assert (await asking.figure(one, "HN", period)).whole == 0
                assert await asking.explain(one, "HN", period) == []
        await entries.derive(tx, ["nothing"])
        assert await entries.differences(tx) == []


async def test_every_question_to_restricted_facts_is_understood(database: Fresh) -> None:
    lines = [one for one in indicators().values() if one.restricted]
    period = Period(date(2021, 9, 30), date(2022, 12, 1))

    async with parts("reporting", await database("reporting")) as (_, apart), apart.transaction() as tx:
        counted = await restricted.figures(tx, lines, "HN", period)
        assert {one.figure.whole + one.erased for one in counted.values()} == {0}
        assert [await restricted.explain(tx, one, "HN", period) for one in lines] == [[] for _ in lines]
        assert await restricted.position(tx) == 0
        assert not await restricted.incomplete(tx, 0.0)


@pytest.mark.parametrize("name", sorted(SERVICES))
async def test_migrations_are_applied_once(name: str, database: Fresh) -> None:
    fresh = await database(name)

    async with fresh.transaction() as tx:
        applied = [row["name"] for row in await tx.fetch("SELECT name FROM schema_migration ORDER BY applied, name")]

    shared = sorted(one for one in applied if one.startswith("shared/"))
    assert shared[:2] == ["shared/0001_plumbing", "shared/0002_registers"]
    assert applied[: len(shared)] == shared
    assert all(one.startswith(f"{name}/") for one in applied[len(shared) :])
    assert len(applied) == len(set(applied))


async def test_a_table_that_has_grown_is_looked_at_before_somebody_asks(
    database: Callable[[str], Awaitable[Database]],
) -> None:
    reporting = await database("reporting")
    async with reporting.transaction() as tx:
        await tx.execute("ALTER TABLE aggregates SET (autovacuum_enabled = false)")
        await tx.execute(
            """INSERT INTO aggregates SELECT 'LB-05', 'b' || n, 'M', '2026-01-01', 1 FROM generate_series(1, 500) AS n"""
        )
    async with asyncio.timeout(20):
        while "aggregates" not in await grown(reporting):
            await asyncio.sleep(0.1)
    async with reporting.transaction() as tx:
        await entries.look_at(tx, "aggregates")
        looked_at = await tx.value("SELECT reltuples FROM pg_class WHERE relname = 'aggregates'")

    assert looked_at == 500


async def grown(reporting: Database) -> list[str]:
    async with reporting.transaction() as tx:
        return await entries.grown(tx)
