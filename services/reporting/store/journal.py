"""Remembers every event that was heard, once, in the order it became known here; and what is missing."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.reporting.store import definitions
from shared.consumers import Heard, Outdated
from shared.database import Transaction
from shared.events.reporting import Hole


async def remember(tx: Transaction, events: Sequence[Heard]) -> set[UUID]:
    """Number the new events of a batch and keep them; return their ids.

    The first statement takes the reader's row, so batches are numbered one after the other and a position
    never comes to mean something else. It also says by which definitions entries are derived: by others than this
    process has, nothing is remembered.
    """
    reader = await tx.row("SELECT position, derived_by FROM reader FOR UPDATE")
    assert reader is not None
    if reader["derived_by"] not in (None, definitions.derived_by()):
        raise Outdated(Outdated.__doc__)
    rows = await tx.fetch(
        """INSERT INTO journal (seq, event, source, logseq, type, subject, version, on_day, unit,
                                corrects, takeover, recorded, body)
           SELECT $1 + row_number() OVER (ORDER BY nth), event, source, logseq, type, subject, version, on_day, unit,
                  corrects, takeover, recorded, body::json
             FROM (SELECT DISTINCT ON (event) *
                     FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::int[], $8::date[],
                                 $9::text[], $10::uuid[], $11::uuid[], $12::timestamptz[], $13::text[])
                          WITH ORDINALITY AS h (event, source, logseq, type, subject, version, on_day,
                                                unit, corrects, takeover, recorded, body, nth)
                    ORDER BY event, nth) AS h
            WHERE NOT EXISTS (SELECT FROM journal AS j WHERE j.event = h.event)
        RETURNING event""",
        reader["position"],
        [one.told.id for one in events],
        [one.source or one.told.type.partition(".")[0] for one in events],
        [one.logseq for one in events],
        [one.told.type for one in events],
        [one.told.subject for one in events],
        [one.told.version for one in events],
        [one.told.on for one in events],
        [one.told.unit for one in events],
        [one.told.corrects for one in events],
        [one.told.takeover for one in events],
        [one.told.time for one in events],
        [one.told.body.decode() for one in events],
    )
    if rows:
        await tx.execute("UPDATE reader SET position = position + $1", len(rows))
        sources = sorted({one.source for one in events if one.source})
        await tx.execute("INSERT INTO source (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", sources)
    return {row["event"] for row in rows}


async def position(tx: Transaction) -> int:
    """Return how far the journal goes."""
    return int(await tx.value("SELECT position FROM reader"))


async def heads(tx: Transaction, said: dict[str, int]) -> None:
    """Note how far sources say that their logs go."""
    await tx.execute(
        """INSERT INTO source (name, head) SELECT * FROM unnest($1::text[], $2::bigint[])
           ON CONFLICT (name) DO UPDATE SET head = greatest(source.head, excluded.head)""",
        sorted(said),
        [said[name] for name in sorted(said)],
    )


async def look_for_holes(tx: Transaction) -> None:
    """Note which numbers of each source's log are missing, and forget those that have come."""
    await tx.execute(
        """UPDATE source AS s
              SET head = greatest(s.head, (SELECT max(j.logseq) FROM journal AS j WHERE j.source = s.name))"""
    )
    await tx.execute(
        """DELETE FROM hole AS h
            WHERE EXISTS (SELECT FROM journal AS j WHERE j.source = h.source AND j.logseq = h.logseq)"""
    )
    await tx.execute(
        """INSERT INTO hole (source, logseq)
                SELECT s.name, n
                  FROM source AS s, generate_series(s.complete + 1, s.head) AS n
                 WHERE NOT EXISTS (SELECT FROM journal AS j WHERE j.source = s.name AND j.logseq = n)
           ON CONFLICT DO NOTHING"""
    )
    await tx.execute(
        """UPDATE source AS s
              SET complete = coalesce((SELECT min(h.logseq) - 1 FROM hole AS h WHERE h.source = s.name), s.head)"""
    )


async def holes(tx: Transaction, older_than: float) -> dict[str, list[int]]:
    """Return the missing numbers of each source that have been missing for so many seconds."""
    rows = await tx.fetch(
        """SELECT source, array_agg(logseq ORDER BY logseq) AS numbers
             FROM hole WHERE noticed <= now() - $1::interval GROUP BY source ORDER BY source""",
        timedelta(seconds=older_than),
    )
    return {row["source"]: list(row["numbers"]) for row in rows}


async def may_ask(tx: Transaction, hole: Hole) -> bool:
    """Tell whether it is time to ask for what a hole lacks; the pauses grow from two seconds to five minutes."""
    rows = await tx.fetch(
        """UPDATE hole SET asked = asked + 1, ask_at = now() + least(power(2, asked + 1), 300) * interval '1 second'
            WHERE source = $1 AND logseq BETWEEN $2 AND $3 AND ask_at <= now()
        RETURNING logseq""",
        hole.origin,
        hole.first,
        hole.last,
    )
    return bool(rows)


async def filled(tx: Transaction, hole: Hole) -> bool:
    """Tell whether everything that a hole lacked has come."""
    came = await tx.value(
        "SELECT count(DISTINCT logseq) FROM journal WHERE source = $1 AND logseq BETWEEN $2 AND $3",
        hole.origin,
        hole.first,
        hole.last,
    )
    return bool(came == hole.last - hole.first + 1)
