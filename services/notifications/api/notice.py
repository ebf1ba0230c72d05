"""Is asked which places must be told of what, and why somebody has not been."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.notifications import store
from services.notifications.domain.notice import Holder, Reason, Status
from shared.http import Cursor, Limit, Page, Reading, Router, Who, after, page

router = Router(tags=["notices"])

LARGEST_ID = 2**63


class NoticeView(BaseModel):
    """That a place must be told of an event; `reason` says why it waits, was suppressed or was given up.

    The place is a unit, a residential group or a board, or a system of the unit: the rule and the holder say which.
    """

    id: int
    event: UUID
    type: str
    subject: str
    unit: str
    on_day: date
    heard: datetime
    rule: str
    place: str
    holder: Holder
    status: Status
    reason: Reason | None
    attempts: int
    next_at: datetime | None


@router.question("/v1/notices", needs="contacts.read", answers=Page[NoticeView])
async def notices(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    status: Status | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[NoticeView]:
    """List what places of your units must be told, latest first: suppressed history, too."""
    rows = await store.notice.notices(tx, list(who.units), status, after(cursor, _id), limit + 1)
    return page([NoticeView(**row) for row in rows], limit, "id", request, response)


def _id(text: str) -> int:
    number = int(text)
    if not 0 < number < LARGEST_ID:
        raise ValueError
    return number
