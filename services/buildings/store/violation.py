"""Remembers violations, what was decided, and when they were put right."""

from datetime import date
from uuid import UUID

from services.buildings.domain.building import Building
from services.buildings.domain.violation import RecordViolation, Violation
from services.buildings.store.building import building
from shared import event_log
from shared.database import Record, Transaction
from shared.events import ViolationDecided, ViolationRecorded, ViolationRemedied


async def ground(
    tx: Transaction, asked: RecordViolation, scope: list[str]
) -> tuple[bool, Building | None, date | None]:
    """Lock a violation about to be recorded; tell whether it exists, load its building, and when that was inspected."""
    found = await building(tx, asked.building, asked.on, scope, asked.violation_id)
    exists = tx.was_told_of(asked.violation_id)
    inspected: date | None = await tx.value(
        "SELECT inspected FROM inspection WHERE id = $1 AND building = $2", asked.inspection, asked.building
    )
    return exists, found, inspected


async def violation(tx: Transaction, violation_id: UUID, on: date, scope: list[str]) -> Violation | None:
    """Lock and load a violation; its unit is the one in which its building lies on that day.

    In scope by its own unit, or by the one in which its building lies now.
    """
    await event_log.lock(tx, violation_id)
    row = await tx.row(
        """SELECT o.id, coalesce(d.unit, o.unit) AS unit, o.recorded, o.decided, o.remedied
             FROM violation AS o
             LEFT JOIN LATERAL place_on(o.building, $2) AS d ON true
             JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE o.id = $1 AND (in_scope(o.unit, $3) OR in_scope(n.unit, $3))""",
        violation_id,
        on,
        scope,
    )
    return Violation(**row) if row else None


async def violation_recorded(tx: Transaction, event: ViolationRecorded) -> None:
    """Enter a violation."""
    await tx.execute(
        """INSERT INTO violation (id, unit, building, inspection, code, recorded)
                VALUES ($1, $2, $3, $4, $5, $6)""",
        UUID(event.subject),
        event.unit,
        event.building,
        event.inspection,
        event.code,
        event.on,
    )


async def violation_decided(tx: Transaction, event: ViolationDecided) -> None:
    """Note what was decided."""
    await tx.execute(
        "UPDATE violation SET decided = $2, symbol = $3, issuer = $4 WHERE id = $1",
        UUID(event.subject),
        event.on,
        event.decision.symbol,
        event.decision.issuer,
    )


async def violation_remedied(tx: Transaction, event: ViolationRemedied) -> None:
    """Note when a violation was put right."""
    await tx.execute("UPDATE violation SET remedied = $2 WHERE id = $1", UUID(event.subject), event.on)


async def violations(
    tx: Transaction, scope: list[str], building: UUID | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return violations within a scope, by id: where the building lay that day, or lies now."""
    return await tx.fetch(
        """SELECT o.id, o.unit, o.building, inspection, code, recorded, decided, symbol, issuer, remedied
             FROM violation AS o
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


async def violation_page(tx: Transaction, violation_id: UUID, scope: list[str]) -> Record | None:
    """Return a violation."""
    return await tx.row(
        """SELECT o.id, o.unit, o.building, inspection, code, recorded, decided, symbol, issuer, remedied
             FROM violation AS o
             JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE o.id = $2
              AND (in_scope(o.unit, $1) OR in_scope(n.unit, $1))""",
        scope,
        violation_id,
    )
