"""A read model of any size: one district that was really heard, and copies of it made in the database."""

from random import Random

import asyncpg

from benchmarks import facts
from benchmarks.installation import Installation
from ops.services import SERVICES
from services.reporting.store import definitions
from shared.consumers import Delivery
from shared.database import Database
from shared.events import Event, Told

DISTRICT = "Q001"
BUILDINGS = 200
BATCH = 256
AT_ONCE = 10
"""Copies made by one statement: none may write for long."""

# All ids of a copy begin with its number, wherever they stand; its district has another name.
COPIED = r"""
CREATE FUNCTION pg_temp.copied(said text, k int) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN regexp_replace(replace(said, 'Q001', 'R' || k),
                          '\m[0-9a-f]{6}([0-9a-f]{2}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\M',
                          lpad(to_hex(k), 6, '0') || '\1', 'g');
CREATE FUNCTION pg_temp.within(said text, k int) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN overlay(said PLACING lpad(to_hex(k), 6, '0') FROM 1 FOR 6);
"""

JOURNAL = """
INSERT INTO journal (seq, event, source, type, subject, version, on_day, unit, recorded, body)
SELECT j.seq + $3 * k, {event}, j.source, j.type, {subject}, j.version, j.on_day, {unit}, j.recorded, {body}
  FROM generate_series($1::int, $2::int) AS k, journal AS j
 WHERE j.seq <= $3 AND {which}
"""

ENTRIES = """
INSERT INTO entries (kind, bearer, subject, on_day, sign, attributes, event)
SELECT e.kind, {bearer}, {subject}, e.on_day, e.sign, {attributes}, {event}
  FROM generate_series($1::int, $2::int) AS k, district AS e WHERE {which}
"""

SUMS = """
INSERT INTO aggregates (line, bearer, grain, period, value)
SELECT a.line, pg_temp.copied(a.bearer, k), a.grain, a.period, a.value
  FROM generate_series($1::int, $2::int) AS k, sums AS a WHERE a.bearer <> 'HN'
"""


async def hear(installation: Installation, service: str, told: list[Told[Event]]) -> None:
    """Let a service hear events, as it does from the bus."""
    database = Database(installation.address(service), "chungcu benchmark")
    await database.open(largest=1)
    try:
        for at in range(0, len(told), BATCH):
            batch = [Delivery(one.body, one.type.partition(".")[0]) for one in told[at : at + BATCH]]
            await SERVICES[service].consumers.settle(database, batch)
    finally:
        await database.close()


async def district(installation: Installation, entries: int) -> None:
    """Let reporting hear a district until it holds so many entries."""
    wards = [ward for ward in facts.wards() if f".{DISTRICT}." in ward]
    placed = facts.places(Random(1), wards, BUILDINGS)  # noqa: S311 (no secret)
    await hear(installation, "reporting", facts.ground(wards, placed))
    lives = facts.facts(placed=placed)
    async with installation.database("reporting") as server:
        while (lacking := entries - await server.fetchval("SELECT count(*) FROM entries")) > 0:
            await hear(installation, "reporting", [next(lives) for _ in range(max(lacking // 2, BATCH))])


class Copies:
    """The district again and again: as other districts, or all of its boards and petitions within it."""

    def __init__(self, server: "asyncpg.Connection[asyncpg.Record]", *, within: bool) -> None:
        """Nothing is copied yet."""
        self._server = server
        self._within = within
        self._made = 0
        self._top = 0

    async def begin(self) -> None:
        """Keep the district as it is before the first copy."""
        self._top = await self._server.fetchval("SELECT position FROM reader")
        await self._server.execute(COPIED)
        await self._server.execute("CREATE TEMP TABLE district AS SELECT * FROM entries")
        await self._server.execute("CREATE TEMP TABLE sums AS SELECT * FROM aggregates")

    async def grow(self, times: int) -> int:
        """Make the read model so many times as large as the district, and return its entries."""
        while self._made < times - 1:
            last = min(self._made + AT_ONCE, times - 1)
            await self._copy(self._made + 1, last)
            self._made = last
        await self._server.execute("UPDATE reader SET position = (SELECT max(seq) FROM journal)")
        await self._server.execute("ANALYZE journal, entries, aggregates")
        return int(await self._server.fetchval("SELECT count(*) FROM entries"))

    async def _copy(self, first: int, last: int) -> None:
        if not self._within:
            every = {name: f"pg_temp.copied({name}, k)" for name in ("subject", "bearer", "unit")}
            uuid = "pg_temp.copied({}.event::text, k)::uuid"
            await self._server.execute(
                JOURNAL.format(
                    **every | {"event": uuid.format("j")},
                    body="pg_temp.copied(j.body::text, k)::json",
                    which="j.subject <> 'HN'",
                ),
                first,
                last,
                self._top,
            )
            attributes = "pg_temp.copied(e.attributes::text, k)::jsonb"
            await self._server.execute(
                ENTRIES.format(
                    **every | {"event": uuid.format("e")}, attributes=attributes, which="e.subject <> 'HN'"
                ),
                first,
                last,
            )
            await self._server.execute(SUMS, first, last)
            return
        uuid = "pg_temp.within({}.event::text, k)::uuid"
        subject = "pg_temp.within({}.subject, k)"
        await self._server.execute(
            JOURNAL.format(
                event=uuid.format("j"),
                subject=subject.format("j"),
                unit="j.unit",
                body="replace(j.body::text, j.subject, pg_temp.within(j.subject, k))::json",
                which="j.source = 'boards'",
            ),
            first,
            last,
            self._top,
        )
        await self._server.execute(
            ENTRIES.format(
                bearer="e.bearer",
                subject=subject.format("e"),
                attributes="replace(e.attributes::text, e.subject, pg_temp.within(e.subject, k))::jsonb",
                event=uuid.format("e"),
                which="e.subject IN (SELECT subject FROM journal WHERE source = 'boards')",
            ),
            first,
            last,
        )
        await self._server.execute(
            """UPDATE aggregates AS a SET value = s.value * $1 FROM sums AS s
                WHERE (a.line, a.bearer, a.grain, a.period) = (s.line, s.bearer, s.grain, s.period)
                  AND a.line = ANY ($2)""",
            last + 1,
            [
                one.code
                for one in definitions.indicators().values()
                if one.kept_in_aggregates and all(kind.startswith("boards.") for kind in one.events)
            ],
        )
