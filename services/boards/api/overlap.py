"""Is asked about tasks that a residential group and a board both claim."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.overlap import RaiseOverlap
from shared import event_log
from shared.caller import AskedOn
from shared.errors import NotFound
from shared.events import OverlapIssueRaised, OverlapIssueResolved, Told
from shared.events.boards import OverlapTopic
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["cooperation"])


class OverlapView(BaseModel):
    """A task that a group and a board both claim, and when that was settled."""

    id: UUID
    unit: str
    group: UUID
    board: UUID
    topic: OverlapTopic
    raised: date
    resolved: date | None


class OverlapPage(OverlapView):
    """An overlap with the events that made it."""

    history: list[dict[str, Any]]


@router.command("/v1/overlaps", needs="boards.write")
async def raise_overlap(asked: RaiseOverlap, tx: Deciding, who: By) -> Told[OverlapIssueRaised]:
    """Record that a residential group and a board both claim a task."""
    ground = await store.overlap.ground(tx, asked, who.scope)
    raised = domain.overlap.raise_issue(ground, asked)
    await store.overlap.overlap_issue_raised(tx, raised)
    return await event_log.append(tx, raised, by=who, asked=asked)


@router.command("/v1/overlaps/{overlap_id}/resolution", needs="boards.write")
async def resolve_overlap(overlap_id: UUID, asked: AskedOn, tx: Deciding, who: By) -> Told[OverlapIssueResolved]:
    """Record that it was settled which of the two does the task."""
    overlap = await store.overlap.overlap(tx, overlap_id, who.scope)
    resolved = domain.overlap.resolve(overlap, asked)
    await store.overlap.overlap_issue_resolved(tx, resolved)
    return await event_log.append(tx, resolved, by=who, asked=asked)


@router.question("/v1/overlaps", needs="boards.read", answers=Page[OverlapView])
async def overlaps(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    group: UUID | None = None,
    board: UUID | None = None,
    open_only: Annotated[bool | None, Query(description="Leave out the resolved ones.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[OverlapView]:
    """List the overlaps of your units."""
    rows = await store.overlap.overlaps(tx, list(who.units), group, board, open_only, after(cursor, UUID), limit + 1)
    return page([OverlapView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/overlaps/{overlap_id}", needs="boards.read", answers=OverlapPage)
async def overlap(overlap_id: UUID, tx: Reading, who: Who, response: Response) -> OverlapPage:
    """Show an overlap and its history."""
    row = await store.overlap.overlap_page(tx, overlap_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, overlap_id, response)
    return OverlapPage(**row, history=events)
