"""Remembers petitions."""

from datetime import date
from uuid import UUID

from services.boards.domain.petition import FilePetition, Petition
from services.boards.store.heard import arose_in
from shared import event_log
from shared.database import Record, Transaction
from shared.events import PetitionFiled, PetitionFlaggedComplex, PetitionResolved


async def ground(tx: Transaction, asked: FilePetition, scope: list[str]) -> tuple[bool, str | None]:
    """Lock a petition about to be filed; tell whether it exists, and the path of its unit on that day."""
    await event_log.lock(tx, asked.petition_id)
    exists = tx.was_told_of(asked.petition_id)
    return exists, await arose_in(tx, asked.building, asked.unit, asked.on, scope)


async def petition(tx: Transaction, petition_id: UUID, on: date, scope: list[str]) -> Petition | None:
    """Lock and load a petition; its unit is the one in which its building lies on that day.

    In scope by its own unit, or by the one in which its building lies now.
    """
    await event_log.lock(tx, petition_id)
    row = await tx.row(
        """SELECT o.id, coalesce(d.unit, o.unit) AS unit, o.received, o.flagged, o.resolved
             FROM petition AS o
             LEFT JOIN LATERAL place_on(o.building, $2) AS d ON true
             LEFT JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE o.id = $1 AND (in_scope(o.unit, $3) OR in_scope(n.unit, $3))""",
        petition_id,
        on,
        scope,
    )
    return Petition(**row) if row else None


async def petition_filed(tx: Transaction, event: PetitionFiled) -> None:
    """Enter a petition."""
    await tx.execute(
        """INSERT INTO petition (id, unit, building, kind, topic, channel, received)
                VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        UUID(event.subject),
        event.unit,
        event.building,
        event.kind,
        event.topic,
        event.channel,
        event.on,
    )


async def petition_flagged_complex(tx: Transaction, event: PetitionFlaggedComplex) -> None:
    """Flag a petition."""
    await tx.execute("UPDATE petition SET flagged = $2 WHERE id = $1", UUID(event.subject), event.on)


async def petition_resolved(tx: Transaction, event: PetitionResolved) -> None:
    """Note how a petition ended."""
    await tx.execute(
        "UPDATE petition SET resolved = $2, outcome = $3 WHERE id = $1", UUID(event.subject), event.on, event.outcome
    )


async def petitions(
    tx: Transaction,
    scope: list[str],
    building: UUID | None,
    open_only: bool | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Return petitions within a scope, by id; `open_only` leaves out the resolved ones."""
    return await tx.fetch(
        """SELECT o.id, o.unit, o.building, o.kind, topic, channel, received, flagged, resolved, outcome
             FROM petition AS o
             LEFT JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE (in_scope(o.unit, $1) OR in_scope(n.unit, $1))
              AND ($2::uuid IS NULL OR o.building = $2)
              AND ($3::boolean IS NOT TRUE OR o.resolved IS NULL)
              AND ($4::uuid IS NULL OR o.id > $4)
            ORDER BY o.id
            LIMIT $5""",
        scope,
        building,
        open_only,
        after,
        limit,
    )


async def petition_page(tx: Transaction, petition_id: UUID, scope: list[str]) -> Record | None:
    """Return a petition."""
    return await tx.row(
        """SELECT o.id, o.unit, o.building, o.kind, topic, channel, received, flagged, resolved, outcome
             FROM petition AS o
             LEFT JOIN LATERAL place_on(o.building, 'infinity') AS n ON true
            WHERE o.id = $2
              AND (in_scope(o.unit, $1) OR in_scope(n.unit, $1))""",
        scope,
        petition_id,
    )
