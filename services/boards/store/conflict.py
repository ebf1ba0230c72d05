"""Remembers conflicts among people of buildings and wards."""

from datetime import date
from uuid import UUID

from services.boards.domain.conflict import Conflict, RecordConflict
from services.boards.store.heard import arose_in
from shared import event_log
from shared.database import Record, Transaction
from shared.events import ConflictRecorded, ConflictSettled


async def ground(tx: Transaction, asked: RecordConflict, scope: list[str]) -> tuple[bool, str | None]:
    """Lock a conflict about to be recorded; tell whether it exists, and the path of its unit on that day."""
    await event_log.lock(tx, asked.conflict_id)
    exists = tx.was_told_of(asked.conflict_id)
    return exists, await arose_in(tx, asked.building, asked.unit, asked.on, scope)


async def conflict(tx: Transaction, conflict_id: UUID, on: date, scope: list[str]) -> Conflict | None:
    """Lock and load a conflict; its unit is the one in which its building lies on that day.

    In scope by its own unit, or by the one in which its building lies now.
    """
    await event_log.lock(tx, conflict_id)
    row = await tx.row(
        """SELECT o.id, coalesce(d.unit, o.unit) AS unit, o.recorded, o.settled
             FROM conflict AS o
             LEFT JOIN LATERAL place_on(o.building, $2) AS d ON true
             LEFT JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE o.id = $1 AND (in_scope(o.unit, $3) OR in_scope(n.unit, $3))""",
        conflict_id,
        on,
        scope,
    )
    return Conflict(**row) if row else None


async def conflict_recorded(tx: Transaction, event: ConflictRecorded) -> None:
    """Enter a conflict."""
    await tx.execute(
        "INSERT INTO conflict (id, unit, building, topic, parties, recorded) VALUES ($1, $2, $3, $4, $5, $6)",
        UUID(event.subject),
        event.unit,
        event.building,
        event.topic,
        event.parties,
        event.on,
    )


async def conflict_settled(tx: Transaction, event: ConflictSettled) -> None:
    """Note when a conflict was settled, and by whom."""
    await tx.execute(
        "UPDATE conflict SET settled = $2, settled_by = $3 WHERE id = $1",
        UUID(event.subject),
        event.on,
        event.settled_by,
    )


async def conflicts(
    tx: Transaction,
    scope: list[str],
    building: UUID | None,
    open_only: bool | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Return conflicts within a scope, by id; `open_only` leaves out the settled ones."""
    return await tx.fetch(
        """SELECT o.id, o.unit, o.building, o.topic, o.parties, o.recorded, o.settled, o.settled_by
             FROM conflict AS o
             LEFT JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE (in_scope(o.unit, $1) OR in_scope(n.unit, $1))
              AND ($2::uuid IS NULL OR o.building = $2)
              AND ($3::boolean IS NOT TRUE OR o.settled IS NULL)
              AND ($4::uuid IS NULL OR o.id > $4)
            ORDER BY o.id
            LIMIT $5""",
        scope,
        building,
        open_only,
        after,
        limit,
    )


async def conflict_page(tx: Transaction, conflict_id: UUID, scope: list[str]) -> Record | None:
    """Return a conflict."""
    return await tx.row(
        """SELECT o.id, o.unit, o.building, o.topic, o.parties, o.recorded, o.settled, o.settled_by
             FROM conflict AS o
             LEFT JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE o.id = $2
              AND (in_scope(o.unit, $1) OR in_scope(n.unit, $1))""",
        scope,
        conflict_id,
    )
