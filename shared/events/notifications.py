"""Facts about who can be told and who could not be; never an address."""

from enum import StrEnum
from uuid import UUID

from shared.events.base import Event


class Channel(StrEnum):
    """The ways a person can be told."""

    INBOX = "INBOX"
    EMAIL = "EMAIL"


class Language(StrEnum):
    """The languages we write in."""

    VI = "vi"
    EN = "en"


class ContactRecorded(Event):
    """A person can be reached by these channels, in this language; the addresses stay with the service."""

    channels: tuple[Channel, ...]
    language: Language


class WebhookSubscribed(Event):
    """From this day a system of the unit is told what the unit is told; its address and secret stay here."""


class WebhookUnsubscribed(Event):
    """From this day the system is told no more."""


class WebhookFailed(Event):
    """A message to a unit's system was given up for good."""

    about: UUID
    reason: str


class DeliveryFailed(Event):
    """A delivery was given up for good: somebody must be told another way."""

    about: UUID
    person: UUID
    channel: Channel
    reason: str
