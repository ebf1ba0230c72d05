"""Facts about residents' petitions (đơn thư)."""

from enum import StrEnum
from uuid import UUID

from shared.events.base import Event


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
