"""Telling: the log in which every decision is recorded, in the transaction of the decision."""

import hashlib
from dataclasses import dataclass, replace
from uuid import UUID

from shared.caller import Asked, Caller
from shared.database import Transaction
from shared.errors import Refused
from shared.events import LARGEST_EVENT, Circumstances, Told, tell
from shared.events.base import E

LARGEST_PAGE = 4 * 1024 * 1024
"""Bytes of events in a page of the log, from which on no further one is added."""
LOOKED_THROUGH = 10_000
"""Numbers of the log that one page looks through for what its filter lets pass: some twenty milliseconds."""
LONGEST_ROUTE = 255
"""Bytes of a routing key: type, dot, and path of the unit (AMQP 0-9-1, short string)."""


class NotLocked(RuntimeError):
    """A subject must be locked, before anything is written, to be told of."""


class TooLarge(Refused):
    """Dữ kiện quá lớn.

    The fact is too large to be told.
    """

    status = 413


class TooDeep(Refused):
    """Đơn vị nằm quá sâu trong cây đơn vị để báo tin.

    The unit lies too deep in the tree of units to be told of.
    """


class TakeoverNotOpen(Refused):
    """Chưa có đợt tiếp nhận hồ sơ cũ này.

    There is no such take-over batch.
    """


class OutsideTheBatch(Refused):
    """Đợt tiếp nhận hồ sơ cũ này mở cho đơn vị khác.

    This take-over batch was opened for another unit.
    """


class KeyUsedForAnother(Refused):
    """Idempotency-Key này đã dùng cho một yêu cầu khác.

    This Idempotency-Key was used for another request.
    """

    status = 422


async def lock(tx: Transaction, *subjects: str | UUID) -> None:
    """Take these subjects until the end of the transaction; its first statement.

    Advisory locks, taken in one order by everybody, assign no transaction id: so the order of ids in the log
    is the order of versions, also for commands on several subjects.
    """
    rows = await tx.fetch("SELECT subject, version FROM event_log_lock($1)", [str(subject) for subject in subjects])
    tx.locked.update((row["subject"], row["version"]) for row in rows)


async def answered(tx: Transaction, who: Caller) -> bytes | None:
    """Return the answer already given under the caller's key, waiting for a twin that is still being decided."""
    if who.idempotency_key is None:
        return None
    key = _named(who)
    row = await tx.row("SELECT body, asked FROM event_log_answered($1)", key)
    if row is None:
        return None
    if row["asked"] != who.asked:
        raise KeyUsedForAnother(pointer="/Idempotency-Key")
    return str(row["body"]).encode()


async def append(tx: Transaction, event: E, *, by: Caller, asked: Asked | None = None) -> Told[E]:
    """Tell a fact: the last statement of a command.

    `asked` brings the document and the take-over batch. Refuses a unit out of scope, a day in the future,
    a day beyond the back-date limit outside a batch, and a decision on a version that is no longer the last.
    """
    paper = asked or Asked()
    by.may_tell(event.unit, event.on, paper.takeover)
    by.must_match(tx.locked.get(event.subject, 0))
    if paper.takeover is not None:
        await _must_be_open(tx, paper.takeover, event.unit)
    keyed = by.idempotency_key is not None
    return await _write(tx, event, by.circumstances(paper), _named(by) if keyed else None, by.asked if keyed else None)


def _named(who: Caller) -> str:
    """Return the caller and the key as one name; hashed, for whoever knows the key could test what was asked."""
    return hashlib.sha256(f"{who.identity.actor}:{who.idempotency_key}".encode()).hexdigest()


async def _must_be_open(tx: Transaction, takeover: UUID, unit: str) -> None:
    covers = await tx.value("SELECT in_scope($2, ARRAY[unit]) FROM takeover WHERE id = $1", takeover, unit)
    if covers is None:
        raise TakeoverNotOpen(pointer="/takeover")
    if not covers:
        raise OutsideTheBatch(pointer="/takeover", unit=unit)


async def append_found(tx: Transaction, event: E, given: Circumstances) -> Told[E]:
    """Tell a fact that the service found by itself, at no one's request."""
    return await _write(tx, event, given)


