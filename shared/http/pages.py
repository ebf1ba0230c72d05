"""What a service adds that shows pages to people: a door, sessions behind it, and its way of saying no in words."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from shared.auth import Identity
from shared.database import Transaction
from shared.errors import Refused
from shared.settings import Settings

DOOR = "/enter"
"""Where a ticket lets a browser in; open, for the ticket is what opens it."""
DRESS = "/dress/{name}"
"""Style sheet and letters of the pages; open, for a no is dressed like any page."""


@dataclass(frozen=True, slots=True)
class Pages:
    """A service's pages for people."""

    enter: Callable[..., Awaitable[Response]]
    """Lets a browser in by a ticket."""
    dress: Callable[[str], Awaitable[Response]]
    speaks_for: Callable[[Transaction, bytes, datetime], Awaitable[Identity | None]]
    """Returns whom a session speaks for, by the hash of its cookie."""
    refused: Callable[[Request, Refused], Response]
    """Says no to a person."""


def cookie(settings: Settings) -> str:
    """Return the name of the session's cookie: cookies know hosts, not ports, and two installations may share one."""
    return settings.named("session")


def hashed(secret: str) -> bytes:
    """Return what is kept of a ticket or a cookie; both are drawn at random, so a plain hash hides them."""
    return hashlib.sha256(secret.encode()).digest()


async def guest(request: Request) -> Identity | None:
    """Return whom a browser's session speaks for; it only looks, so it speaks for nobody unless it asks with GET."""
    state: Any = request.app.state
    pages: Pages | None = state.pages
    if pages is None or request.method != "GET":
        return None
    secret = request.cookies.get(cookie(state.settings))
    if not secret:
        return None
    async with state.database.transaction() as tx:
        return await pages.speaks_for(tx, hashed(secret), state.now())


def wants_a_page(request: Request) -> bool:
    """Tell whether a person asks: a browser prefers HTML, a program takes JSON or whatever comes."""
    wanted = dict(map(_preference, request.headers.get("accept", "").split(",")))
    data = max(wanted.get("application/json", 0.0), wanted.get("application/problem+json", 0.0))
    return wanted.get("text/html", 0.0) > data


def _preference(asked: str) -> tuple[str, float]:
    media, *parameters = (part.strip().lower() for part in asked.split(";"))
    given = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return media, float(given)
    except ValueError:
        return media, 0.0
