"""Is asked about issues with figures."""

from datetime import date
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query, Request, Response
from pydantic import BaseModel, BeforeValidator

from services.reporting import domain, store
from services.reporting.domain.issue import AcknowledgeIssue
from shared import event_log
from shared.events import DataQualityIssueAcknowledged, Told, reporting
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, page

router = Router(tags=["issues"])


def _read(kept: str) -> object:
    return orjson.loads(kept)


class IssueView(BaseModel):
    """An issue with figures and how it was settled, if it was."""

    id: UUID
    rule: str
    severity: str
    unit: str
    lines: list[str]
    origin: str | None
    first: int | None
    last: int | None
    raised: date
    resolved: date | None
    acknowledged: date | None
    reason: str | None
    period: str | None
    figures: Annotated[tuple[reporting.Compared, ...], BeforeValidator(_read)]
    readings: Annotated[tuple[reporting.Reading, ...], BeforeValidator(_read)]


@router.command("/v1/issues/{issue_id}/acknowledgement", needs="issues.acknowledge")
async def acknowledge_issue(
    issue_id: UUID, asked: AcknowledgeIssue, tx: Deciding, who: By
) -> Told[DataQualityIssueAcknowledged]:
    """Record that somebody answerable has seen an issue, and why the figure stands."""
    issue = await store.issue.issue(tx, issue_id, who.scope)
    event = domain.issue.acknowledge(issue, asked.reason, who.today)
    await store.issue.data_quality_issue_acknowledged(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.question("/v1/issues", needs="reports.read", answers=Page[IssueView])
async def issues(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    open_only: Annotated[bool | None, Query(description="Leave out what has been settled.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[IssueView]:
    """List the issues of your units."""
    rows = await store.issue.issues(tx, list(who.units), open_only, after(cursor, UUID), limit + 1)
    return page([IssueView(**row) for row in rows], limit, "id", request, response)
