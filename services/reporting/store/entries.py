"""Remembers entries and their sums, always as the texts derive them from the journal."""

import re
from functools import cache
from typing import NamedTuple

from services.reporting.store import definitions
from shared.database import Record, Transaction


class Tables(NamedTuple):
    """Where entries and their sums lie."""

    entries: str
    aggregates: str


LIVE = Tables("entries", "aggregates")
"""The tables that questions are put to."""

FACTS = """
    SELECT j.event, j.type, j.subject, j.version, j.on_day, j.unit, j.body, j.body -> 'data' AS data
      FROM {journal} AS j
     WHERE {which}
       AND (j.corrects IS NULL OR json_typeof(j.body -> 'data') <> 'null')
       AND NOT EXISTS (SELECT FROM journal AS c WHERE c.corrects = j.event{known})"""

# One look into the index for each subject, whatever the planner thinks of how many there are.
_OF_SUBJECTS = """(
    SELECT one.* FROM unnest($1::text[]) AS touched (subject)
     CROSS JOIN LATERAL (SELECT * FROM journal WHERE subject = touched.subject OFFSET 0) AS one)"""
_OF_SUBJECTS_IN = """ctid = ANY (ARRAY (
    SELECT one.ctid FROM unnest($1::text[]) AS touched (subject)
     CROSS JOIN LATERAL (SELECT ctid FROM {} WHERE subject = touched.subject OFFSET 0) AS one))"""
FACTS_OF_SUBJECTS = FACTS.format(journal=_OF_SUBJECTS, which="true", known=" OFFSET 0")
"""The facts of the subjects named by $1."""
COMPARED_AT_ONCE = 5000
"""Events whose entries are compared in one statement."""

_WORDS = re.compile(r"'([a-z_]+)'")
COLUMNS = "kind, bearer, subject, on_day, sign, attributes, event"


def facts() -> str:
    """Return the question for every fact that counts."""
    return FACTS.format(journal="journal", which="true", known="")


@cache
def derivation(named: frozenset[str] | None = None, *, texts: frozenset[str] | None = None) -> str:
    """Return the texts as one: every entry that the facts give, or those of some texts.

    `named` keeps at least the texts of the kinds that are named, `texts` those of these names.
    """
    return "\n UNION ALL\n".join(
        f"SELECT {COLUMNS} FROM ({text}) AS of_{name}"
        for name, text in definitions.entry_texts().items()
        if (named is None or named & literals(text)) and (texts is None or name in texts)
    )


@cache
def literals(text: str) -> frozenset[str]:
    """Return the words in quotes: a text names the kinds it gives, and a question those it asks of."""
    return frozenset(_WORDS.findall(text))


@cache
def _by_line(rows: str) -> str:
    """Return the rows of every additive line, read from another relation than the entries."""
    return "\n UNION ALL\n".join(
        f"""SELECT '{one.code}' AS line, bearer, on_day, sign
              FROM (WITH entries AS (SELECT * FROM {rows}) {one.select}) AS r"""
        for one in definitions.indicators().values()
        if one.kept_in_aggregates
    )


_SUMS = """
    SELECT line, bearer, g.grain, g.period, sum(sign) AS value
      FROM ({rows}) AS r
     CROSS JOIN LATERAL (VALUES ('M', date_trunc('month', r.on_day)::date),
                                ('Y', date_trunc('year', r.on_day)::date)) AS g (grain, period)
     GROUP BY line, bearer, g.grain, g.period"""


def sums(rows: str) -> str:
    """Return the sums of all additive lines over rows like entries."""
    return _SUMS.format(rows=_by_line(rows))


@cache
def _rederive(into: Tables) -> str:
    removed = f"SELECT line, bearer, on_day, -sign AS sign FROM ({_by_line('removed')}) AS r"
    change = f"{_by_line('added')} UNION ALL {removed}"
    return f"""
    WITH facts AS MATERIALIZED ({FACTS_OF_SUBJECTS}),
    derived AS ({derivation()}),
    removed AS (DELETE FROM {into.entries} WHERE {_OF_SUBJECTS_IN.format(into.entries)} RETURNING *),
    added AS (INSERT INTO {into.entries} ({COLUMNS}) SELECT {COLUMNS} FROM derived RETURNING *),
    moved AS ({_SUMS.format(rows=change)})
    INSERT INTO {into.aggregates} AS a (line, bearer, grain, period, value)
         SELECT line, bearer, grain, period, value FROM moved WHERE value <> 0 ORDER BY line, bearer, grain, period
    ON CONFLICT (line, grain, period, bearer) DO UPDATE SET value = a.value + excluded.value"""


