"""Is asked which systems are told what their unit is told; it never tells an address or a secret."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.notifications import domain, store
from services.notifications.domain.webhook import SubscribeWebhook, UnsubscribeWebhook
from shared import event_log
from shared.database import Record
from shared.errors import NotFound
from shared.events import Told, WebhookSubscribed, WebhookUnsubscribed
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page
from shared.seal import Seal
from shared.settings import Environment, Settings

router = Router(tags=["webhooks"])


class WebhookView(BaseModel):
    """A system that is told what its unit is told; of its address the host alone, and nothing once that has ended."""

    id: UUID
    unit: str
    from_day: date
    until_day: date | None
    url: str | None


class WebhookPage(WebhookView):
    """A system with the events that subscribed it and ended that."""

    history: list[dict[str, Any]]


@router.command("/v1/webhooks", needs="webhooks.write")
async def subscribe_webhook(
    asked: SubscribeWebhook, tx: Deciding, who: By, request: Request
) -> Told[WebhookSubscribed]:
    """Tell a system, from today on, what a unit is told: messages of Standard Webhooks, signed with the secret."""
    ground = await store.webhook.ground(tx, asked)
    event = domain.webhook.subscribe(ground, asked, who.today, development=_in_development(request))
    await store.webhook.webhook_subscribed(tx, event, asked.endpoint, request.app.state.seal)
    return await event_log.append(tx, event, by=who)


@router.command("/v1/webhooks/{endpoint_id}/end", needs="webhooks.write")
async def unsubscribe_webhook(
    endpoint_id: UUID, asked: UnsubscribeWebhook, tx: Deciding, who: By
) -> Told[WebhookUnsubscribed]:
    """Tell a system no more; its address and secret are destroyed."""
    subscription = await store.webhook.subscription(tx, endpoint_id, who.scope)
    event = domain.webhook.unsubscribe(subscription, asked)
    await store.webhook.webhook_unsubscribed(tx, event)
    return await event_log.append(tx, event, by=who, asked=asked)


@router.question("/v1/webhooks", needs="contacts.read", answers=Page[WebhookView])
async def webhooks(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    open_only: Annotated[bool | None, Query(description="Leave out those that ended.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[WebhookView]:
    """List the systems of your units."""
    rows = await store.webhook.endpoints(tx, list(who.units), open_only, after(cursor, UUID), limit + 1)
    views = [WebhookView(**_masked(row, request.app.state.seal)) for row in rows]
    return page(views, limit, "id", request, response)


@router.question("/v1/webhooks/{endpoint_id}", needs="contacts.read", answers=WebhookPage)
async def webhook(endpoint_id: UUID, tx: Reading, who: Who, request: Request, response: Response) -> WebhookPage:
    """Show a system and its history."""
    row = await store.webhook.endpoint(tx, endpoint_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, endpoint_id, response)
    return WebhookPage(**_masked(row, request.app.state.seal), history=events)


def _in_development(request: Request) -> bool:
    settings: Settings = request.app.state.settings
    return settings.env is Environment.DEVELOPMENT


def _masked(row: Record, seal: Seal) -> dict[str, Any]:
    url = None
    if row["sealed"] is not None:
        url = domain.webhook.masked(store.webhook.opened(seal, row["id"], row["wrapped_key"], row["sealed"]).url)
    return {**{name: row[name] for name in ("id", "unit", "from_day", "until_day")}, "url": url}
