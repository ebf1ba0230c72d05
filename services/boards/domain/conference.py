"""Decides about conferences (hội nghị) that lead the programme, and speeches (tham luận) held there."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import ConferenceHeld, Document, SpeechRecorded, UnitId
from shared.events.boards import Bloc, ConferenceKind, Invitation, SpeechTopic
from shared.registers.domain import UnitNotYetKnown

MOST_INVITED = 100_000
"""No hall holds more; a larger number is a slip of the pen."""


def _countable(invitations: tuple[Invitation, ...]) -> tuple[Invitation, ...]:
    if any(one.invited > MOST_INVITED for one in invitations):
        message = f"no more than {MOST_INVITED} are invited"
        raise ValueError(message)
    return invitations


class RecordConference(AskedOn):
    """Ask to record that a unit held a conference, and how many were invited and came."""

    conference_id: UUID
    unit: UnitId
    kind: ConferenceKind
    reviewed: Document | None = None
    invitations: Annotated[tuple[Invitation, ...], AfterValidator(_countable)] = ()


class RecordSpeech(AskedOn):
    """Ask to record that a speech was held at a conference."""

    bloc: Bloc
    topic: SpeechTopic


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to record a conference: its unit's path, and units invited that are not in force that day."""

    exists: bool
    unit: str | None
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conference:
    """What must be known of a conference to record a speech."""

    id: UUID
    unit: str
    held: date


class ConferenceAlreadyRecorded(Refused):
    """Hội nghị này đã được ghi nhận.

    This conference has been recorded already.
    """


class InvitedTwice(Refused):
    """Mỗi thành phần của một đơn vị chỉ nêu một lần.

    Each role from a unit is invited once.
    """

    status = 422


class MoreCameThanWereInvited(Refused):
    """Số người dự nhiều hơn số người được mời.

    More people came than were invited.
    """

    status = 422


class BeforeTheConference(Refused):
    """Ngày này trước ngày hội nghị.

    That day lies before the conference.
    """


def hold(ground: Ground, asked: RecordConference) -> ConferenceHeld:
    """Decide that a conference was held; whom it invited is counted by role and unit."""
    if ground.exists:
        raise ConferenceAlreadyRecorded
    if ground.unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    if ground.unknown:
        raise UnitNotYetKnown(pointer="/invitations", unknown=sorted(ground.unknown))
    _check_invitations(asked.invitations)
    return ConferenceHeld(
        subject=str(asked.conference_id),
        unit=ground.unit,
        on=asked.on,
        kind=asked.kind,
        reviewed=asked.reviewed,
        invitations=asked.invitations,
    )


def _check_invitations(invitations: tuple[Invitation, ...]) -> None:
    if len({(one.delegation, one.unit_invited) for one in invitations}) < len(invitations):
        raise InvitedTwice(pointer="/invitations")
    for nth, one in enumerate(invitations):
        if one.attended > one.invited:
            raise MoreCameThanWereInvited(pointer=f"/invitations/{nth}/attended", invited=one.invited)


def speak(conference: Conference | None, asked: RecordSpeech) -> SpeechRecorded:
    """Decide that a speech was held at a conference."""
    if conference is None:
        raise NotFound
    if asked.on < conference.held:
        raise BeforeTheConference(pointer="/on", held=conference.held.isoformat())
    return SpeechRecorded(
        subject=str(conference.id), unit=conference.unit, on=asked.on, bloc=asked.bloc, topic=asked.topic
    )
