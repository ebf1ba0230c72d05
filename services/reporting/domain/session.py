"""Decides who is let in to look at pages: a ticket opens one session, once and soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.auth import Identity
from shared.errors import Refused

TICKET = timedelta(minutes=10)
"""How long a ticket waits to be used."""
SESSION = timedelta(hours=8)
"""A working day, after which a browser has to be let in again."""
PAGES = "/reports"
LOCAL = rf"^{PAGES}(/[A-Za-z0-9][A-Za-z0-9.-]*)*(\?[A-Za-z0-9._~%=&+-]*)?$"
"""A page of ours: a path below the reports, and nothing that leads away from here."""


class AskTicket(BaseModel):
    """Ask to be let in with a browser."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    next: Annotated[str, Field(pattern=LOCAL, max_length=1000, description="The page to begin with.")] = PAGES


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a ticket speaks for, where it leads, and until when."""

    identity: Identity
    next: str
    expires: datetime
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Whom a browser speaks for, the page it begins with, and until when."""

    identity: Identity
    next: str
    expires: datetime


class TicketUnknown(Refused):
    """Địa chỉ này không có giá trị.

    This address is not valid.
    """

    status = 401


class TicketUsed(Refused):
    """Địa chỉ này đã được dùng; mỗi địa chỉ chỉ mở được một lần.

    This address has been used; each one opens once.
    """

    status = 410


class TicketExpired(Refused):
    """Địa chỉ này đã quá hạn; mỗi địa chỉ có giá trị mười phút.

    This address has expired; each one is good for ten minutes.
    """

    status = 410


def issue(identity: Identity, page: str, now: datetime) -> Ticket:
    """Decide that somebody may come in with a browser as themselves."""
    return Ticket(identity, page, now + TICKET)


def begin(ticket: Ticket | None, now: datetime) -> Session:
    """Decide that a ticket opens a session."""
    if ticket is None:
        raise TicketUnknown
    if ticket.used is not None:
        raise TicketUsed
    if ticket.expires <= now:
        raise TicketExpired
    return Session(ticket.identity, ticket.next, now + SESSION)
