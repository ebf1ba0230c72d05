"""Where events wait that could not be applied: with their error, retried by time, then by an operator."""

import hashlib
import re
import traceback
import uuid
from datetime import timedelta

import orjson

from shared.database import Record, Transaction
from shared.events import UnknownEvent, Unreadable

RETRIES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=1))
"""Pauses before the next tries; after the last an operator decides."""
LONGEST_ERROR = 500
UNREADABLE = "unreadable"
"""The type under which bytes are parked that do not even name themselves."""


PLUMBING = ("shared.database", "shared.events.base")
"""Modules through which every fault of a statement or a contract passes: they are not where it happened."""


def _described(error: Exception) -> tuple[str, str, str]:
    """Return what went wrong, where, and a fingerprint that is the same for the same fault."""
    place = _place(error)
    said = _storable(f"{type(error).__name__}: {error}"[:LONGEST_ERROR])
    return said, place, hashlib.sha256(f"{type(error).__name__}@{place} {_kind(error)}".encode()).hexdigest()[:12]


def _place(error: Exception) -> str:
    """Return the innermost place of ours; when there is none, the innermost."""
    frames = [
        (frame.f_globals.get("__name__", ""), frame, line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    ours = [one for one in frames if one[0].startswith(("services.", "shared.")) and one[0] not in PLUMBING]
    if not frames:
        return ""
    module, frame, line = (ours or frames)[-1]
    return f"{module}:{line} {frame.f_code.co_name}"


def _kind(error: Exception) -> str:
    """Return what tells two faults of one place apart: the constraint that objected, the fields that do not fit."""
    if isinstance(error, Unreadable | UnknownEvent):
        return re.sub(r"\d+", "#", str(error))
    return getattr(error, "constraint_name", None) or ""


def _storable(text: str) -> str:
    """Return a text that PostgreSQL takes: it refuses NUL, and whoever is parked may well have sent one."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


async def park(
    tx: Transaction,
    body: bytes,
    source: str | None,
    logseq: int | None,
    error: Exception,
    *,
    replayed: bool = False,
    at_once: bool = False,
) -> None:
    """Put an event aside with its error. One that is there already stays as it is.

    One that an operator dropped does not come back by being heard again (a gap is asked for again and again).
    """
    known, kind, subject = named(body)
    said, place, fingerprint = _described(error)
    await tx.execute(
        """INSERT INTO parked (id, type, subject, error, place, fingerprint, next_at, source, logseq, body, replayed)
                SELECT $1, $2, $3, $4, $5, $6, clock() + $7::interval, $8, $9, $10, $11
                 WHERE (SELECT a.action FROM parked_audit AS a
                         WHERE a.event = $1 AND a.action IN ('DROPPED', 'RESTORED') ORDER BY a.pos DESC LIMIT 1)
                       IS DISTINCT FROM 'DROPPED'
           ON CONFLICT (id) DO NOTHING""",
        known,
        kind,
        subject,
        said,
        place,
        fingerprint,
        timedelta() if at_once else RETRIES[0],
        source,
        logseq,
        body,
        replayed,
    )


def named(body: bytes) -> tuple[uuid.UUID, str, str | None]:
    """Return under which id, type and subject bytes are parked; what cannot be read gets an id made of its bytes."""
    try:
        read = orjson.loads(body)
        return uuid.UUID(read["id"]), _storable(str(read["type"])[:200]), _storable(str(read["subject"])[:200])
    except (ValueError, KeyError, TypeError, AttributeError):
        return uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(body).hexdigest()), UNREADABLE, None


async def next_due(tx: Transaction) -> Record | None:
    """Take the next parked event that is due."""
    return await tx.row(
        """SELECT id, attempts, source, logseq, body, replayed FROM parked
            WHERE next_at <= clock() ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED"""
    )


async def settled(tx: Transaction, event: uuid.UUID) -> None:
    """Forget an event that has been applied."""
    await tx.execute("DELETE FROM parked WHERE id = $1", event)


async def failed_again(tx: Transaction, event: uuid.UUID, attempts: int, error: Exception) -> None:
    """Note another failure and when to try next, if ever."""
    said, place, fingerprint = _described(error)
    pause = RETRIES[attempts] if attempts < len(RETRIES) else None
    await tx.execute(
        """UPDATE parked
              SET attempts = attempts + 1, error = $2, place = $3, fingerprint = $4, next_at = clock() + $5::interval
            WHERE id = $1""",
        event,
        said,
        place,
        fingerprint,
        pause,
    )


async def waiting(tx: Transaction) -> tuple[int, float]:
    """Return how many events are parked, and for how many seconds the oldest has been."""
    row = await tx.row(
        "SELECT count(*), coalesce(extract(epoch FROM now() - min(parked_at)), 0)::float AS oldest FROM parked"
    )
    assert row is not None, "a count has a row"
    return row["count"], row["oldest"]
