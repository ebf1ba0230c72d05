"""Lets people in: a ticket for oneself, spent at the door for a session that may only look."""

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from services.reporting import domain, store
from services.reporting.api import html
from services.reporting.domain.session import AskTicket
from shared.errors import Refused
from shared.http import Deciding, Router, Who
from shared.http.pages import DOOR, Pages, cookie, hashed
from shared.settings import Environment, Settings

router = Router(tags=["pages"])


class TicketView(BaseModel):
    """A way in, for one browser and once."""

    enter: Annotated[str, Field(description="The path to open, at this service's address.")]
    expires: datetime


@router.errand("/v1/tickets", answers=TicketView)
async def ticket(asked: AskTicket, tx: Deciding, who: Who, request: Request, response: Response) -> TicketView:
    """Ask for a ticket that lets a browser in as yourself: it opens once, and within ten minutes."""
    secret, now = secrets.token_urlsafe(32), request.app.state.now()
    issued = domain.session.issue(who, asked.next, now)
    await store.session.ticket_issued(tx, hashed(secret), issued, now)
    response.headers["Cache-Control"] = "no-store"
    return TicketView(enter=f"{DOOR}?ticket={secret}", expires=issued.expires)


async def enter(request: Request, tx: Deciding, ticket: Annotated[str, Query()] = "") -> Response:
    """Let a browser in by a ticket, or say what to do instead."""
    secret, now = secrets.token_urlsafe(32), request.app.state.now()
    try:
        kept = await store.session.ticket(tx, hashed(ticket))
        session = domain.session.begin(kept, now)
    except Refused as refused:
        return html.refused(request, refused)
    await store.session.session_begun(tx, hashed(ticket), hashed(secret), session, now)
    return _let_in(secret, session.next, request.app.state.settings)


def _let_in(secret: str, page: str, settings: Settings) -> Response:
    """Send a browser on; its cookie ends with it, and reaches neither scripts nor other sites."""
    response = RedirectResponse(page, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    secure = settings.env is Environment.PRODUCTION
    response.set_cookie(cookie(settings), secret, path="/", httponly=True, samesite="strict", secure=secure)
    return response


pages = Pages(enter=enter, dress=html.dress, speaks_for=store.session.speaks_for, refused=html.refused)
"""The pages of this service, for its application."""
