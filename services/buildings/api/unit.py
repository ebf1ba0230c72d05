"""Is asked about administrative units; they are open to every token."""

from datetime import date
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.buildings import domain, store
from shared import event_log
from shared.caller import AskedOn
from shared.errors import NotFound
from shared.events import LiaisonNamed, Text, Told, UnitClosed, UnitEstablished, UnitId
from shared.events.buildings import Place, Successor, UnitKind
from shared.http import By, Cursor, Deciding, Limit, OnDay, Page, Reading, Router, after, page

router = Router(tags=["administrative units"])


class UnitView(BaseModel):
    """An administrative unit; name and code mean nothing without the days it existed."""

    id: str
    path: str
    name: str
    kind: UnitKind
    official_code: str
    parent: str | None
    since: date | None
    recorded_from: date
    closed: date | None


class UnitPage(UnitView):
    """A unit with what it passed into, if it ended."""

    successors: list[Successor]


class EstablishUnit(AskedOn):
    """Ask to record a new administrative unit."""

    unit_id: UnitId
    name: Text
    kind: UnitKind
    official_code: Text
    parent: UnitId
    since: date | None = None


@router.command("/v1/units", needs="units.write")
async def establish_unit(asked: EstablishUnit, tx: Deciding, who: By) -> Told[UnitEstablished]:
    """Record that an administrative unit exists from a day."""
    known, parent = await store.unit.ground(tx, asked.unit_id, asked.parent)
    event = domain.unit.establish(
        known=known,
        parent=parent,
        unit_id=asked.unit_id,
        on=asked.on,
        name=asked.name,
        kind=asked.kind,
        official_code=asked.official_code,
        parent_id=asked.parent,
        since=asked.since,
    )
    await store.unit.unit_established(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


class CloseUnit(AskedOn):
    """Ask to record that a unit is no more from a day, and what it passed into."""

    successors: tuple[Successor, ...]


@router.command("/v1/units/{unit_id}/closure", needs="units.write")
async def close_unit(unit_id: UnitId, asked: CloseUnit, tx: Deciding, who: By) -> Told[UnitClosed]:
    """Record that an administrative unit ended."""
    unit, missing = await store.unit.to_close(tx, unit_id, [one.unit_id for one in asked.successors])
    event = domain.unit.close(unit, missing, asked.successors, asked.on)
    await store.unit.unit_closed(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


class NameLiaison(AskedOn):
    """Ask to record who receives what is sent to a place from a day; nobody when null."""

    person: UUID | None


@router.command("/v1/units/{unit_id}/liaison", needs="liaisons.write")
async def name_liaison(unit_id: UnitId, asked: NameLiaison, tx: Deciding, who: By) -> Told[LiaisonNamed]:
    """Record who receives what is sent to a unit."""
    path = await store.unit.place(tx, Place.UNIT, unit_id, asked.on)
    event = domain.unit.name_liaison(Place.UNIT, unit_id, path, asked.person, asked.on)
    await store.unit.liaison_named(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.question("/v1/units", answers=Page[UnitView])
async def units(
    tx: Reading,
    request: Request,
    response: Response,
    on: OnDay,
    parent: UnitId | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[UnitView]:
    """List the units that exist on a day."""
    rows = await store.unit.units(tx, on, parent, after(cursor, str), limit + 1)
    return page([UnitView(**row) for row in rows], limit, "path", request, response)


@router.question("/v1/units/{unit_id}", answers=UnitPage)
async def unit(unit_id: UnitId, tx: Reading) -> UnitPage:
    """Show a unit and what it passed into."""
    row, successors = await store.unit.unit_page(tx, unit_id)
    if row is None:
        raise NotFound
    return UnitPage(**row, successors=[Successor(**one) for one in successors])
