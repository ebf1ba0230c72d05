"""Where events wait that could not be applied: with their error, retried by time, then by an operator."""

import hashlib
import uuid
from datetime import timedelta

import orjson

from shared.database import Record, Transaction

RETRIES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=1))
"""Pauses before the next tries; after the last an operator decides."""
LONGEST_ERROR = 500


def _described(error: Exception) -> tuple[str, str]:
    """Return what went wrong and a fingerprint that is the same for the same fault."""
    said = _storable(f"{type(error).__name__}: {error}"[:LONGEST_ERROR])
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where else ""
    return said, hashlib.sha256(f"{type(error).__name__}@{place}".encode()).hexdigest()[:12]


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
    at_once: bool = False,
) -> None:
    """Put an event aside with its error. One that is there already stays as it is."""
    said, fingerprint = _described(error)
    try:
        read = orjson.loads(body)
        known, kind = uuid.UUID(read["id"]), _storable(str(read["type"])[:200])
        subject = _storable(str(read["subject"])[:200])
    except (ValueError, KeyError, TypeError, AttributeError):
        known, kind, subject = uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(body).hexdigest()), "unreadable", None
    await tx.execute(
        """INSERT INTO parked (id, type, subject, error, fingerprint, next_at, source, logseq, body)
                VALUES ($1, $2, $3, $4, $5, clock() + $6, $7, $8, $9)
           ON CONFLICT (id) DO NOTHING""",
        known,
        kind,
        subject,
        said,
        fingerprint,
        timedelta() if at_once else RETRIES[0],
        source,
        logseq,
        body,
    )


async def next_due(tx: Transaction) -> Record | None:
    """Take the next parked event that is due."""
    return await tx.row(
        """SELECT id, attempts, source, logseq, body FROM parked
            WHERE next_at <= clock() ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED"""
    )


async def settled(tx: Transaction, event: uuid.UUID) -> None:
    """Forget an event that has been applied."""
    await tx.execute("DELETE FROM parked WHERE id = $1", event)


async def failed_again(tx: Transaction, event: uuid.UUID, attempts: int, error: Exception) -> None:
    """Note another failure and when to try next, if ever."""
    said, fingerprint = _described(error)
    pause = RETRIES[attempts] if attempts < len(RETRIES) else None
    await tx.execute(
        """UPDATE parked SET attempts = attempts + 1, error = $2, fingerprint = $3, next_at = clock() + $4
            WHERE id = $1""",
        event,
        said,
        fingerprint,
        pause,
    )


async def waiting(tx: Transaction) -> int:
    """Return how many events are parked."""
    return int(await tx.value("SELECT count(*) FROM parked"))
