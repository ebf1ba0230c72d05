"""Decides about contacts: how a person can be reached."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.errors import Refused
from shared.events import ContactRecorded, Text, UnitId
from shared.events.notifications import Channel, Language


def _address(text: str) -> str:
    # What was given is not repeated: this message goes into an answer and could go into a log.
    local, at, domain = text.partition("@")
    if not (text.isascii() and at and local and domain) or "@" in domain or set(text) & set(' ,;:<>()[]\\"'):
        message = "an e-mail address has one @ and no blanks"
        raise ValueError(message)
    return text


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^\x00-\x1f\x7f]+$"),
    AfterValidator(_address),
]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 .-]{4,19}$")]


class Addresses(BaseModel):
    """What is sealed: a person's name and where to write to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    email: Email | None = None
    phone: Phone | None = None


class RecordContact(Addresses):
    """Ask to record how a person can be reached, and to which unit the contact belongs."""

    person: UUID
    unit: UnitId
    language: Annotated[Language, Field(description="The language to write to the person in.")] = Language.VI

    @property
    def addresses(self) -> Addresses:
        """Return what is to be sealed."""
        return Addresses(name=self.name, email=self.email, phone=self.phone)


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to record a contact: the unit's path, who keeps the person's now, whether they were erased."""

    unit: str | None
    kept_elsewhere: bool
    erased: bool


class UnitNotYetKnown(Refused):
    """Chưa biết đơn vị hành chính này.

    This administrative unit is not known yet.
    """

    retry_after = 1


class PersonWasErased(Refused):
    """Dữ liệu của người này đã được xóa và không ghi lại dưới mã này.

    This person's data were erased and are not recorded again under this id.
    """


class KeptElsewhere(Refused):
    """Thông tin liên lạc của người này do đơn vị ngoài phạm vi của bạn quản lý.

    This person's contact is kept by a unit outside your scope.
    """


def record(ground: Ground, asked: RecordContact, today: date) -> ContactRecorded:
    """Decide that a person can be reached: in the inbox always, by e-mail when there is an address."""
    if ground.unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    if ground.erased:
        raise PersonWasErased(pointer="/person")
    if ground.kept_elsewhere:
        raise KeptElsewhere(pointer="/person")
    channels = (Channel.INBOX, Channel.EMAIL) if asked.email else (Channel.INBOX,)
    return ContactRecorded(
        subject=str(asked.person), unit=ground.unit, on=today, channels=channels, language=asked.language
    )


def masked_email(address: str | None) -> str | None:
    """Show that there is an address without telling it: `n…@e…`."""
    if address is None:
        return None
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain[:1]}…"


def masked_phone(number: str | None) -> str | None:
    """Show that there is a number without telling it: its last two digits."""
    return None if number is None else f"…{number[-2:]}"
