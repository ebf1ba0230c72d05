"""Remembers a second book beside the live one: filled by the same texts, compared, put in its place."""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from services.reporting.store import definitions, entries
from services.reporting.store.entries import COLUMNS, LIVE, Tables
from shared.database import Connection, Record, Transaction

SUFFIX = "_next"
NEXT = Tables(*(f"{name}{SUFFIX}" for name in LIVE))
"""The tables beside the live ones."""
SHOWN = 50
"""Differences looked for in one direction."""

_TYPES = re.compile(r"'([a-z_]+\.[a-z_]+\.v\d+)'")
_INDEX = re.compile(r"^CREATE (UNIQUE )?INDEX \S+ ON \S+ ")
_CELL = "line, bearer, grain, period, value"
_SUMMED_BY = "entries_kind_bearer"
_LOCK = 0x72_65_62_75
"""The advisory lock of rebuilds."""


@dataclass(frozen=True, slots=True)
class Family:
    """Texts that ask of the same types of events, and of no type that others ask of: they can be derived alone."""

    texts: frozenset[str]
    types: frozenset[str]


@cache
def families() -> tuple[Family, ...]:
    """Return the texts in families."""
    found: list[Family] = []
    for name, text in definitions.entry_texts().items():
        one = Family(frozenset((name,)), frozenset(_TYPES.findall(text)))
        assert one.types, f"{name} names no type of event"
        for akin in [other for other in found if other.types & one.types]:
            found.remove(akin)
            one = Family(one.texts | akin.texts, one.types | akin.types)
        found.append(one)
    return tuple(found)


async def taken(connection: Connection) -> bool:
    """Take the right to rebuild, for as long as this connection lasts; tell whether nobody else has it."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK))


async def make(tx: Transaction) -> None:
    """Make the tables, empty and without indexes; what an interrupted rebuild left behind goes."""
    await drop(tx)
    for live, beside in zip(LIVE, NEXT, strict=True):
        # No vacuum may stand in the way of their exchange.
        await tx.execute(
            f"CREATE TABLE {beside} (LIKE {live} INCLUDING ALL EXCLUDING INDEXES) WITH (autovacuum_enabled = false)"
        )


async def drop(tx: Transaction) -> None:
    """Remove the tables."""
    await tx.execute(f"DROP TABLE IF EXISTS {NEXT.entries}, {NEXT.aggregates}")


SUBJECTS = """
    SELECT f.nth AS family, j.subject AS key, count(*) AS weight
      FROM journal AS j
      JOIN unnest($1::text[], $2::int[]) AS f (type, nth) ON f.type = j.type
     GROUP BY f.nth, j.subject
     ORDER BY f.nth, min(j.seq)"""
"""Every subject by the family of its events, in the order in which it was first told of: as it lies on the disk."""

BEARERS = f"SELECT 0 AS family, bearer AS key, count(*) AS weight FROM {NEXT.entries} GROUP BY bearer ORDER BY bearer"
"""Every bearer of entries."""


@cache
def _fill(nth: int) -> str:
    family = families()[nth]
    return f"""
    WITH facts AS MATERIALIZED ({entries.FACTS_OF_SUBJECTS})
    INSERT INTO {NEXT.entries} ({COLUMNS}) {entries.derivation(texts=family.texts)}"""


async def fill(tx: Transaction, nth: int, subjects: list[str]) -> None:
    """Derive the entries of these subjects, which have none here yet, by the texts of one family."""
    await entries.join_by_hashing(tx)
    await tx.execute(_fill(nth), subjects)


async def total(tx: Transaction, first: str, last: str) -> None:
    """Sum the entries of the bearers from the first to the last."""
    rows = f"{NEXT.entries} WHERE bearer BETWEEN $1 AND $2"
    await tx.execute(
        f"INSERT INTO {NEXT.aggregates} (line, bearer, grain, period, value) {entries.sums(rows)}", first, last
    )


async def indexes(connection: Connection, live: str) -> list[str]:
    """Return the names of a live table's indexes; that by which entries are summed comes first."""
    found = await connection.fetch(
        """SELECT c.relname AS name FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = $1::regclass ORDER BY c.relname <> $2, c.relname""",
        live,
        _SUMMED_BY,
    )
    return [one["name"] for one in found]


