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


class DeliveryFailed(Event):
    """A delivery was given up for good: somebody must be told another way."""

    about: UUID
    person: UUID
    channel: Channel
    reason: str
