"""Is asked for which residential groups party cells (chi bộ) answer."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.cell import LinkCell
from shared import event_log
from shared.errors import NotFound
from shared.events import PartyCellLinked, PartyCellUnlinked, Told
from shared.http import By, Cursor, Deciding, Limit, OnDay, Page, Reading, Router, Who, after, history, page

router = Router(tags=["cells and bodies"])


class CellView(BaseModel):
    """A cell and the groups it answers for on a day."""

    id: UUID
    unit: str
    groups: list[UUID]


class CellLink(BaseModel):
    """When a cell answered for a group; `until_day` is the first day without."""

    group: UUID
    unit: str
    from_day: date
    until_day: date | None


class CellPage(BaseModel):
    """A cell with the groups it answered and answers for, and the events that made it."""

    id: UUID
    links: list[CellLink]
    history: list[dict[str, Any]]


@router.command("/v1/cells/{cell_id}/links", needs="boards.write")
async def link_cell(cell_id: UUID, asked: LinkCell, tx: Deciding, who: By) -> Told[PartyCellLinked]:
    """Record that a party cell answers for a residential group."""
    cell, groups = await store.cell.cell(tx, cell_id, asked, who.scope)
    linked = domain.cell.link(cell, groups, asked)
    await store.cell.party_cell_linked(tx, linked)
    return await event_log.append(tx, linked, by=who, asked=asked)


@router.command("/v1/cells/{cell_id}/unlinks", needs="boards.write")
async def unlink_cell(cell_id: UUID, asked: LinkCell, tx: Deciding, who: By) -> Told[PartyCellUnlinked]:
    """Record that a party cell no longer answers for a residential group; the day is the first without."""
    cell, groups = await store.cell.cell(tx, cell_id, asked, who.scope)
    unlinked = domain.cell.unlink(cell, groups, asked)
    await store.cell.party_cell_unlinked(tx, unlinked)
    return await event_log.append(tx, unlinked, by=who, asked=asked)


@router.question("/v1/cells", needs="boards.read", answers=Page[CellView])
async def cells(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    on: OnDay,
    group: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[CellView]:
    """List the cells that answer for residential groups of your units on a day."""
    rows = await store.cell.cells(tx, list(who.units), on, group, after(cursor, UUID), limit + 1)
    return page([CellView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/cells/{cell_id}", needs="boards.read", answers=CellPage)
async def cell(cell_id: UUID, tx: Reading, who: Who, response: Response) -> CellPage:
    """Show a cell: its residential groups and its history."""
    row = await store.cell.cell_page(tx, cell_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, cell_id, response)
    return CellPage(id=row["id"], links=orjson.loads(row["links"]), history=events)
