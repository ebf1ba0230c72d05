"""Remembers commendations."""

from uuid import UUID

from services.boards.domain.commendation import RecordCommendation
from services.boards.store.heard import path_on
from shared import event_log
from shared.database import Record, Transaction
from shared.events import CommendationDecided


async def ground(tx: Transaction, asked: RecordCommendation) -> tuple[bool, str | None]:
    """Lock a commendation about to be recorded; tell whether it exists, and its unit's path on the decision's date."""
    await event_log.lock(tx, asked.commendation_id)
    exists = tx.was_told_of(asked.commendation_id)
    return exists, await path_on(tx, asked.unit, asked.decision.date)


async def commendation_decided(tx: Transaction, event: CommendationDecided) -> None:
    """Enter a commendation."""
    await tx.execute(
        """INSERT INTO commendation (id, unit, decided, symbol, issuer, recipient)
                VALUES ($1, $2, $3, $4, $5, $6)""",
        UUID(event.subject),
        event.unit,
        event.on,
        event.decision.symbol,
        event.decision.issuer,
        event.recipient,
    )


async def commendations(tx: Transaction, scope: list[str], after: UUID | None, limit: int) -> list[Record]:
    """Return commendations within a scope, by id."""
    return await tx.fetch(
        """SELECT id, unit, decided, symbol, issuer, recipient
             FROM commendation
            WHERE in_scope(unit, $1) AND ($2::uuid IS NULL OR id > $2)
            ORDER BY id
            LIMIT $3""",
        scope,
        after,
        limit,
    )


async def commendation_page(tx: Transaction, commendation_id: UUID, scope: list[str]) -> Record | None:
    """Return a commendation."""
    return await tx.row(
        """SELECT id, unit, decided, symbol, issuer, recipient
             FROM commendation
            WHERE id = $2 AND in_scope(unit, $1)""",
        scope,
        commendation_id,
    )
