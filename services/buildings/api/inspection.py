"""Is asked about inspections (kiểm tra) of buildings."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.buildings import domain, store
from services.buildings.domain.inspection import RecordInspection
from shared import event_log
from shared.errors import NotFound
from shared.events import InspectionConducted, Told
from shared.events.buildings import InspectionTopic
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["inspections"])


class InspectionView(BaseModel):
    """An inspection of a building."""

    id: UUID
    unit: str
    building: UUID
    inspected: date
    topic: InspectionTopic


class InspectionPage(InspectionView):
    """An inspection with the events that made it."""

    history: list[dict[str, Any]]


@router.command("/v1/inspections", needs="inspections.write")
async def record_inspection(asked: RecordInspection, tx: Deciding, who: By) -> Told[InspectionConducted]:
    """Record that a building was inspected."""
    exists, building = await store.inspection.ground(tx, asked, who.scope)
    conducted = domain.inspection.conduct(exists=exists, building=building, asked=asked)
    await store.inspection.inspection_conducted(tx, conducted)
    return await event_log.append(tx, conducted, by=who, asked=asked)


@router.question("/v1/inspections", needs="buildings.read", answers=Page[InspectionView])
async def inspections(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    building: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[InspectionView]:
    """List the inspections of buildings in your units."""
    rows = await store.inspection.inspections(tx, list(who.units), building, after(cursor, UUID), limit + 1)
    return page([InspectionView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/inspections/{inspection_id}", needs="buildings.read", answers=InspectionPage)
async def inspection(inspection_id: UUID, tx: Reading, who: Who, response: Response) -> InspectionPage:
    """Show an inspection and its history."""
    row = await store.inspection.inspection_page(tx, inspection_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, inspection_id, response)
    return InspectionPage(**row, history=events)
