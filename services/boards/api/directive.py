"""Is asked about directives (kết luận, chỉ đạo)."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.directive import IssueDirective, RecordProgress
from shared import event_log
from shared.errors import NotFound
from shared.events import DirectiveIssued, DirectiveProgressed, Told
from shared.events.boards import Assignee, Progress
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["programme"])


class DirectiveView(BaseModel):
    """A directive; `due` is null where no deadline was set."""

    id: UUID
    unit: str
    conference: UUID | None
    number: int
    title: str
    issued: date
    due: date | None


class UnitsProgress(BaseModel):
    """How far a unit has come, and since when."""

    by_unit: str
    progress: Progress
    since: date


class DirectivePage(DirectiveView):
    """A directive with its assignees, how far their units have come, and the events that made it."""

    assignees: list[Assignee]
    progress: list[UnitsProgress]
    history: list[dict[str, Any]]


@router.command("/v1/directives", needs="programme.write")
async def issue_directive(asked: IssueDirective, tx: Deciding, who: By) -> Told[DirectiveIssued]:
    """Record that a directive was issued."""
    ground = await store.directive.ground(tx, asked, who.scope)
    issued = domain.directive.issue(ground, asked)
    await store.directive.directive_issued(tx, issued)
    return await event_log.append(tx, issued, by=who, asked=asked)


@router.command("/v1/directives/{directive_id}/progress", needs="programme.write")
async def record_progress(
    directive_id: UUID, asked: RecordProgress, tx: Deciding, who: By
) -> Told[DirectiveProgressed]:
    """Record how far a unit has come with a directive."""
    directive = await store.directive.directive(tx, directive_id, asked.by_unit, who.scope)
    progressed = domain.directive.progress(directive, asked)
    await store.directive.directive_progressed(tx, progressed)
    return await event_log.append(tx, progressed, by=who, asked=asked)


@router.question("/v1/directives", needs="programme.read", answers=Page[DirectiveView])
async def directives(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    conference: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DirectiveView]:
    """List the directives of your units."""
    rows = await store.directive.directives(tx, list(who.units), conference, after(cursor, UUID), limit + 1)
    return page([DirectiveView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/directives/{directive_id}", needs="programme.read", answers=DirectivePage)
async def directive(directive_id: UUID, tx: Reading, who: Who, response: Response) -> DirectivePage:
    """Show a directive: assignees, how far they have come, history."""
    row = await store.directive.directive_page(tx, directive_id, list(who.units))
    if row is None:
        raise NotFound
    listed = {name: orjson.loads(row[name] or "[]") for name in ("assignees", "progress")}
    events = await history(tx, directive_id, response)
    return DirectivePage(**{**row, **listed}, history=events)
