"""Remembers what the buildings service told: places, and who receives what is sent to them. One row per event."""

from collections.abc import Sequence

from shared.database import Transaction, columns
from shared.events import (
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingRegistered,
    BuildingUnlinkedFromResidentialGroup,
    LiaisonNamed,
    ResidentialGroupFormed,
    Told,
    UnitEstablished,
)


async def unit_established(tx: Transaction, events: Sequence[Told[UnitEstablished]]) -> None:
    """Note the names and paths of units."""
    await tx.execute(
        """INSERT INTO unit_established (event, unit_id, path, name)
                SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "unit", "name"),
    )


async def liaison_named(tx: Transaction, events: Sequence[Told[LiaisonNamed]]) -> None:
    """Note who receives what is sent to a place, from which day."""
    await tx.execute(
        """INSERT INTO liaison_named (event, place, version, on_day, person)
                SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::date[], $5::uuid[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "version", "on", "person"),
    )


async def residential_group_formed(tx: Transaction, events: Sequence[Told[ResidentialGroupFormed]]) -> None:
    """Note the numbers of residential groups."""
    await tx.execute(
        """INSERT INTO residential_group_formed (event, group_id, number)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "number"),
    )


async def building_registered(tx: Transaction, events: Sequence[Told[BuildingRegistered]]) -> None:
    """Note the names of buildings, and where they lay first."""
    await tx.execute(
        """INSERT INTO building_registered (event, building, name)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "name"),
    )
    await _placed(tx, events)


async def building_assigned_to_unit(tx: Transaction, events: Sequence[Told[BuildingAssignedToUnit]]) -> None:
    """Note where buildings lie from a day."""
    await _placed(tx, events)


async def building_linked_to_residential_group(
    tx: Transaction, events: Sequence[Told[BuildingLinkedToResidentialGroup]]
) -> None:
    """Note that buildings belong to residential groups from a day."""
    await _linked(tx, events, linked=True)


async def building_unlinked_from_residential_group(
    tx: Transaction, events: Sequence[Told[BuildingUnlinkedFromResidentialGroup]]
) -> None:
    """Note that buildings no longer belong to residential groups from a day."""
    await _linked(tx, events, linked=False)


async def _placed(
    tx: Transaction, events: Sequence[Told[BuildingRegistered]] | Sequence[Told[BuildingAssignedToUnit]]
) -> None:
    await tx.execute(
        """INSERT INTO building_placed (event, building, version, on_day, path)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::date[], $5::text[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "version", "on", "unit"),
    )


async def _linked(
    tx: Transaction,
    events: Sequence[Told[BuildingLinkedToResidentialGroup]] | Sequence[Told[BuildingUnlinkedFromResidentialGroup]],
    *,
    linked: bool,
) -> None:
    await tx.execute(
        """INSERT INTO building_linked (event, building, group_id, version, on_day, linked)
                SELECT *, $6 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::date[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "group", "version", "on"),
        linked,
    )
