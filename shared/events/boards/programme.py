"""Facts about how the programme is led: conferences, directives, training, commendations."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.events.base import Document, Event, Text, UnitId, Value


class ConferenceKind(StrEnum):
    """What a conference is for: briefing (giao ban), or review (sơ kết, tổng kết) of how a paper was carried out."""

    BRIEFING = "BRIEFING"
    REVIEW = "REVIEW"


class Delegation(StrEnum):
    """In what role people are invited; nobody is named."""

    CITY_PARTY_COMMISSION = "CITY_PARTY_COMMISSION"
    DISTRICT_PARTY_STANDING = "DISTRICT_PARTY_STANDING"
    COMMITTEE_MEMBERS_IN_CHARGE = "COMMITTEE_MEMBERS_IN_CHARGE"
    PEOPLES_COUNCIL_STANDING = "PEOPLES_COUNCIL_STANDING"
    DISTRICT_PEOPLES_COMMITTEE = "DISTRICT_PEOPLES_COMMITTEE"
    FATHERLAND_FRONT = "FATHERLAND_FRONT"
    MASS_ORGANISATIONS = "MASS_ORGANISATIONS"
    WARD_LEADERS = "WARD_LEADERS"
    CELL_SECRETARIES = "CELL_SECRETARIES"
    BOARD_HEADS = "BOARD_HEADS"


class Invitation(Value):
    """How many of one role were invited, from which unit, and how many came."""

    delegation: Delegation
    unit_invited: UnitId
    invited: Annotated[int, Field(ge=1)]
    attended: Annotated[int, Field(ge=0)]


class Bloc(StrEnum):
    """For whom a speech (tham luận) was held."""

    PARTY_COMMITTEE = "PARTY_COMMITTEE"
    DIVISION = "DIVISION"
    FATHERLAND_FRONT = "FATHERLAND_FRONT"
    RESIDENTIAL_GROUP = "RESIDENTIAL_GROUP"
    BOARD = "BOARD"


class SpeechTopic(StrEnum):
    """What a speech was about."""

    LEADERSHIP = "LEADERSHIP"
    STATE_MANAGEMENT = "STATE_MANAGEMENT"
    POLITICAL_SYSTEM = "POLITICAL_SYSTEM"
    COORDINATION_REGULATION = "COORDINATION_REGULATION"
    TRAINING = "TRAINING"
    OTHER = "OTHER"


class AssigneeBody(StrEnum):
    """Which body of a unit has to carry a directive out."""

    PARTY_COMMITTEE = "PARTY_COMMITTEE"
    PEOPLES_COMMITTEE = "PEOPLES_COMMITTEE"
    DIVISIONS = "DIVISIONS"


class Assignee(Value):
    """A body of a unit."""

    body: AssigneeBody
    unit_assigned: UnitId


class Progress(StrEnum):
    """How far a unit has come with a directive, by its own report and by verification."""

    ACKNOWLEDGED = "ACKNOWLEDGED"
    IN_PROGRESS = "IN_PROGRESS"
    REPORTED_DONE = "REPORTED_DONE"
    VERIFIED = "VERIFIED"


class TrainingTopic(StrEnum):
    """What board members are taught (Circular 05/2024/TT-BXD, art. 17): fire safety, rescue, operation, law, money."""

    FIRE = "FIRE"
    RESCUE = "RESCUE"
    OPERATION = "OPERATION"
    LAW = "LAW"
    FINANCE = "FINANCE"


class Recipient(StrEnum):
    """Who is commended: a collective (tập thể) or an individual (cá nhân); nobody is named."""

    COLLECTIVE = "COLLECTIVE"
    INDIVIDUAL = "INDIVIDUAL"


class ConferenceHeld(Event):
    """A conference was held; when it reviewed a paper, that paper is named."""

    kind: ConferenceKind
    reviewed: Document | None
    invitations: tuple[Invitation, ...]


class SpeechRecorded(Event):
    """A speech (tham luận) was held at the conference."""

    bloc: Bloc
    topic: SpeechTopic


class DirectiveIssued(Event):
    """Somebody was directed to do something; `due` is null where no deadline was set, and nobody may be named."""

    conference: UUID | None
    number: Annotated[int, Field(ge=1)]
    title: Text
    assignees: tuple[Assignee, ...]
    due: date | None


class DirectiveProgressed(Event):
    """A unit came so far with a directive."""

    by_unit: UnitId
    progress: Progress


class TrainingAnnounced(Event):
    """A class for board heads was announced, to be held on a later day."""

    topics: Annotated[tuple[TrainingTopic, ...], Field(min_length=1)]
    held_on: date


class TrainingHeld(Event):
    """A class was held on this day, and these people attended it."""

    topics: Annotated[tuple[TrainingTopic, ...], Field(min_length=1)]
    attended: tuple[UUID, ...]


class CommendationDecided(Event):
    """Somebody was commended (khen thưởng) by this decision."""

    recipient: Recipient
    decision: Document
