"""Is asked about conflicts among people of buildings and wards."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.conflict import RecordConflict, SettleConflict
from shared import event_log
from shared.errors import NotFound
from shared.events import ConflictRecorded, ConflictSettled, Told
from shared.events.boards import ConflictTopic, Parties, SettledBy
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["conflicts"])


class ConflictView(BaseModel):
    """A conflict, and how it ended if it did."""

    id: UUID
    unit: str
    building: UUID | None
    topic: ConflictTopic
    parties: Parties
    recorded: date
    settled: date | None
    settled_by: SettledBy | None


class ConflictPage(ConflictView):
    """A conflict with the events that made it."""

    history: list[dict[str, Any]]


@router.command("/v1/conflicts", needs="petitions.write")
async def record_conflict(asked: RecordConflict, tx: Deciding, who: By) -> Told[ConflictRecorded]:
    """Record that a conflict came up."""
    exists, unit = await store.conflict.ground(tx, asked, who.scope)
    recorded = domain.conflict.record(exists=exists, unit=unit, asked=asked)
    await store.conflict.conflict_recorded(tx, recorded)
    return await event_log.append(tx, recorded, by=who, asked=asked)


@router.command("/v1/conflicts/{conflict_id}/settlement", needs="petitions.write")
async def settle_conflict(conflict_id: UUID, asked: SettleConflict, tx: Deciding, who: By) -> Told[ConflictSettled]:
    """Record that a conflict came to its end."""
    conflict = await store.conflict.conflict(tx, conflict_id, asked.on, who.scope)
    settled = domain.conflict.settle(conflict, asked)
    await store.conflict.conflict_settled(tx, settled)
    return await event_log.append(tx, settled, by=who, asked=asked)


@router.question("/v1/conflicts", needs="petitions.read", answers=Page[ConflictView])
async def conflicts(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    building: UUID | None = None,
    open_only: Annotated[bool | None, Query(description="Leave out the settled ones.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ConflictView]:
    """List the conflicts of your units."""
    rows = await store.conflict.conflicts(tx, list(who.units), building, open_only, after(cursor, UUID), limit + 1)
    return page([ConflictView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/conflicts/{conflict_id}", needs="petitions.read", answers=ConflictPage)
async def conflict(conflict_id: UUID, tx: Reading, who: Who, response: Response) -> ConflictPage:
    """Show a conflict and its history."""
    row = await store.conflict.conflict_page(tx, conflict_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, conflict_id, response)
    return ConflictPage(**row, history=events)
