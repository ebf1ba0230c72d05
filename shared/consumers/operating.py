"""What an operator does to parked events: each act is noted in the same transaction, with what undoes it.

An edit mends what *this* service applies, under the event's own id. The log of the source and every other reader keep
the bytes as told, so whoever replays the source gets those again; a lasting mend is a correction told at the source.
Reporting's journal holds what was applied, edited or not: `parked_audit` lies in the same database and has both bodies
for ever, so the journal needs no mark of its own, and `chungcu verify reporting` says how many events of it are edited.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from shared.consumers.parking import named
from shared.database import Record, Transaction

SHORTEST_REASON = 10
"""Characters of a reason; the table refuses shorter ones."""


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and why."""

    operator: str
    reason: str | None = None


class NoLongerParked(LookupError):
    """Sự kiện không còn ở đây; có thể đã được xử lý. · The event is no longer parked; it may have been applied."""


class ChangedMeanwhile(RuntimeError):
    """Có người vừa sửa sự kiện này. · Somebody else has edited this event meanwhile."""


class ParkedAlready(RuntimeError):
    """Sự kiện đang được gác lại. · The event is parked already."""


class NotDropped(LookupError):
    """Sự kiện này chưa bị bỏ. · This event was not dropped."""


async def parked(tx: Transaction) -> list[Record]:
    """Return what is parked, the oldest first."""
    return await tx.fetch("SELECT * FROM parked ORDER BY parked_at, id")


