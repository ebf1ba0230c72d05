"""Restricted facts: in which report period somebody with a political tie was introduced to a board, or served on one.

They say no more than a ward's count says: no person, no board, no role, no paper, no day. The subject is a participant:
the same person is the same participant within one period and stage, so that nobody counts twice, and another one in
any other, so that nothing adds up by joining. The period is the one of a report that was declared beforehand.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.events.base import RestrictedEvent


class Category(StrEnum):
    """Political ties: membership of a residential party cell, an office in a residential group, Regulation 213-QĐ/TW.

    By that regulation (Politburo, 2 January 2020) party members in service keep a tie to the place where they live.
    """

    RESIDENT_PARTY_MEMBER = "RESIDENT_PARTY_MEMBER"
    GROUP_OFFICE = "GROUP_OFFICE"
    REG_213 = "REG_213"


class Stage(StrEnum):
    """Introduced to a board within the period; serving on a board in force at its end."""

    INTRODUCED = "INTRODUCED"
    SERVING = "SERVING"


class ParticipationRecorded(RestrictedEvent):
    """A participant belongs to this stage of this period, with these categories, in this ward."""

    stage: Stage
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    period_from: date
    period_to: date


class ParticipationEnded(RestrictedEvent):
    """What was recorded of the participant holds no more."""


class ParticipationErased(RestrictedEvent):
    """The person behind the participant was erased: what was recorded counts no more, nobody can say whose it was."""
