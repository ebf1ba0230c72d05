"""Is asked about commendations (khen thưởng)."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.commendation import RecordCommendation
from shared import event_log
from shared.errors import NotFound
from shared.events import CommendationDecided, Told
from shared.events.boards import Recipient
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["programme"])


class CommendationView(BaseModel):
    """A commendation and its decision."""

    id: UUID
    unit: str
    decided: date
    symbol: str
    issuer: str
    recipient: Recipient


class CommendationPage(CommendationView):
    """A commendation with the events that made it."""

    history: list[dict[str, Any]]


@router.command("/v1/commendations", needs="programme.write")
async def record_commendation(asked: RecordCommendation, tx: Deciding, who: By) -> Told[CommendationDecided]:
    """Record that a collective or an individual was commended."""
    exists, unit = await store.commendation.ground(tx, asked)
    decided = domain.commendation.decide(exists=exists, unit=unit, asked=asked)
    await store.commendation.commendation_decided(tx, decided)
    return await event_log.append(tx, decided, by=who, asked=asked.on_its_paper())


@router.question("/v1/commendations", needs="programme.read", answers=Page[CommendationView])
async def commendations(
    tx: Reading, who: Who, request: Request, response: Response, limit: Limit = 100, cursor: Cursor = None
) -> Page[CommendationView]:
    """List the commendations of your units."""
    rows = await store.commendation.commendations(tx, list(who.units), after(cursor, UUID), limit + 1)
    return page([CommendationView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/commendations/{commendation_id}", needs="programme.read", answers=CommendationPage)
async def commendation(commendation_id: UUID, tx: Reading, who: Who, response: Response) -> CommendationPage:
    """Show a commendation and its history."""
    row = await store.commendation.commendation_page(tx, commendation_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, commendation_id, response)
    return CommendationPage(**row, history=events)
