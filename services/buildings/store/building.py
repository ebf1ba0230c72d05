"""Remembers buildings: facts, use, ward and residential groups, each with its days."""

from datetime import date
from uuid import UUID

from services.buildings.domain.building import Building, Link, RegisterBuilding
from services.buildings.domain.group import Group
from services.buildings.domain.unit import Unit
from services.buildings.store.group import group
from services.buildings.store.unit import unit
from shared import event_log
from shared.database import Record, Transaction
from shared.events import (
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingPutInUse,
    BuildingRegistered,
    BuildingTakenOutOfUse,
    BuildingUnlinkedFromResidentialGroup,
)


async def ground(tx: Transaction, asked: RegisterBuilding) -> tuple[bool, bool, Unit | None]:
    """Lock a building about to be registered; tell whether it exists, has a namesake, and load its ward."""
    await event_log.lock(tx, asked.building_id, f"building {asked.ward}/{asked.name}/{asked.address}")
    exists = tx.was_told_of(asked.building_id)
    namesake = await tx.value(
        """SELECT EXISTS (SELECT FROM building AS b JOIN building_place AS p ON p.building = b.id
                           WHERE p.ward = $1 AND b.name = $2 AND b.address = $3)""",
        asked.ward,
        asked.name,
        asked.address,
    )
    return exists, namesake, await unit(tx, asked.ward)


async def building(tx: Transaction, building_id: UUID, on: date, scope: list[str], *also: UUID) -> Building | None:
    """Lock and load a building as it is placed on a day; in scope by that ward or by its last one.

    `also` names what else the command depends on and must be locked with it.
    """
    await event_log.lock(tx, building_id, *also)
    row = await tx.row(
        """SELECT b.id, b.registered, coalesce(d.unit, n.unit) AS unit, coalesce(d.ward, n.ward) AS ward,
                  n.from_day AS placed, u.from_day AS used_from, u.until_day AS used_until
             FROM building AS b
             JOIN LATERAL (SELECT unit, ward, from_day FROM building_place WHERE building = b.id
                            ORDER BY from_day DESC LIMIT 1) AS n ON true
             LEFT JOIN LATERAL (SELECT unit, ward FROM building_place WHERE building = b.id AND from_day <= $2
                                 ORDER BY from_day DESC LIMIT 1) AS d ON true
             LEFT JOIN LATERAL (SELECT from_day, until_day FROM building_use WHERE building = b.id
                                 ORDER BY from_day DESC LIMIT 1) AS u ON true
            WHERE b.id = $1 AND (in_scope(n.unit, $3) OR in_scope(d.unit, $3))""",
        building_id,
        on,
        scope,
    )
    return Building(**row) if row else None


async def to_assign(
    tx: Transaction, building_id: UUID, ward: str, on: date, scope: list[str]
) -> tuple[Building | None, Unit | None]:
    """Lock and load a building and the ward it is to belong to."""
    return await building(tx, building_id, on, scope), await unit(tx, ward)


async def to_link(
    tx: Transaction, building_id: UUID, group_id: UUID, on: date, scope: list[str]
) -> tuple[Building | None, Group | None, Link | None]:
    """Lock and load a building, a group, and when the one last belonged to the other."""
    found = await building(tx, building_id, on, scope, group_id)
    row = await tx.row(
        """SELECT from_day, until_day FROM building_group
            WHERE building = $1 AND group_id = $2 ORDER BY from_day DESC LIMIT 1""",
        building_id,
        group_id,
    )
    return found, await group(tx, group_id, scope), Link(**row) if row else None


