"""Remembers classes for board heads and who attended them."""

from uuid import UUID

from services.boards.domain.training import AnnounceTraining, Training
from services.boards.store.heard import path_on
from shared import event_log
from shared.database import Record, Transaction
from shared.events import TrainingAnnounced, TrainingHeld


async def ground(tx: Transaction, asked: AnnounceTraining) -> tuple[bool, str | None]:
    """Lock a class about to be announced; tell whether it exists, and the path of its unit on that day."""
    await event_log.lock(tx, asked.training_id)
    exists = tx.was_told_of(asked.training_id)
    return exists, await path_on(tx, asked.unit, asked.on)


async def training(tx: Transaction, training_id: UUID, scope: list[str]) -> Training | None:
    """Lock and load a class within the caller's scope."""
    await event_log.lock(tx, training_id)
    row = await tx.row(
        "SELECT id, unit, announced, held FROM training WHERE id = $1 AND in_scope(unit, $2)", training_id, scope
    )
    return Training(**row) if row else None


async def training_announced(tx: Transaction, event: TrainingAnnounced) -> None:
    """Enter a class."""
    await tx.execute(
        "INSERT INTO training (id, unit, announced, planned, topics) VALUES ($1, $2, $3, $4, $5)",
        UUID(event.subject),
        event.unit,
        event.on,
        event.held_on,
        event.topics,
    )


async def training_held(tx: Transaction, event: TrainingHeld) -> None:
    """Note when a class was held, what it taught, and who attended."""
    await tx.execute(
        """WITH held AS (
               UPDATE training SET held = $2, taught = $3 WHERE id = $1 RETURNING id
           )
           INSERT INTO training_attendance (training, person)
                SELECT id, person FROM held, unnest($4::uuid[]) AS person""",
        UUID(event.subject),
        event.on,
        event.topics,
        event.attended,
    )


async def trainings(tx: Transaction, scope: list[str], after: UUID | None, limit: int) -> list[Record]:
    """Return classes within a scope, by id."""
    return await tx.fetch(
        """SELECT id, unit, announced, planned, topics, held, taught
             FROM training
            WHERE in_scope(unit, $1) AND ($2::uuid IS NULL OR id > $2)
            ORDER BY id
            LIMIT $3""",
        scope,
        after,
        limit,
    )


async def training_page(tx: Transaction, training_id: UUID, scope: list[str]) -> Record | None:
    """Return a class with who attended it."""
    return await tx.row(
        """SELECT t.*,
                  array(SELECT a.person FROM training_attendance AS a
                         WHERE a.training = t.id ORDER BY a.person) AS attended
             FROM training AS t
            WHERE t.id = $2 AND in_scope(t.unit, $1)""",
        scope,
        training_id,
    )
