"""Facts about management boards (ban quản trị) and residents' petitions (đơn thư)."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.events import registers
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


class PetitionKind(StrEnum):
    """What a petition is by its content, not by its title: khiếu nại, kiến nghị, phản ánh.

    A denunciation (tố cáo) is not among them: it is never told in the open.
    """

    COMPLAINT = "COMPLAINT"
    PROPOSAL = "PROPOSAL"
    FEEDBACK = "FEEDBACK"


class Channel(StrEnum):
    """How a petition came in."""

    COUNTER = "COUNTER"
    POST = "POST"
    PORTAL = "PORTAL"
    HOTLINE = "HOTLINE"


class Topic(StrEnum):
    """What a petition is about; a closed list, because free text would carry people's data onto the bus."""

    BOARD = "BOARD"
    MAINTENANCE_FUND = "MAINTENANCE_FUND"
    OPERATION = "OPERATION"
    FIRE_SAFETY = "FIRE_SAFETY"
    COMMON_PARTS = "COMMON_PARTS"
    CONSTRUCTION_ORDER = "CONSTRUCTION_ORDER"
    OTHER = "OTHER"


class Complexity(StrEnum):
    """Why a petition was flagged as a complex case (vụ việc phức tạp, nổi cộm)."""

    MANY_PETITIONERS = "MANY_PETITIONERS"
    LONG_RUNNING = "LONG_RUNNING"
    PUBLIC_ORDER = "PUBLIC_ORDER"
    SEVERAL_AUTHORITIES = "SEVERAL_AUTHORITIES"


class Outcome(StrEnum):
    """How a petition ended."""

    UPHELD = "UPHELD"
    PARTLY_UPHELD = "PARTLY_UPHELD"
    NOT_UPHELD = "NOT_UPHELD"
    GUIDED = "GUIDED"


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


class BoardClosed(Event):
    """A board ended the day before."""

    reason: Closure


class PetitionFiled(Event):
    """A petition was received on this day, about this building when one is named."""

    kind: PetitionKind
    topic: Topic
    channel: Channel
    building: UUID | None


class PetitionFlaggedComplex(Event):
    """A petition was flagged as a complex case."""

    reason: Complexity


class PetitionResolved(Event):
    """A petition was answered."""

    outcome: Outcome


class RegisterOpened(registers.RegisterOpened):
    """A unit began to keep a register on this day."""


class RegisterConfirmed(registers.RegisterConfirmed):
    """A unit confirmed that its register is complete through this day, inclusive."""


class TakeoverOpened(registers.TakeoverOpened):
    """A batch was opened to enter old paper: its document and its answerable person are the envelope's."""