async def building_registered(tx: Transaction, event: BuildingRegistered) -> None:
    """Enter a building with its facts and its first ward."""
    await tx.execute(
        """INSERT INTO building (id, name, address, blocks, storeys, apartments, lift, built_year, owners, registered)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        UUID(event.subject),
        event.name,
        event.address,
        event.blocks,
        event.storeys,
        event.apartments,
        event.lift,
        event.built_year,
        event.owners,
        event.on,
    )
    await _placed(tx, event.subject, event.on, event.ward, event.unit)


async def building_assigned_to_unit(tx: Transaction, event: BuildingAssignedToUnit) -> None:
    """Note the ward of a building from a day."""
    await _placed(tx, event.subject, event.on, event.ward, event.unit)


async def building_put_in_use(tx: Transaction, event: BuildingPutInUse) -> None:
    """Begin a building's use."""
    await tx.execute("INSERT INTO building_use (building, from_day) VALUES ($1, $2)", UUID(event.subject), event.on)


async def building_taken_out_of_use(tx: Transaction, event: BuildingTakenOutOfUse) -> None:
    """End a building's use."""
    await tx.execute(
        "UPDATE building_use SET until_day = $2 WHERE building = $1 AND until_day IS NULL",
        UUID(event.subject),
        event.on,
    )


async def building_linked_to_residential_group(tx: Transaction, event: BuildingLinkedToResidentialGroup) -> None:
    """Note that a building belongs to a group from a day."""
    await tx.execute(
        "INSERT INTO building_group (building, group_id, from_day) VALUES ($1, $2, $3)",
        UUID(event.subject),
        event.group,
        event.on,
    )


async def building_unlinked_from_residential_group(
    tx: Transaction, event: BuildingUnlinkedFromResidentialGroup
) -> None:
    """End a building's belonging to a group."""
    await tx.execute(
        "UPDATE building_group SET until_day = $3 WHERE building = $1 AND group_id = $2 AND until_day IS NULL",
        UUID(event.subject),
        event.group,
        event.on,
    )


async def _placed(tx: Transaction, building_id: str, from_day: date, ward: str, path: str) -> None:
    await tx.execute(
        "INSERT INTO building_place (building, from_day, ward, unit) VALUES ($1, $2, $3, $4)",
        UUID(building_id),
        from_day,
        ward,
        path,
    )


async def buildings(
    tx: Transaction, scope: list[str], ward: str | None, words: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return the buildings of a scope with their present ward, by id; `words` are looked for in name and address."""
    return await tx.fetch(
        """SELECT b.id, b.name, b.address, p.ward, b.blocks, b.storeys, b.apartments, b.lift, b.built_year, b.owners
             FROM building AS b
             JOIN LATERAL (SELECT ward, unit FROM building_place WHERE building = b.id
                            ORDER BY from_day DESC LIMIT 1) AS p ON true
            WHERE in_scope(p.unit, $1)
              AND ($2::text IS NULL OR p.ward = $2)
              AND ($3::text IS NULL OR strpos(lower(b.name || ' ' || b.address), lower(normalize($3, NFC))) > 0)
              AND ($4::uuid IS NULL OR b.id > $4)
            ORDER BY b.id
            LIMIT $5""",
        scope,
        ward,
        words,
        after,
        limit,
    )


async def building_page(tx: Transaction, building_id: UUID, scope: list[str]) -> Record | None:
    """Return a building with its wards, uses, groups, boards, inspections and violations."""
    return await tx.row(
        """SELECT b.*,
                  (SELECT json_agg(json_build_object('ward', p.ward, 'from_day', p.from_day) ORDER BY p.from_day)
                     FROM building_place AS p WHERE p.building = b.id) AS wards,
                  (SELECT json_agg(json_build_object('from_day', u.from_day, 'until_day', u.until_day)
                                   ORDER BY u.from_day)
                     FROM building_use AS u WHERE u.building = b.id) AS uses,
                  (SELECT json_agg(json_build_object('group', l.group_id, 'number', g.number,
                                                     'from_day', l.from_day, 'until_day', l.until_day)
                                   ORDER BY g.number)
                     FROM building_group AS l JOIN residential_group AS g ON g.id = l.group_id
                    WHERE l.building = b.id) AS groups,
                  (SELECT json_agg(json_build_object('board', o.board, 'formed', o.formed, 'term_to', o.term_to,
                                                     'closed', o.closed) ORDER BY o.formed)
                     FROM board AS o WHERE o.buildings @> ARRAY[b.id]) AS boards,
                  (SELECT json_agg(json_build_object('inspection', i.id, 'inspected', i.inspected, 'topic', i.topic)
                                   ORDER BY i.inspected, i.id)
                     FROM inspection AS i WHERE i.building = b.id) AS inspections,
                  (SELECT json_agg(json_build_object('violation', v.id, 'code', v.code, 'recorded', v.recorded,
                                                     'decided', v.decided, 'remedied', v.remedied)
                                   ORDER BY v.recorded, v.id)
                     FROM violation AS v WHERE v.building = b.id) AS violations
             FROM building AS b
            WHERE b.id = $1
              AND EXISTS (SELECT FROM building_place AS p WHERE p.building = b.id AND in_scope(p.unit, $2))""",
        building_id,
        scope,
    )
