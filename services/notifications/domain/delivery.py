"""Decides what follows when something was sent, or could not be."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.events import DeliveryFailed, WebhookFailed
from shared.events.notifications import Channel, Language

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60, 48 * 60))
"""Pauses after each failed attempt; after the last a person must be told another way."""
JITTER = 0.2
"""Share of a pause that chance may add, so that what failed together does not return together."""
UNCONFIGURED = timedelta(minutes=1)
"""Pause before looking again whether e-mail has been configured."""
LEASE = timedelta(minutes=5)
"""Time an attempt may take before somebody else may try."""


class Way(StrEnum):
    """Over what a delivery goes: a person's channels, or a call to a system."""

    INBOX = "INBOX"
    EMAIL = "EMAIL"
    WEBHOOK = "WEBHOOK"


class Status(StrEnum):
    """How far a delivery has come."""

    DUE = "DUE"
    SENT = "SENT"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"


NOT_CONFIGURED = "NOT_CONFIGURED"
WITHDRAWN = "WITHDRAWN"
ERASED = "ERASED"
UNSUBSCRIBED = "UNSUBSCRIBED"
UNREADABLE = "UNREADABLE"
NO_ADDRESS = "NO_ADDRESS"
BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True)
class Sent:
    """The gateway took it."""


@dataclass(frozen=True, slots=True)
class Temporary:
    """It may go later, but not before `after` has passed, where the other side said so."""

    reason: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Permanent:
    """It will never go."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """It must not go any more: what it tells was taken back, or whoever it goes to is no longer there."""

    reason: str


Outcome = Sent | Temporary | Permanent | Withheld


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is told over one of their channels, in their language."""

    id: UUID
    channel: Channel
    language: Language


@dataclass(frozen=True, slots=True)
class System:
    """A unit's system, which is called at its endpoint."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Letter:
    """One attempt to send a delivery over a gateway; `attempt` is its number, the first is 1.

    What opens to an address is sealed; `withheld` says why it must not go any more.
    """

    id: UUID
    to: Person | System
    event: UUID
    type: str
    subject: str
    unit: str
    on_day: date
    told: datetime
    correlation: UUID
    parameters: dict[str, Any]
    attempt: int
    withheld: str | None
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
        case Withheld(reason):
            return Tried(Status.SUPPRESSED, reason)
        case Permanent(reason):
            return Tried(Status.FAILED, reason)
        case Temporary(reason, after) if attempt <= len(RETRIES):
            pause = RETRIES[attempt - 1] * (1 + JITTER * chance)
            return Tried(Status.DUE, reason, max(pause, min(after, RETRIES[-1])))
        case Temporary(reason):
            return Tried(Status.FAILED, reason)


def failed(letter: Letter, reason: str, today: date) -> DeliveryFailed | WebhookFailed:
    """Say that a delivery was given up: somebody must be told another way."""
    match letter.to:
        case Person(person, channel):
            return DeliveryFailed(
                subject=str(letter.id),
                unit=letter.unit,
                on=today,
                about=letter.event,
                person=person,
                channel=channel,
                reason=reason,
            )
        case System():
            return WebhookFailed(subject=str(letter.id), unit=letter.unit, on=today, about=letter.event, reason=reason)
