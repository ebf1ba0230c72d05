"""Decides what follows when something was sent, or could not be."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.events import DeliveryFailed
from shared.events.notifications import Channel, Language

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60, 48 * 60))
"""Pauses after each failed attempt; after the last a person must be told another way."""
JITTER = 0.2
"""Share of a pause that chance may add, so that what failed together does not return together."""
UNCONFIGURED = timedelta(minutes=1)
"""Pause before looking again whether e-mail has been configured."""
LEASE = timedelta(minutes=5)
"""Time an attempt may take before somebody else may try."""


class Status(StrEnum):
    """How far a delivery has come."""

    DUE = "DUE"
    SENT = "SENT"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"


NOT_CONFIGURED = "NOT_CONFIGURED"
WITHDRAWN = "WITHDRAWN"
UNREADABLE = "UNREADABLE"
NO_ADDRESS = "NO_ADDRESS"
BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True)
class Sent:
    """The gateway took it."""


@dataclass(frozen=True, slots=True)
class Temporary:
    """It may go later."""

    reason: str


@dataclass(frozen=True, slots=True)
class Permanent:
    """It will never go."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was to be told has been taken back before it went."""


Outcome = Sent | Temporary | Permanent | Withdrawn


@dataclass(frozen=True, slots=True)
class Letter:
    """One attempt to send a delivery over a gateway; `attempt` is its number, the first is 1."""

    id: UUID
    event: UUID
    type: str
    person: UUID
    channel: Channel
    unit: str
    correlation: UUID
    parameters: dict[str, Any]
    attempt: int
    withdrawn: bool
    language: Language
    wrapped_key: bytes | None
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What becomes of a delivery after an attempt; a pause when it is tried again."""

    status: Status
    reason: str | None = None
    pause: timedelta | None = None


def tried(outcome: Outcome, attempt: int, chance: float) -> Tried:
    """Decide what an attempt's outcome leads to; `chance` lies between 0 and 1."""
    match outcome:
        case Sent():
            return Tried(Status.SENT)
        case Withdrawn():
            return Tried(Status.SUPPRESSED, WITHDRAWN)
        case Permanent(reason):
            return Tried(Status.FAILED, reason)
        case Temporary(reason) if attempt <= len(RETRIES):
            return Tried(Status.DUE, reason, RETRIES[attempt - 1] * (1 + JITTER * chance))
        case Temporary(reason):
            return Tried(Status.FAILED, reason)


def failed(letter: Letter, reason: str, today: date) -> DeliveryFailed:
    """Say that a delivery was given up: somebody must be told another way."""
    return DeliveryFailed(
        subject=str(letter.id),
        unit=letter.unit,
        on=today,
        about=letter.event,
        person=letter.person,
        channel=letter.channel,
        reason=reason,
    )
