"""Remembers residential groups."""

from datetime import date
from uuid import UUID

from services.buildings.domain.group import Group
from services.buildings.domain.unit import Unit
from services.buildings.store.unit import unit
from shared import event_log
from shared.database import Record, Transaction
from shared.events import ResidentialGroupDissolved, ResidentialGroupFormed


async def ground(tx: Transaction, group_id: UUID, ward: str, number: str) -> tuple[bool, bool, Unit | None]:
    """Lock a group about to be formed; tell whether it exists, whether its number is taken, and load its ward."""
    await event_log.lock(tx, group_id, f"group number {ward}/{number}")
    exists = tx.was_told_of(group_id)
    taken = await tx.value(
        "SELECT EXISTS (SELECT FROM residential_group WHERE ward = $1 AND number = $2 AND dissolved IS NULL)",
        ward,
        number,
    )
    return exists, taken, await unit(tx, ward)


async def group(tx: Transaction, group_id: UUID, scope: list[str]) -> Group | None:
    """Load a group within the caller's scope."""
    row = await tx.row(
        "SELECT id, unit, formed, dissolved FROM residential_group WHERE id = $1 AND in_scope(unit, $2)",
        group_id,
        scope,
    )
    return Group(row["id"], row["unit"], row["formed"], row["dissolved"]) if row else None


async def to_dissolve(
    tx: Transaction, group_id: UUID, on: date, scope: list[str]
) -> tuple[Group | None, tuple[UUID, ...]]:
    """Lock and load a group; with it, the buildings that belong to it on that day or later."""
    await event_log.lock(tx, group_id)
    rows = await tx.fetch(
        "SELECT building FROM building_group WHERE group_id = $1 AND (until_day IS NULL OR until_day > $2)",
        group_id,
        on,
    )
    return await group(tx, group_id, scope), tuple(row["building"] for row in rows)


async def residential_group_formed(tx: Transaction, event: ResidentialGroupFormed) -> None:
    """Enter a group."""
    await tx.execute(
        "INSERT INTO residential_group (id, ward, unit, number, formed) VALUES ($1, $2, $3, $4, $5)",
        UUID(event.subject),
        event.ward,
        event.unit,
        event.number,
        event.on,
    )


async def residential_group_dissolved(tx: Transaction, event: ResidentialGroupDissolved) -> None:
    """End a group."""
    await tx.execute("UPDATE residential_group SET dissolved = $2 WHERE id = $1", UUID(event.subject), event.on)


async def groups(
    tx: Transaction, scope: list[str], on: date, ward: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return the groups of a scope that exist on a day, by id."""
    return await tx.fetch(
        """SELECT id, ward, number, formed, dissolved
             FROM residential_group
            WHERE in_scope(unit, $1)
              AND formed <= $2 AND (dissolved IS NULL OR $2 < dissolved)
              AND ($3::text IS NULL OR ward = $3)
              AND ($4::uuid IS NULL OR id > $4)
            ORDER BY id
            LIMIT $5""",
        scope,
        on,
        ward,
        after,
        limit,
    )


async def group_page(tx: Transaction, group_id: UUID, scope: list[str], on: date) -> tuple[Record | None, list[Record]]:
    """Return a group with its liaison of a day, and the buildings that belong to it that day."""
    row = await tx.row(
        """SELECT g.id, g.ward, g.number, g.formed, g.dissolved,
                  (SELECT l.person FROM liaison AS l
                    WHERE l.place = g.id::text AND l.from_day <= $3 ORDER BY l.from_day DESC LIMIT 1) AS liaison
             FROM residential_group AS g
            WHERE g.id = $1 AND in_scope(g.unit, $2)""",
        group_id,
        scope,
        on,
    )
    buildings = await tx.fetch(
        """SELECT b.id, b.name
             FROM building_group AS l JOIN building AS b ON b.id = l.building
            WHERE l.group_id = $1 AND l.from_day <= $2 AND (l.until_day IS NULL OR $2 < l.until_day)
            ORDER BY b.name""",
        group_id,
        on,
    )
    return row, buildings
