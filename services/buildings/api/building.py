"""Is asked about apartment buildings (nhà chung cư)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.buildings import domain, store
from services.buildings.domain.building import RegisterBuilding
from shared import event_log
from shared.caller import AskedOn
from shared.errors import NotFound
from shared.events import (
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingPutInUse,
    BuildingRegistered,
    BuildingTakenOutOfUse,
    BuildingUnlinkedFromResidentialGroup,
    Told,
    UnitId,
)
from shared.events.buildings import InspectionTopic, Owners, ViolationCode
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["buildings"])


class BuildingView(BaseModel):
    """A building in a list, with the ward it lies in now."""

    id: UUID
    name: str
    address: str
    ward: str
    blocks: int
    storeys: int
    apartments: int
    lift: bool
    built_year: int | None
    owners: Owners


class InWard(BaseModel):
    """Since when a building lies in a ward."""

    ward: str
    from_day: date


class InUse(BaseModel):
    """When a building was in use; `until_day` is the first day without."""

    from_day: date
    until_day: date | None


class InGroup(BaseModel):
    """When a building belonged to a residential group."""

    group: UUID
    number: str
    from_day: date
    until_day: date | None


class Managed(BaseModel):
    """A board that manages or managed a building."""

    board: UUID
    formed: date
    term_to: date
    closed: date | None


class Inspected(BaseModel):
    """An inspection of a building."""

    inspection: UUID
    inspected: date
    topic: InspectionTopic


class Violated(BaseModel):
    """A violation in a building, and how far it has come."""

    violation: UUID
    code: ViolationCode
    recorded: date
    decided: date | None
    remedied: date | None


class BuildingPage(BaseModel):
    """A building with everything known of it, and the events that made it."""

    id: UUID
    name: str
    address: str
    blocks: int
    storeys: int
    apartments: int
    lift: bool
    built_year: int | None
    owners: Owners
    registered: date
    wards: list[InWard]
    uses: list[InUse]
    groups: list[InGroup]
    boards: list[Managed]
    inspections: list[Inspected]
    violations: list[Violated]
    history: list[dict[str, Any]]


@router.command("/v1/buildings", needs="buildings.write")
async def register_building(asked: RegisterBuilding, tx: Deciding, who: By) -> Told[BuildingRegistered]:
    """Enter a building into the register."""
    exists, namesake, ward = await store.building.ground(tx, asked)
    event = domain.building.register(exists=exists, namesake=namesake, unit=ward, asked=asked)
    await store.building.building_registered(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.command("/v1/buildings/{building_id}/use", needs="buildings.write")
async def put_in_use(building_id: UUID, asked: AskedOn, tx: Deciding, who: By) -> Told[BuildingPutInUse]:
    """Record that a building was handed over into use."""
    building = await store.building.building(tx, building_id, asked.on, who.scope)
    event = domain.building.put_in_use(building, asked.on)
    await store.building.building_put_in_use(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.command("/v1/buildings/{building_id}/disuse", needs="buildings.write")
async def take_out_of_use(building_id: UUID, asked: AskedOn, tx: Deciding, who: By) -> Told[BuildingTakenOutOfUse]:
    """Record that a building is no longer in use."""
    building = await store.building.building(tx, building_id, asked.on, who.scope)
    event = domain.building.take_out_of_use(building, asked.on)
    await store.building.building_taken_out_of_use(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


class AssignBuilding(AskedOn):
    """Ask to record that a building belongs to another ward from a day."""

    ward: UnitId


@router.command("/v1/buildings/{building_id}/assignments", needs="buildings.write")
async def assign_building(
    building_id: UUID, asked: AssignBuilding, tx: Deciding, who: By
) -> Told[BuildingAssignedToUnit]:
    """Record to which ward a building belongs from a day."""
    building, ward = await store.building.to_assign(tx, building_id, asked.ward, asked.on, who.scope)
    event = domain.building.assign(building, ward, asked.on)
    await store.building.building_assigned_to_unit(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


class LinkBuilding(AskedOn):
    """Ask to record that a building belongs, or no longer belongs, to a residential group from a day."""

    group: UUID


@router.command("/v1/buildings/{building_id}/links", needs="buildings.write")
async def link_building(
    building_id: UUID, asked: LinkBuilding, tx: Deciding, who: By
) -> Told[BuildingLinkedToResidentialGroup]:
    """Record that people of a building belong to a residential group."""
    building, group, linked = await store.building.to_link(tx, building_id, asked.group, asked.on, who.scope)
    event = domain.building.link(building, group, linked, asked.on)
    await store.building.building_linked_to_residential_group(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.command("/v1/buildings/{building_id}/unlinks", needs="buildings.write")
async def unlink_building(
    building_id: UUID, asked: LinkBuilding, tx: Deciding, who: By
) -> Told[BuildingUnlinkedFromResidentialGroup]:
    """Record that a building no longer belongs to a residential group."""
    building, _, linked = await store.building.to_link(tx, building_id, asked.group, asked.on, who.scope)
    event = domain.building.unlink(building, asked.group, linked, asked.on)
    await store.building.building_unlinked_from_residential_group(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.question("/v1/buildings", needs="buildings.read", answers=Page[BuildingView])
async def buildings(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    ward: UnitId | None = None,
    q: Annotated[str | None, Query(max_length=100, description="Words in name or address.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[BuildingView]:
    """List the buildings that lie in your units now."""
    rows = await store.building.buildings(tx, list(who.units), ward, q, after(cursor, UUID), limit + 1)
    return page([BuildingView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/buildings/{building_id}", needs="buildings.read", answers=BuildingPage)
async def building(building_id: UUID, tx: Reading, who: Who, response: Response) -> BuildingPage:
    """Show a building: where it lay and lies, use, residential groups, boards, inspections, violations, history."""
    row = await store.building.building_page(tx, building_id, list(who.units))
    if row is None:
        raise NotFound
    names = ("wards", "uses", "groups", "boards", "inspections", "violations")
    listed = {name: orjson.loads(row[name] or "[]") for name in names}
    events = await history(tx, building_id, response)
    return BuildingPage(**{**row, **listed}, history=events)