async def _write(
    tx: Transaction, event: E, given: Circumstances, key: str | None = None, asked: bytes | None = None
) -> Told[E]:
    if event.subject not in tx.locked:
        raise NotLocked(event.subject)
    tx.locked[event.subject] += 1
    told = tell(event, replace(given, version=tx.locked[event.subject]))
    if len(told.body) > LARGEST_EVENT:
        raise TooLarge(bytes=len(told.body), limit=LARGEST_EVENT)
    if len(f"{told.type}.{told.unit}".encode()) > LONGEST_ROUTE:
        raise TooDeep(pointer="/unit", unit=told.unit)
    await tx.execute(
        """INSERT INTO event_log (id, type, subject, version, unit, recorded, takeover, corrects,
                                  idempotency_key, asked, body)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        told.id,
        told.type,
        told.subject,
        told.version,
        told.unit,
        told.time,
        told.takeover,
        told.corrects,
        key,
        asked,
        told.body.decode(),
    )
    return told


async def history(tx: Transaction, subject: str | UUID) -> list[str]:
    """Return the events that made a thing, first version first, as they were told."""
    rows = await tx.fetch("SELECT body FROM event_log WHERE subject = $1 ORDER BY version", str(subject))
    return [row["body"] for row in rows]


@dataclass(frozen=True, slots=True)
class Page:
    """Told events with their numbers, and where the reader stands after them.

    Of the log up to `read` nothing more is to be had; it goes to `head`, and the bus has taken it up to `sent`.
    """

    events: list[tuple[int, str]]
    read: int
    head: int
    sent: int


async def page(
    tx: Transaction, after: int, limit: int, types: list[str] | None, unit: str | None, scope: list[str]
) -> Page:
    """Return told events after a number of the log, within the caller's scope.

    It is bounded three ways: by `limit`, by bytes (one event may pass the bound), and by how far is looked for what
    a filter lets through; so an empty page still leads on.
    """
    stands = await tx.row("SELECT numbered, sent FROM relay")
    assert stands is not None
    to = max(after, min(after + LOOKED_THROUGH, stands["numbered"]))
    rows = await tx.fetch(
        """SELECT logseq, body
             FROM (SELECT o.logseq, l.body, sum(octet_length(l.body::text)) OVER (ORDER BY o.logseq) AS bytes
                     FROM log_order AS o
                     JOIN event_log AS l USING (pos)
                    WHERE o.logseq > $1 AND o.logseq <= $2
                      AND ($3::text[] IS NULL OR l.type = ANY ($3))
                      AND ($4::text IS NULL OR in_scope(l.unit, ARRAY[$4]))
                      AND in_scope(l.unit, $5)
                    ORDER BY o.logseq
                    LIMIT $6) AS found
            WHERE bytes - octet_length(body::text) < $7
            ORDER BY logseq""",
        after,
        to,
        types,
        unit,
        scope,
        limit,
        LARGEST_PAGE,
    )
    events = [(row["logseq"], row["body"]) for row in rows]
    full = len(events) == limit or sum(len(body.encode()) for _, body in events) >= LARGEST_PAGE
    return Page(events, events[-1][0] if full else to, stands["numbered"], stands["sent"])


async def rebase(tx: Transaction) -> tuple[int, int]:
    """Give the log an order again after a logical restore, where transaction ids of another server mean nothing.

    What was told keeps its numbers; what was not comes after it, as it was written. Returns how many of each.
    """
    await tx.execute(
        """UPDATE event_log AS l
              SET xid = CASE WHEN EXISTS (SELECT FROM log_order WHERE pos = l.pos) THEN '1' ELSE '2' END::xid8"""
    )
    await tx.execute(
        """UPDATE relay SET xid = '1', pos = coalesce((SELECT max(pos) FROM log_order), 0),
                            numbered = coalesce((SELECT max(logseq) FROM log_order), 0)"""
    )
    told = await tx.value("SELECT count(*) FROM log_order")
    return told, await tx.value("SELECT count(*) FROM event_log") - told
