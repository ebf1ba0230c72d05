"""Facts about how residential groups (tổ dân phố) and boards live together: bodies, regulations, overlaps, conflicts.

No person is named here: who holds an office in a residential group may reveal a political tie.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.events.base import Event, Value


class GroupBody(StrEnum):
    """What the political system of a residential group consists of, besides its party cell."""

    HEAD = "HEAD"
    FRONT_COMMITTEE = "FRONT_COMMITTEE"
    WOMEN = "WOMEN"
    VETERANS = "VETERANS"
    ELDERLY = "ELDERLY"
    YOUTH = "YOUTH"


class Finding(StrEnum):
    """What an evaluation of a coordination regulation (quy chế phối hợp) came to."""

    FIT = "FIT"
    TO_BE_AMENDED = "TO_BE_AMENDED"


class OverlapTopic(StrEnum):
    """What two self-governing bodies of one place both claim."""

    SECURITY = "SECURITY"
    ENVIRONMENT = "ENVIRONMENT"
    FEES = "FEES"
    COMMON_PARTS = "COMMON_PARTS"
    INFORMATION = "INFORMATION"
    OTHER = "OTHER"


class ConflictTopic(StrEnum):
    """What people of a building quarrel about."""

    FEES = "FEES"
    MAINTENANCE_FUND = "MAINTENANCE_FUND"
    COMMON_PARTS = "COMMON_PARTS"
    BOARD = "BOARD"
    NUISANCE = "NUISANCE"
    OTHER = "OTHER"


class Parties(StrEnum):
    """Who quarrels with whom."""

    RESIDENTS = "RESIDENTS"
    RESIDENTS_AND_BOARD = "RESIDENTS_AND_BOARD"
    RESIDENTS_AND_DEVELOPER = "RESIDENTS_AND_DEVELOPER"
    BOARD_AND_GROUP = "BOARD_AND_GROUP"
    BOARD_AND_DEVELOPER = "BOARD_AND_DEVELOPER"


class SettledBy(StrEnum):
    """Who brought a conflict to its end."""

    PARTIES = "PARTIES"
    MEDIATION = "MEDIATION"
    GROUP = "GROUP"
    BOARD = "BOARD"
    WARD = "WARD"
    COURT = "COURT"


class Pair(Value):
    """A residential group and a board that share people."""

    group: UUID
    board: UUID


class PartyCellLinked(Event):
    """From this day a party cell (chi bộ) answers for a residential group; one cell may answer for several."""

    group: UUID


class PartyCellUnlinked(Event):
    """From this day a party cell no longer answers for a residential group."""

    group: UUID


class GroupBodyEstablished(Event):
    """A residential group has this body from this day: the office is held, the committee or association works."""

    group: UUID
    body: GroupBody


class GroupBodyEnded(Event):
    """A residential group lacks the body from this day."""


class SupervisionAssigned(Event):
    """A committee member took charge of the ward; who that is stays in the service."""


class SupervisionEnded(Event):
    """From this day that committee member is no longer in charge of the ward."""


class CoordinationRegulationIssued(Event):
    """Heads of residential groups and boards work together by a regulation from this day."""

    pairs: Annotated[tuple[Pair, ...], Field(min_length=1)]


class CoordinationRegulationEvaluated(Event):
    """It was looked at whether a coordination regulation still fits."""

    finding: Finding


class CoordinationRegulationLapsed(Event):
    """A coordination regulation holds no more from this day."""


class OverlapIssueRaised(Event):
    """A residential group and a board both claim the same task."""

    group: UUID
    board: UUID
    topic: OverlapTopic


class OverlapIssueResolved(Event):
    """It was settled which of the two does the task."""


class ConflictRecorded(Event):
    """A conflict among people of a building, or of a ward where no building is named, came up."""

    building: UUID | None
    topic: ConflictTopic
    parties: Parties


class ConflictSettled(Event):
    """A conflict came to its end."""

    settled_by: SettledBy
