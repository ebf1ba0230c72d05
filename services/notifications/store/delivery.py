"""Remembers deliveries: what is sent to whom over which channel, and how it went."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from services.notifications.domain.delivery import (
    ERASED,
    NOT_CONFIGURED,
    UNSUBSCRIBED,
    WITHDRAWN,
    Letter,
    Person,
    Status,
    System,
    Tried,
    Way,
)
from services.notifications.domain.notice import parameters
from services.notifications.store.notice import Open
from shared.database import Record, Transaction
from shared.events.notifications import Channel, Language


async def decided(tx: Transaction, deliveries: Sequence[tuple[UUID, Open, Way]]) -> None:
    """Enter deliveries: what lies in the inbox has arrived, all else is due at once."""
    await tx.execute(
        """INSERT INTO delivery (id, event, rule, place, person, endpoint, channel, unit, parameters,
                                 status, next_at, sent_at)
                SELECT i, e, r, l, p, s, c, u, j, CASE c WHEN 'INBOX' THEN 'SENT' ELSE 'DUE' END,
                       CASE c WHEN 'INBOX' THEN NULL ELSE clock() END, CASE c WHEN 'INBOX' THEN clock() END
                  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[],
                              $8::text[], $9::json[])
                    AS x (i, e, r, l, p, s, c, u, j)
           ON CONFLICT DO NOTHING""",
        [delivery for delivery, _, _ in deliveries],
        [notice.event for _, notice, _ in deliveries],
        [notice.rule for _, notice, _ in deliveries],
        [notice.place for _, notice, _ in deliveries],
        [notice.known.person for _, notice, _ in deliveries],
        [notice.known.endpoint for _, notice, _ in deliveries],
        [way for _, _, way in deliveries],
        [notice.unit for _, notice, _ in deliveries],
        [orjson.dumps(parameters(notice.known)).decode() for _, notice, _ in deliveries],
    )


async def take(tx: Transaction, way: Way, limit: int, lease: timedelta) -> list[Letter]:
    """Take deliveries that are due, for the time of a lease: whoever takes them tries, and others leave them alone."""
    rows = await tx.fetch(
        """WITH due AS (SELECT d.id, d.person, d.endpoint FROM delivery AS d
                         WHERE d.channel = $1 AND d.next_at <= clock()
                         ORDER BY d.next_at
                         LIMIT $2
                           FOR UPDATE SKIP LOCKED)
           UPDATE delivery AS d
              SET attempts = d.attempts + 1, next_at = clock() + $3
             FROM due
             LEFT JOIN contact AS c ON c.person = due.person
             LEFT JOIN endpoint AS s ON s.id = due.endpoint, occasion AS o
            WHERE d.id = due.id AND o.event = d.event
        RETURNING d.id, d.person, d.endpoint, d.channel, c.language, d.event, o.type, o.subject, d.unit, o.on_day,
                  coalesce(o.told, o.heard) AS told, o.correlation, d.parameters, d.attempts AS attempt,
                  CASE WHEN EXISTS (SELECT FROM withdrawn AS w WHERE w.event = d.event) THEN $4
                       WHEN EXISTS (SELECT FROM erased AS e WHERE e.person = d.person) THEN $5
                       WHEN s.until_day IS NOT NULL THEN $6 END AS withheld,
                  coalesce(c.wrapped_key, s.wrapped_key) AS wrapped_key, coalesce(c.sealed, s.sealed) AS sealed""",
        way,
        limit,
        lease,
        WITHDRAWN,
        ERASED,
        UNSUBSCRIBED,
    )
    return [_letter(row) for row in rows]


async def tried(tx: Transaction, letter: Letter, now: Tried) -> datetime | None:
    """Note how an attempt went and return when; nothing where somebody else has tried since, the lease being over."""
    at: datetime | None = await tx.value(
        """UPDATE delivery
              SET status = $3, reason = $4, next_at = clock() + $5,
                  sent_at = CASE WHEN $3 = 'SENT' THEN clock() END
            WHERE id = $1 AND attempts = $2 AND status = 'DUE'
        RETURNING clock()""",
        letter.id,
        letter.attempt,
        now.status,
        now.reason,
        now.pause,
    )
    return at


async def not_configured(tx: Transaction, way: Way, limit: int, pause: timedelta) -> int:
    """Let due deliveries wait for their way to be configured, and return how many there were."""
    rows = await tx.fetch(
        """UPDATE delivery SET reason = $3, next_at = clock() + $4
            WHERE id IN (SELECT id FROM delivery WHERE channel = $1 AND next_at <= clock()
                          ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING id""",
        way,
        limit,
        NOT_CONFIGURED,
        pause,
    )
    return len(rows)


async def deliveries(
    tx: Transaction,
    scope: list[str],
    status: Status | None,
    person: UUID | None,
    endpoint: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[Record]:
    """Return the deliveries of a scope, latest first."""
    return await tx.fetch(
        """SELECT d.id, d.event, o.type, o.subject, d.rule, d.place, d.person, d.endpoint, d.channel, d.unit,
                  d.status, d.reason, d.attempts, d.next_at, d.sent_at
             FROM delivery AS d
             JOIN occasion AS o ON o.event = d.event
            WHERE concerns_scope(d.unit, o.buildings, $1)
              AND ($2::text IS NULL OR d.status = $2)
              AND ($3::uuid IS NULL OR d.person = $3)
              AND ($4::uuid IS NULL OR d.endpoint = $4)
              AND ($5::uuid IS NULL OR d.id < $5)
            ORDER BY d.id DESC
            LIMIT $6""",
        scope,
        status,
        person,
        endpoint,
        before,
        limit,
    )


async def delivery(tx: Transaction, delivery_id: UUID, scope: list[str]) -> Record | None:
    """Return a delivery within a scope."""
    return await tx.row(
        """SELECT d.id, d.event, o.type, o.subject, d.rule, d.place, d.person, d.endpoint, d.channel, d.unit,
                  d.status, d.reason, d.attempts, d.next_at, d.sent_at
             FROM delivery AS d
             JOIN occasion AS o ON o.event = d.event
            WHERE d.id = $1 AND concerns_scope(d.unit, o.buildings, $2)""",
        delivery_id,
        scope,
    )


async def inbox(
    tx: Transaction, person: UUID, scope: list[str] | None, before: UUID | None, limit: int
) -> list[Record]:
    """Return what lies in a person's inbox, latest first; everything when no scope is given."""
    return await tx.fetch(
        """SELECT d.id, d.event, o.type, o.subject, d.unit, d.sent_at, d.parameters,
                  coalesce((SELECT c.language FROM contact AS c WHERE c.person = d.person), 'vi') AS language
             FROM delivery AS d
             JOIN occasion AS o ON o.event = d.event
            WHERE d.person = $1 AND d.channel = 'INBOX'
              AND ($2::text[] IS NULL OR concerns_scope(d.unit, o.buildings, $2))
              AND ($3::uuid IS NULL OR d.id < $3)
            ORDER BY d.id DESC
            LIMIT $4""",
        person,
        scope,
        before,
        limit,
    )


def _letter(row: Record) -> Letter:
    return Letter(
        id=row["id"],
        to=_recipient(row),
        event=row["event"],
        type=row["type"],
        subject=row["subject"],
        unit=row["unit"],
        on_day=row["on_day"],
        told=row["told"],
        correlation=row["correlation"],
        parameters=orjson.loads(row["parameters"]),
        attempt=row["attempt"],
        withheld=row["withheld"],
        wrapped_key=row["wrapped_key"],
        sealed=row["sealed"],
    )


def _recipient(row: Record) -> Person | System:
    if row["endpoint"] is not None:
        return System(row["endpoint"])
    return Person(row["person"], Channel(row["channel"]), Language(row["language"] or Language.VI))