async def index(connection: Connection, live: str, names: list[str]) -> None:
    """Give a table these indexes of the live one, without a transaction that writes for long, and statistics."""
    beside = f"{live}{SUFFIX}"
    found = await connection.fetch(
        """SELECT c.relname AS name, pg_get_indexdef(c.oid) AS text, k.contype = 'p' AS primary
             FROM unnest($2::text[]) AS wanted (name)
             JOIN pg_class AS c ON c.oid = wanted.name::regclass
             LEFT JOIN pg_constraint AS k ON k.conindid = c.oid AND k.conrelid = $1::regclass""",
        live,
        names,
    )
    for one in found:
        name = f"{one['name']}{SUFFIX}"
        await connection.execute(_INDEX.sub(rf"CREATE \1INDEX CONCURRENTLY {name} ON {beside} ", one["text"]))
        if one["primary"]:
            await connection.execute(f"ALTER TABLE {beside} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}")
    await connection.execute(f"ANALYZE {beside}")


async def position(connection: Connection) -> int:
    """Return how far the journal goes."""
    return int(await connection.fetchval("SELECT position FROM reader"))


async def hold(tx: Transaction) -> None:
    """Take the reader's row: until this transaction ends no batch is applied."""
    await tx.execute("SELECT position FROM reader FOR UPDATE")


async def follow(tx: Transaction, since: int, most: int) -> tuple[int, int]:
    """Derive again what was told of after a position, as a batch does; return the next position and how many came."""
    row = await tx.row(
        """SELECT array_agg(DISTINCT subject) AS subjects, max(seq) AS position, count(*) AS came
             FROM (SELECT seq, subject FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2) AS told""",
        since,
        most,
    )
    assert row is not None
    if not row["came"]:
        return since, 0
    await entries.derive(tx, sorted(row["subjects"]), NEXT)
    return row["position"], row["came"]


class Digest(NamedTuple):
    """How many rows there are of a kind or line, and what they come to in whatever order."""

    rows: int
    hashed: int


async def digests(connection: Connection, book: Tables) -> dict[str, Digest]:
    """Return the digests of a book's entries by kind, and of its sums by line; a sum of nothing is no sum."""
    rows = await connection.fetch(
        f"""SELECT kind AS name, count(*) AS rows, sum(hash_record_extended(ROW ({COLUMNS}), 0)) AS hashed
              FROM {book.entries} GROUP BY kind
             UNION ALL
            SELECT line, count(*), sum(hash_record_extended(ROW ({_CELL}), 0))
              FROM {book.aggregates} WHERE value <> 0 GROUP BY line"""
    )
    return {row["name"]: Digest(row["rows"], int(row["hashed"])) for row in rows}


async def only_in_one(tx: Transaction, names: list[str]) -> list[Record]:
    """Return entries of these kinds and sums of these lines that only one of the books has, some of each."""
    found: list[Record] = []
    for columns, of, name, whole in ((COLUMNS, 0, "kind", ""), (_CELL, 1, "line", "AND value <> 0")):
        sides = (("live only", LIVE[of], NEXT[of]), ("rebuilt only", NEXT[of], LIVE[of]))
        for fault, here, there in sides:
            found += await tx.fetch(
                f"""SELECT '{fault}' AS fault, d.* FROM (
                        SELECT {columns} FROM {here} WHERE {name} = ANY ($1) {whole}
                        EXCEPT ALL
                        SELECT {columns} FROM {there} WHERE {name} = ANY ($1) {whole}) AS d
                     LIMIT {SHOWN}""",
                names,
            )
    return found


async def derived_by(connection: Connection) -> str | None:
    """Return the definitions by which the live book was derived, if they are known."""
    noted: str | None = await connection.fetchval("SELECT derived_by FROM reader")
    return noted


async def exchange(tx: Transaction) -> None:
    """Put the tables in the place of the live ones, under their names, and note by which definitions they are derived.

    The reader's row is held. Who reads is waited for; who comes meanwhile waits too, so not for long.
    """
    await tx.execute(f"LOCK TABLE {LIVE.entries}, {LIVE.aggregates} IN ACCESS EXCLUSIVE MODE")
    await tx.execute(f"DROP TABLE {LIVE.entries}, {LIVE.aggregates}")
    for live, rebuilt in zip(LIVE, NEXT, strict=True):
        await tx.execute(f"ALTER TABLE {rebuilt} RENAME TO {live}")
        await tx.execute(f"ALTER TABLE {live} RESET (autovacuum_enabled)")
    named = await tx.fetch(
        """SELECT c.relname AS name FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid IN ($1::regclass, $2::regclass) """,
        *LIVE,
    )
    for one in named:
        await tx.execute(f"ALTER INDEX {one['name']} RENAME TO {one['name'].removesuffix(SUFFIX)}")
    await tx.execute("UPDATE reader SET derived_by = $1", definitions.derived_by())
