"""Is asked when a committee member was in charge of a ward."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.supervision import AssignSupervision
from shared import event_log
from shared.caller import AskedOn
from shared.errors import NotFound
from shared.events import SupervisionAssigned, SupervisionEnded, Told
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["cooperation"])


class SupervisionView(BaseModel):
    """When a committee member was in charge of a ward; `ended` is the first day without."""

    id: UUID
    unit: str
    assigned: date
    ended: date | None


class SupervisionPage(SupervisionView):
    """A supervision with the events that made it."""

    history: list[dict[str, Any]]


@router.command("/v1/supervisions", needs="boards.write")
async def assign_supervision(asked: AssignSupervision, tx: Deciding, who: By) -> Told[SupervisionAssigned]:
    """Record that a committee member took charge of a ward."""
    exists, unit = await store.supervision.ground(tx, asked)
    assigned = domain.supervision.assign(exists=exists, unit=unit, asked=asked)
    await store.supervision.supervision_assigned(tx, assigned)
    return await event_log.append(tx, assigned, by=who, asked=asked)


@router.command("/v1/supervisions/{supervision_id}/end", needs="boards.write")
async def end_supervision(supervision_id: UUID, asked: AskedOn, tx: Deciding, who: By) -> Told[SupervisionEnded]:
    """Record that a committee member is no longer in charge of a ward; the day is the first without."""
    supervision = await store.supervision.supervision(tx, supervision_id, who.scope)
    ended = domain.supervision.end(supervision, asked)
    await store.supervision.supervision_ended(tx, ended)
    return await event_log.append(tx, ended, by=who, asked=asked)


@router.question("/v1/supervisions", needs="boards.read", answers=Page[SupervisionView])
async def supervisions(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    living_only: Annotated[bool | None, Query(description="Leave out those that have ended.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[SupervisionView]:
    """List when committee members were in charge of your units."""
    rows = await store.supervision.supervisions(tx, list(who.units), living_only, after(cursor, UUID), limit + 1)
    return page([SupervisionView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/supervisions/{supervision_id}", needs="boards.read", answers=SupervisionPage)
async def supervision(supervision_id: UUID, tx: Reading, who: Who, response: Response) -> SupervisionPage:
    """Show a supervision and its history."""
    row = await store.supervision.supervision_page(tx, supervision_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, supervision_id, response)
    return SupervisionPage(**row, history=events)