async def tries(tx: Transaction, events: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how often those that are still parked have been tried."""
    rows = await tx.fetch("SELECT id, attempts FROM parked WHERE id = ANY ($1)", list(events))
    return {row["id"]: row["attempts"] for row in rows}


async def looked(tx: Transaction, events: Sequence[uuid.UUID], by: By) -> None:
    """Note that somebody looked into the bodies of events, and for what."""
    await tx.execute(
        """INSERT INTO parked_audit (operator, action, reason, event, type, subject, error, place, fingerprint,
                                     attempts, parked_at, source, logseq)
           SELECT $1, 'LOOKED', $2, id, type, subject, error, place, fingerprint, attempts, parked_at, source, logseq
             FROM (SELECT id, type, subject, error, place, fingerprint, attempts, parked_at, source, logseq
                     FROM parked WHERE id = ANY ($3)
                   UNION ALL
                  (SELECT DISTINCT ON (event) event, type, subject, error, place, fingerprint, attempts, parked_at,
                          source, logseq
                     FROM parked_audit AS a
                    WHERE event = ANY ($3) AND NOT EXISTS (SELECT FROM parked AS p WHERE p.id = a.event)
                    ORDER BY event, pos DESC)) AS seen""",
        by.operator,
        by.reason,
        list(events),
    )


async def retried(tx: Transaction, events: Sequence[uuid.UUID], by: By) -> dict[uuid.UUID, int]:
    """Make events due at once; return those that are still parked, with how often they have been tried."""
    rows = await tx.fetch(
        """WITH taken AS MATERIALIZED (SELECT id FROM parked WHERE id = ANY ($1) ORDER BY id FOR UPDATE),
                due AS (UPDATE parked AS p SET next_at = clock() FROM taken AS t WHERE p.id = t.id RETURNING p.*),
                noted AS (
           INSERT INTO parked_audit (operator, action, reason, event, type, subject, error, place, fingerprint,
                                     attempts, parked_at, source, logseq)
           SELECT $2, 'RETRIED', $3, id, type, subject, error, place, fingerprint, attempts, parked_at, source, logseq
             FROM due)
           SELECT id, attempts FROM due""",
        list(events),
        by.operator,
        by.reason,
    )
    return {row["id"]: row["attempts"] for row in rows}


async def edited(
    tx: Transaction, event: uuid.UUID, before: bytes, after: bytes, by: By, *, keep: bool = False
) -> dict[uuid.UUID, int]:
    """Replace the bytes of an event and make it due at once, or with `keep` let it wait for an operator.

    The service may be trying it, another operator may be editing it: the row is taken first, and `before` must still
    be what it holds. Returns how often it has been tried.
    """
    row = await tx.row("SELECT body FROM parked WHERE id = $1 FOR UPDATE", event)
    if row is None:
        raise NoLongerParked(NoLongerParked.__doc__)
    if row["body"] != before:
        raise ChangedMeanwhile(ChangedMeanwhile.__doc__)
    await tx.execute(
        """INSERT INTO parked_audit (operator, action, reason, event, type, subject, error, place, fingerprint,
                                     attempts, parked_at, source, logseq, before, after)
           SELECT $2, 'EDITED', $3, id, type, subject, error, place, fingerprint, attempts, parked_at, source, logseq,
                  body, $4
             FROM parked WHERE id = $1""",
        event,
        by.operator,
        by.reason,
        after,
    )
    _, kind, subject = named(after)
    tried = await tx.value(
        """UPDATE parked SET body = $2, type = $3, subject = $4, next_at = CASE WHEN NOT $5::boolean THEN clock() END
            WHERE id = $1 RETURNING attempts""",
        event,
        after,
        kind,
        subject,
        keep,
    )
    return {event: tried}


async def dropped(tx: Transaction, events: Sequence[uuid.UUID], by: By) -> list[uuid.UUID]:
    """Remove events for good, unless they are restored; return those that were still parked."""
    rows = await tx.fetch(
        """WITH taken AS MATERIALIZED (SELECT id FROM parked WHERE id = ANY ($1) ORDER BY id FOR UPDATE),
                gone AS (DELETE FROM parked AS p USING taken AS t WHERE p.id = t.id RETURNING p.*)
           INSERT INTO parked_audit (operator, action, reason, event, type, subject, error, place, fingerprint,
                                     attempts, parked_at, source, logseq, replayed, before)
           SELECT $2, 'DROPPED', $3, id, type, subject, error, place, fingerprint, attempts, parked_at, source, logseq,
                  replayed, body
             FROM gone
        RETURNING event""",
        list(events),
        by.operator,
        by.reason,
    )
    return [row["event"] for row in rows]


async def restored(tx: Transaction, event: uuid.UUID, by: By) -> None:
    """Put a dropped event back as it was; it waits for an operator."""
    last = await tx.row(
        """SELECT pos, action FROM parked_audit
            WHERE event = $1 AND action IN ('DROPPED', 'RESTORED') ORDER BY pos DESC LIMIT 1""",
        event,
    )
    if last is None or last["action"] != "DROPPED":
        raise NotDropped(NotDropped.__doc__)
    back = await tx.value(
        """INSERT INTO parked (id, type, subject, error, place, fingerprint, attempts, parked_at, source, logseq,
                               replayed, body)
           SELECT event, type, subject, error, place, fingerprint, attempts, parked_at, source, logseq, replayed, before
             FROM parked_audit WHERE pos = $1
           ON CONFLICT (id) DO NOTHING RETURNING id""",
        last["pos"],
    )
    if back is None:
        raise ParkedAlready(ParkedAlready.__doc__)
    await tx.execute(
        """INSERT INTO parked_audit (operator, action, reason, event, type, subject, error, place, fingerprint,
                                     attempts, parked_at, source, logseq, after)
           SELECT $2, 'RESTORED', $3, event, type, subject, error, place, fingerprint, attempts, parked_at, source,
                  logseq, before
             FROM parked_audit WHERE pos = $1""",
        last["pos"],
        by.operator,
        by.reason,
    )


async def history(tx: Transaction, event: uuid.UUID | None, most: int) -> list[Record]:
    """Return what operators did, to one event or to any: the last acts, in the order in which they were done."""
    rows = await tx.fetch(
        """SELECT * FROM parked_audit
            WHERE $1::uuid IS NULL OR event = $1 ORDER BY pos DESC LIMIT $2""",
        event,
        most,
    )
    return rows[::-1]


async def edits(tx: Transaction) -> list[uuid.UUID]:
    """Return the events that were applied otherwise than told: edited, and neither parked nor dropped since."""
    rows = await tx.fetch(
        """SELECT event
             FROM parked_audit
            WHERE action IN ('EDITED', 'DROPPED', 'RESTORED') AND event NOT IN (SELECT id FROM parked)
            GROUP BY event
           HAVING bool_or(action = 'EDITED')
              AND (array_agg(action ORDER BY pos DESC) FILTER (WHERE action <> 'EDITED'))[1] IS DISTINCT FROM 'DROPPED'
            ORDER BY event"""
    )
    return [row["event"] for row in rows]
