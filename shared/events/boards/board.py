"""Facts about management boards (ban quản trị): formed, reviewed, put in order, left by members, ended."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.events.base import Document, Event, Value


class Role(StrEnum):
    """Seats on a board: one head, deputies, members (Circular 05/2024/TT-BXD)."""

    HEAD = "HEAD"
    DEPUTY = "DEPUTY"
    MEMBER = "MEMBER"


class Member(Value):
    """Who sits on a board; the person is an opaque id."""

    person: UUID
    role: Role


class Closure(StrEnum):
    """Why a board ended."""

    DISSOLVED = "DISSOLVED"
    MERGED = "MERGED"
    SPLIT = "SPLIT"
    BUILDING_DEMOLISHED = "BUILDING_DEMOLISHED"


class Departure(StrEnum):
    """Why a member left: relief without fault (miễn nhiệm) or dismissal (bãi nhiệm)."""

    RESIGNED = "RESIGNED"
    NO_LONGER_OWNER = "NO_LONGER_OWNER"
    MOVED = "MOVED"
    DISMISSED = "DISMISSED"
    DIED = "DIED"


class BoardFormed(Event):
    """A new board was recognised for the first time, on the date of the decision.

    The first building leads: what is counted once is counted there. The term runs through `term_to`.
    """

    building_ids: Annotated[tuple[UUID, ...], Field(min_length=1)]
    decision: Document
    elected_on: date | None
    term_from: date
    term_to: date
    members: Annotated[tuple[Member, ...], Field(min_length=1)]


class BoardReviewed(Event):
    """A board was reviewed (rà soát) and left as it was."""


class BoardConsolidated(Event):
    """A board was put in order (kiện toàn): from the date of the decision these are its members, and this its term.

    The same persons recognised for a new term are a consolidation too, and no new board.
    """

    decision: Document
    term_from: date
    term_to: date
    members: Annotated[tuple[Member, ...], Field(min_length=1)]


class BoardMemberEnded(Event):
    """A member left the board: this day is the first without."""

    person: UUID
    reason: Departure


class BoardClosed(Event):
    """A board ended the day before."""

    reason: Closure
