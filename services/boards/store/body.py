"""Remembers the bodies of residential groups."""

from uuid import UUID

from services.boards.domain.body import Body, EstablishBody, Ground
from services.boards.store.heard import groups
from shared import event_log
from shared.database import Record, Transaction
from shared.events import GroupBodyEnded, GroupBodyEstablished


async def ground(tx: Transaction, asked: EstablishBody, scope: list[str]) -> Ground:
    """Lock a body about to be established, and its place in the group; load what that depends on."""
    await event_log.lock(tx, asked.body_id, f"body {asked.group}/{asked.body}")
    exists = tx.was_told_of(asked.body_id)
    taken = await tx.value(
        """SELECT EXISTS (SELECT FROM group_body
                           WHERE group_id = $1 AND body = $2 AND (ended IS NULL OR $3 < ended))""",
        asked.group,
        asked.body,
        asked.on,
    )
    return Ground(exists, taken, await groups(tx, (asked.group,), scope))


async def body(tx: Transaction, body_id: UUID, scope: list[str]) -> Body | None:
    """Lock and load a body."""
    await event_log.lock(tx, body_id)
    row = await tx.row(
        "SELECT id, unit, established, ended FROM group_body WHERE id = $1 AND in_scope(unit, $2)", body_id, scope
    )
    return Body(**row) if row else None


async def group_body_established(tx: Transaction, event: GroupBodyEstablished) -> None:
    """Enter a body."""
    await tx.execute(
        "INSERT INTO group_body (id, unit, group_id, body, established) VALUES ($1, $2, $3, $4, $5)",
        UUID(event.subject),
        event.unit,
        event.group,
        event.body,
        event.on,
    )


async def group_body_ended(tx: Transaction, event: GroupBodyEnded) -> None:
    """End a body."""
    await tx.execute("UPDATE group_body SET ended = $2 WHERE id = $1", UUID(event.subject), event.on)


async def bodies(
    tx: Transaction, scope: list[str], group: UUID | None, living_only: bool | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return bodies within a scope, by id; `living_only` leaves out those that have ended."""
    return await tx.fetch(
        """SELECT id, unit, group_id AS "group", body, established, ended
             FROM group_body
            WHERE in_scope(unit, $1)
              AND ($2::uuid IS NULL OR group_id = $2)
              AND ($3::boolean IS NOT TRUE OR ended IS NULL)
              AND ($4::uuid IS NULL OR id > $4)
            ORDER BY id
            LIMIT $5""",
        scope,
        group,
        living_only,
        after,
        limit,
    )


async def body_page(tx: Transaction, body_id: UUID, scope: list[str]) -> Record | None:
    """Return a body."""
    return await tx.row(
        """SELECT id, unit, group_id AS "group", body, established, ended
             FROM group_body WHERE id = $1 AND in_scope(unit, $2)""",
        body_id,
        scope,
    )
