"""Remembers inspections."""

from uuid import UUID

from services.buildings.domain.building import Building
from services.buildings.domain.inspection import RecordInspection
from services.buildings.store.building import building
from shared.database import Record, Transaction
from shared.events import InspectionConducted


async def ground(tx: Transaction, asked: RecordInspection, scope: list[str]) -> tuple[bool, Building | None]:
    """Lock an inspection about to be recorded; tell whether it exists, and load its building as placed on that day."""
    found = await building(tx, asked.building, asked.on, scope, asked.inspection_id)
    return tx.was_told_of(asked.inspection_id), found


async def inspection_conducted(tx: Transaction, event: InspectionConducted) -> None:
    """Enter an inspection."""
    await tx.execute(
        "INSERT INTO inspection (id, unit, building, inspected, topic) VALUES ($1, $2, $3, $4, $5)",
        UUID(event.subject),
        event.unit,
        event.building,
        event.on,
        event.topic,
    )


async def inspections(
    tx: Transaction, scope: list[str], building: UUID | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return inspections within a scope, by id: where the building lay that day, or lies now."""
    return await tx.fetch(
        """SELECT o.id, o.unit, o.building, o.inspected, o.topic
             FROM inspection AS o
             JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE (in_scope(o.unit, $1) OR in_scope(n.unit, $1))
              AND ($2::uuid IS NULL OR o.building = $2)
              AND ($3::uuid IS NULL OR o.id > $3)
            ORDER BY o.id
            LIMIT $4""",
        scope,
        building,
        after,
        limit,
    )


async def inspection_page(tx: Transaction, inspection_id: UUID, scope: list[str]) -> Record | None:
    """Return an inspection."""
    return await tx.row(
        """SELECT o.id, o.unit, o.building, o.inspected, o.topic
             FROM inspection AS o
             JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE o.id = $2
              AND (in_scope(o.unit, $1) OR in_scope(n.unit, $1))""",
        scope,
        inspection_id,
    )
