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

# Ids are marked once where they differ from copy to copy, so that making a copy is plain replacing: six digits of
# each, wherever it stands, and the name of the district. Within a district only boards and petitions, and their events.
MARK = r"""
CREATE FUNCTION pg_temp.marked(said text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN regexp_replace(replace(said, 'Q001', 'R~'),
                          '\m[0-9a-f]{6}([0-9a-f]{2}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\M',
                          '~~~~~~\1', 'g');
CREATE FUNCTION pg_temp.one(said text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN overlay(said PLACING '~~~~~~' FROM 1 FOR 6);
CREATE FUNCTION pg_temp.copied(said text, k int) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN replace(replace(said, '~~~~~~', lpad(to_hex(k), 6, '0')), 'R~', 'R' || k);
"""

AS_DISTRICTS = """
CREATE TEMP TABLE heard AS
    SELECT seq, pg_temp.one(event::text) AS event, source, type, pg_temp.marked(subject) AS subject, version, on_day,
           pg_temp.marked(unit) AS unit, recorded, pg_temp.marked(body::text) AS body
      FROM journal WHERE subject <> 'HN';
CREATE TEMP TABLE entered AS
    SELECT kind, pg_temp.marked(bearer) AS bearer, pg_temp.marked(subject) AS subject, on_day, sign,
           pg_temp.marked(attributes::text) AS attributes, pg_temp.one(event::text) AS event
      FROM entries WHERE subject <> 'HN';
CREATE TEMP TABLE sums AS
    SELECT line, pg_temp.marked(bearer) AS bearer, grain, period, value FROM aggregates WHERE bearer <> 'HN';
"""

WITHIN = """
CREATE TEMP TABLE heard AS
    SELECT seq, pg_temp.one(event::text) AS event, source, type, pg_temp.one(subject) AS subject, version, on_day,
           unit, recorded,
           replace(replace(body::text, subject, pg_temp.one(subject)), event::text, pg_temp.one(event::text)) AS body
      FROM journal WHERE source = 'boards';
CREATE TEMP TABLE entered AS
    SELECT kind, bearer, pg_temp.one(subject) AS subject, on_day, sign,
           replace(attributes::text, subject, pg_temp.one(subject)) AS attributes, pg_temp.one(event::text) AS event
      FROM entries WHERE subject IN (SELECT subject FROM journal WHERE source = 'boards');
CREATE TEMP TABLE sums AS SELECT * FROM aggregates;
"""

COPY = """
INSERT INTO journal (seq, event, source, type, subject, version, on_day, unit, recorded, body)
SELECT seq + $3 * k, pg_temp.copied(event, k)::uuid, source, type, pg_temp.copied(subject, k), version, on_day,
       pg_temp.copied(unit, k), recorded, pg_temp.copied(body, k)::json
  FROM generate_series($1::int, $2::int) AS k, heard
"""

ENTER = """
INSERT INTO entries (kind, bearer, subject, on_day, sign, attributes, event)
SELECT kind, pg_temp.copied(bearer, k), pg_temp.copied(subject, k), on_day, sign,
       pg_temp.copied(attributes, k)::jsonb, pg_temp.copied(event, k)::uuid
  FROM generate_series($1::int, $2::int) AS k, entered
"""

SUM = """
INSERT INTO aggregates (line, bearer, grain, period, value)
SELECT line, pg_temp.copied(bearer, k), grain, period, value FROM generate_series($1::int, $2::int) AS k, sums
"""

MULTIPLY = """
UPDATE aggregates AS a SET value = s.value * ($1 + 1) FROM sums AS s
 WHERE (a.line, a.bearer, a.grain, a.period) = (s.line, s.bearer, s.grain, s.period) AND a.line = ANY ($2)
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
        await self._server.execute(MARK)
        await self._server.execute(WITHIN if self._within else AS_DISTRICTS)

    async def grow(self, times: int) -> int:
        """Make the read model so many times as large as the district, and return its entries."""
        while self._made < times - 1:
            last = min(self._made + AT_ONCE, times - 1)
            await self._server.execute(COPY, self._made + 1, last, self._top)
            await self._server.execute(ENTER, self._made + 1, last)
            if self._within:
                await self._server.execute(MULTIPLY, last, _lines_of_boards())
            else:
                await self._server.execute(SUM, self._made + 1, last)
            self._made = last
        await self._server.execute("UPDATE reader SET position = (SELECT max(seq) FROM journal)")
        await self._server.execute("VACUUM ANALYZE journal, entries, aggregates")
        return int(await self._server.fetchval("SELECT count(*) FROM entries"))


def _lines_of_boards() -> list[str]:
    return [
        one.code
        for one in definitions.indicators().values()
        if one.kept_in_aggregates and all(kind.startswith("boards.") for kind in one.events)
    ]
