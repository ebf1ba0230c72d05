"""Remembers when a committee member was in charge of a ward."""

from uuid import UUID

from services.boards.domain.supervision import AssignSupervision, Supervision
from services.boards.store.heard import path_on
from shared import event_log
from shared.database import Record, Transaction
from shared.events import SupervisionAssigned, SupervisionEnded


async def ground(tx: Transaction, asked: AssignSupervision) -> tuple[bool, str | None]:
    """Lock a supervision about to be assigned; tell whether it exists, and the path of its ward on that day."""
    await event_log.lock(tx, asked.supervision_id)
    exists = tx.was_told_of(asked.supervision_id)
    return exists, await path_on(tx, asked.ward, asked.on)


async def supervision(tx: Transaction, supervision_id: UUID, scope: list[str]) -> Supervision | None:
    """Lock and load a supervision."""
    await event_log.lock(tx, supervision_id)
    row = await tx.row(
        "SELECT id, unit, assigned, ended FROM supervision WHERE id = $1 AND in_scope(unit, $2)",
        supervision_id,
        scope,
    )
    return Supervision(**row) if row else None


async def supervision_assigned(tx: Transaction, event: SupervisionAssigned) -> None:
    """Enter a supervision."""
    await tx.execute(
        "INSERT INTO supervision (id, unit, assigned) VALUES ($1, $2, $3)", UUID(event.subject), event.unit, event.on
    )


async def supervision_ended(tx: Transaction, event: SupervisionEnded) -> None:
    """End a supervision."""
    await tx.execute("UPDATE supervision SET ended = $2 WHERE id = $1", UUID(event.subject), event.on)


async def supervisions(
    tx: Transaction, scope: list[str], living_only: bool | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return supervisions within a scope, by id; `living_only` leaves out those that have ended."""
    return await tx.fetch(
        """SELECT id, unit, assigned, ended
             FROM supervision
            WHERE in_scope(unit, $1)
              AND ($2::boolean IS NOT TRUE OR ended IS NULL)
              AND ($3::uuid IS NULL OR id > $3)
            ORDER BY id
            LIMIT $4""",
        scope,
        living_only,
        after,
        limit,
    )


async def supervision_page(tx: Transaction, supervision_id: UUID, scope: list[str]) -> Record | None:
    """Return a supervision."""
    return await tx.row(
        "SELECT id, unit, assigned, ended FROM supervision WHERE id = $1 AND in_scope(unit, $2)",
        supervision_id,
        scope,
    )
