"""Remembers what the buildings service told."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.boards.domain.group import Group
from shared.database import Transaction, columns
from shared.events import (
    BuildingAssignedToUnit,
    BuildingRegistered,
    PeriodDeclared,
    ResidentialGroupDissolved,
    ResidentialGroupFormed,
    Told,
    UnitClosed,
    UnitEstablished,
)


async def unit_established(tx: Transaction, events: Sequence[Told[UnitEstablished]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO unit_established (event, unit_id, path, on_day)
                SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "unit", "on"),
    )


async def unit_closed(tx: Transaction, events: Sequence[Told[UnitClosed]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO unit_closed (event, unit_id, on_day)
                SELECT * FROM unnest($1::uuid[], $2::text[], $3::date[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "on"),
    )


async def building_registered(tx: Transaction, events: Sequence[Told[BuildingRegistered]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO building_registered (event, building, version, on_day, unit, blocks)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::date[], $5::text[], $6::int[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "version", "on", "unit", "blocks"),
    )


async def building_assigned_to_unit(tx: Transaction, events: Sequence[Told[BuildingAssignedToUnit]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO building_assigned_to_unit (event, building, version, on_day, unit)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::date[], $5::text[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "version", "on", "unit"),
    )


async def residential_group_formed(tx: Transaction, events: Sequence[Told[ResidentialGroupFormed]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO residential_group_formed (event, group_id, on_day, unit)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::text[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "on", "unit"),
    )


async def residential_group_dissolved(tx: Transaction, events: Sequence[Told[ResidentialGroupDissolved]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO residential_group_dissolved (event, group_id, on_day)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "on"),
    )


async def period_declared(tx: Transaction, events: Sequence[Told[PeriodDeclared]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO period_declared (event, period, version, unit, period_from, period_to)
                SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::date[], $6::date[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "version", "unit", "period_from", "period_to"),
    )


async def path_on(tx: Transaction, unit_id: str, on: date | None) -> str | None:
    """Return the path of a unit in force on a day, or of one that ever was when no day is given."""
    path: str | None = await tx.value(
        """SELECT path FROM unit
            WHERE unit_id = $1 AND ($2::date IS NULL OR (established <= $2 AND (closed IS NULL OR $2 < closed)))""",
        unit_id,
        on,
    )
    return path


async def arose_in(
    tx: Transaction, building: UUID | None, unit_id: str | None, on: date, scope: list[str]
) -> str | None:
    """Return the path of the unit where something came up: of its building's ward on that day, or of its own unit."""
    if building is None:
        return unit_id and await path_on(tx, unit_id, on)
    path: str | None = await tx.value("SELECT unit FROM place_on($1, $2) WHERE in_scope(unit, $3)", building, on, scope)
    return path


async def not_in_force(tx: Transaction, unit_ids: Sequence[str], on: date) -> frozenset[str]:
    """Return which of these units are not known to be in force on a day."""
    rows = await tx.fetch(
        """SELECT s FROM unnest($1::text[]) AS s
            WHERE s NOT IN (SELECT unit_id FROM unit WHERE established <= $2 AND (closed IS NULL OR $2 < closed))""",
        unit_ids,
        on,
    )
    return frozenset(row["s"] for row in rows)


async def groups(tx: Transaction, group_ids: Sequence[UUID], scope: list[str]) -> dict[UUID, Group]:
    """Return, of the residential groups named, those heard of within a scope."""
    rows = await tx.fetch(
        """SELECT group_id AS id, unit, formed, dissolved FROM residential_group
            WHERE group_id = ANY ($1) AND in_scope(unit, $2)""",
        group_ids,
        scope,
    )
    return {row["id"]: Group(**row) for row in rows}
