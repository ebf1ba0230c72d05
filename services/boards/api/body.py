"""Is asked which bodies residential groups have."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.body import EstablishBody
from shared import event_log
from shared.caller import AskedOn
from shared.errors import NotFound
from shared.events import GroupBodyEnded, GroupBodyEstablished, Told
from shared.events.boards import GroupBody
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["cells and bodies"])


class BodyView(BaseModel):
    """A body of a residential group and its days; `ended` is the first day without."""

    id: UUID
    unit: str
    group: UUID
    body: GroupBody
    established: date
    ended: date | None


class BodyPage(BodyView):
    """A body with the events that made it."""

    history: list[dict[str, Any]]


@router.command("/v1/bodies", needs="boards.write")
async def establish_body(asked: EstablishBody, tx: Deciding, who: By) -> Told[GroupBodyEstablished]:
    """Record that a residential group has a body."""
    ground = await store.body.ground(tx, asked, who.scope)
    established = domain.body.establish(ground, asked)
    await store.body.group_body_established(tx, established)
    return await event_log.append(tx, established, by=who, asked=asked)


@router.command("/v1/bodies/{body_id}/end", needs="boards.write")
async def end_body(body_id: UUID, asked: AskedOn, tx: Deciding, who: By) -> Told[GroupBodyEnded]:
    """Record that a residential group lacks a body; the day is the first without."""
    body = await store.body.body(tx, body_id, who.scope)
    ended = domain.body.end(body, asked)
    await store.body.group_body_ended(tx, ended)
    return await event_log.append(tx, ended, by=who, asked=asked)


@router.question("/v1/bodies", needs="boards.read", answers=Page[BodyView])
async def bodies(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    group: UUID | None = None,
    living_only: Annotated[bool | None, Query(description="Leave out those that have ended.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[BodyView]:
    """List the bodies of the residential groups of your units."""
    rows = await store.body.bodies(tx, list(who.units), group, living_only, after(cursor, UUID), limit + 1)
    return page([BodyView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/bodies/{body_id}", needs="boards.read", answers=BodyPage)
async def body(body_id: UUID, tx: Reading, who: Who, response: Response) -> BodyPage:
    """Show a body of a residential group and its history."""
    row = await store.body.body_page(tx, body_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, body_id, response)
    return BodyPage(**row, history=events)
