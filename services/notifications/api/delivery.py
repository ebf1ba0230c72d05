"""Is asked what was sent to whom, how it went, and what lies in a person's inbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from pydantic import BaseModel

from services.notifications import store
from services.notifications.domain.delivery import Status, Way
from services.notifications.gateways import made_up, text
from shared.database import Record
from shared.errors import NotFound
from shared.events.notifications import Language
from shared.http import Cursor, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["deliveries"])


class DeliveryView(BaseModel):
    """What is sent to a person over a channel, or to a system; `reason` says why it waits or was given up."""

    id: UUID
    event: UUID
    type: str
    subject: str
    rule: str
    place: str
    person: UUID | None
    endpoint: UUID | None
    channel: Way
    unit: str
    status: Status
    reason: str | None
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None


class DeliveryPage(DeliveryView):
    """A delivery and the events told of it."""

    history: list[dict[str, Any]]


class InboxView(BaseModel):
    """A text in a person's inbox, in their language."""

    id: UUID
    event: UUID
    type: str
    about: str
    unit: str
    sent_at: datetime
    language: Language
    subject: str
    text: str


@router.question("/v1/deliveries", needs="contacts.read", answers=Page[DeliveryView])
async def deliveries(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    status: Status | None = None,
    person: UUID | None = None,
    endpoint: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DeliveryView]:
    """List the deliveries of your units, latest first."""
    before = after(cursor, UUID)
    rows = await store.delivery.deliveries(tx, list(who.units), status, person, endpoint, before, limit + 1)
    return page([DeliveryView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/deliveries/{delivery_id}", needs="contacts.read", answers=DeliveryPage)
async def delivery(delivery_id: UUID, tx: Reading, who: Who, response: Response) -> DeliveryPage:
    """Show a delivery, and whether it was given up."""
    row = await store.delivery.delivery(tx, delivery_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, delivery_id, response)
    return DeliveryPage(**row, history=events)


@router.question("/v1/inbox/{person}", answers=Page[InboxView])
async def inbox(
    person: UUID,
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[InboxView]:
    """Show what a person was told, latest first: all of it to that person, to others what concerns their units.

    Others than the person need `contacts.read`.
    """
    own = who.actor == str(person)
    if not own:
        who.must_have("contacts.read")
    if await store.contact.erased(tx, person):
        raise NotFound
    scope = None if own else list(who.units)
    rows = await store.delivery.inbox(tx, person, scope, after(cursor, UUID), limit + 1)
    synthetic = made_up(request.app.state.settings)
    return page([_view(row, synthetic=synthetic) for row in rows], limit, "id", request, response)


def _view(row: Record, *, synthetic: bool) -> InboxView:
    language = Language(row["language"])
    said = text(row["type"], orjson.loads(row["parameters"]), language, synthetic=synthetic)
    return InboxView(
        id=row["id"],
        event=row["event"],
        type=row["type"],
        about=row["subject"],
        unit=row["unit"],
        sent_at=row["sent_at"],
        language=language,
        subject=said.subject,
        text=said.body,
    )
