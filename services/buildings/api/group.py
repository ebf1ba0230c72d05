"""Is asked about residential groups (tổ dân phố)."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.buildings import domain, store
from services.buildings.api.unit import NameLiaison
from shared import event_log
from shared.caller import AskedOn
from shared.errors import NotFound
from shared.events import LiaisonNamed, ResidentialGroupDissolved, ResidentialGroupFormed, Text, Told, UnitId
from shared.events.buildings import Place
from shared.http import By, Cursor, Deciding, Limit, OnDay, Page, Reading, Router, Who, after, history, page

router = Router(tags=["residential groups"])


class GroupView(BaseModel):
    """A residential group and its days."""

    id: UUID
    ward: str
    number: str
    formed: date
    dissolved: date | None


class BuildingName(BaseModel):
    """A building by its name."""

    id: UUID
    name: str


class GroupPage(GroupView):
    """A group with who receives its mail, its buildings, and the events that made it."""

    liaison: UUID | None
    buildings: list[BuildingName]
    history: list[dict[str, Any]]


class FormGroup(AskedOn):
    """Ask to record a new residential group of a ward."""

    group_id: UUID
    ward: UnitId
    number: Text


@router.command("/v1/groups", needs="groups.write")
async def form_group(asked: FormGroup, tx: Deciding, who: By) -> Told[ResidentialGroupFormed]:
    """Record that a residential group was formed."""
    exists, taken, ward = await store.group.ground(tx, asked.group_id, asked.ward, asked.number)
    event = domain.group.form(
        exists=exists, number_taken=taken, unit=ward, group=asked.group_id, number=asked.number, on=asked.on
    )
    await store.group.residential_group_formed(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.command("/v1/groups/{group_id}/dissolution", needs="groups.write")
async def dissolve_group(group_id: UUID, asked: AskedOn, tx: Deciding, who: By) -> Told[ResidentialGroupDissolved]:
    """Record that a residential group ended."""
    group, linked = await store.group.to_dissolve(tx, group_id, asked.on, who.scope)
    event = domain.group.dissolve(group, linked, asked.on)
    await store.group.residential_group_dissolved(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.command("/v1/groups/{group_id}/liaison", needs="liaisons.write")
async def name_liaison(group_id: UUID, asked: NameLiaison, tx: Deciding, who: By) -> Told[LiaisonNamed]:
    """Record who receives what is sent to a residential group."""
    path = await store.unit.place(tx, Place.GROUP, str(group_id), asked.on)
    event = domain.unit.name_liaison(Place.GROUP, str(group_id), path, asked.person, asked.on)
    await store.unit.liaison_named(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.question("/v1/groups", needs="buildings.read", answers=Page[GroupView])
async def groups(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    on: OnDay,
    ward: UnitId | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[GroupView]:
    """List the residential groups of your units that exist on a day."""
    rows = await store.group.groups(tx, list(who.units), on, ward, after(cursor, UUID), limit + 1)
    return page([GroupView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/groups/{group_id}", needs="buildings.read", answers=GroupPage)
async def group(group_id: UUID, tx: Reading, who: Who, on: OnDay, response: Response) -> GroupPage:
    """Show a residential group as of a day."""
    row, buildings = await store.group.group_page(tx, group_id, list(who.units), on)
    if row is None:
        raise NotFound
    events = await history(tx, group_id, response)
    return GroupPage(**row, buildings=[BuildingName(**one) for one in buildings], history=events)