async def derive(tx: Transaction, subjects: list[str], into: Tables = LIVE) -> None:
    """Derive the entries of these subjects again from all their facts, and move the sums by the difference."""
    await join_by_hashing(tx)
    await tx.execute(_rederive(into), subjects)


@cache
def as_known(question: str) -> str:
    """Return the entries that a question asks of as known at a position ($1), to stand in for the table of that name.

    Planning takes longer than answering, so texts that give none of the kinds asked of are left out.
    """
    facts = FACTS.format(journal="journal", which="j.seq <= $1", known=" AND c.seq <= $1")
    # Inlined, so that each question derives what it asks for, over the journal with its statistics.
    return f"facts AS NOT MATERIALIZED ({facts}), entries AS NOT MATERIALIZED ({derivation(literals(question))})"


async def grown(tx: Transaction) -> list[str]:
    """Return the tables of which much has changed since the planner last looked at them."""
    rows = await tx.fetch(
        """SELECT relname FROM pg_stat_user_tables
            WHERE schemaname = current_schema() AND relname = ANY ($1)
              AND n_mod_since_analyze > 200 + n_live_tup / 2""",
        ["journal", *LIVE],
    )
    return [row["relname"] for row in rows]


async def look_at(tx: Transaction, table: str) -> None:
    """Let the planner look at a table now; the server does so by itself once a minute, and plans badly until then."""
    await tx.execute(f"ANALYZE {table}")


async def join_by_hashing(tx: Transaction) -> None:
    """Keep this transaction's joins from being loops: of rows that are derived, the planner guesses far too few."""
    await tx.execute("SET LOCAL enable_nestloop = off")


@cache
def _compared(among: Tables) -> str:
    within = "($1::text IS NULL OR {0}.subject > $1) AND ($2::text IS NULL OR {0}.subject <= $2)"
    kept = f"SELECT {COLUMNS} FROM {among.entries} AS e WHERE {within.format('e')}"
    return f"""
        WITH facts AS MATERIALIZED ({FACTS.format(journal="journal", which=within.format("j"), known="")}),
        derived AS MATERIALIZED ({derivation()})
        SELECT 'entry missing' AS fault, * FROM (SELECT {COLUMNS} FROM derived EXCEPT ALL {kept}) AS m
         UNION ALL
        SELECT 'entry without ground', * FROM ({kept} EXCEPT ALL SELECT {COLUMNS} FROM derived) AS s"""


async def differences(tx: Transaction, among: Tables = LIVE) -> list[Record]:
    """Compare entries with what the texts derive, both ways, and sums with entries; return what differs."""
    await join_by_hashing(tx)
    wrong: list[Record] = []
    after: str | None = None
    while True:
        # A range of subjects at a time, the last without an end: so none is passed over, known to the journal or not.
        until = await tx.value(
            "SELECT subject FROM journal WHERE $1::text IS NULL OR subject > $1 ORDER BY subject OFFSET $2 LIMIT 1",
            after,
            COMPARED_AT_ONCE,
        )
        wrong += await tx.fetch(_compared(among), after, until)
        if until is None:
            break
        after = until
    cells = await tx.fetch(
        f"""
        SELECT 'sum differs' AS fault, coalesce(s.line, a.line) AS line, coalesce(s.bearer, a.bearer) AS bearer,
               coalesce(s.grain, a.grain) AS grain, coalesce(s.period, a.period) AS period,
               coalesce(s.value, 0) AS should_be, coalesce(a.value, 0) AS is
          FROM ({sums(among.entries)}) AS s
          FULL JOIN {among.aggregates} AS a
            ON (a.line, a.bearer, a.grain, a.period) = (s.line, s.bearer, s.grain, s.period)
         WHERE coalesce(s.value, 0) <> coalesce(a.value, 0)
         ORDER BY line, bearer, grain, period"""
    )
    return [*wrong, *cells]


async def counts(tx: Transaction) -> tuple[int, int, int]:
    """Return how many events, entries and sums there are."""
    row = await tx.row(
        """SELECT (SELECT count(*) FROM journal) AS events, (SELECT count(*) FROM entries) AS entries,
                  (SELECT count(*) FROM aggregates) AS sums"""
    )
    assert row is not None
    return row["events"], row["entries"], row["sums"]
