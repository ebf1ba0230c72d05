"""What every fact looks like: its own words (`Event`) and, once told, the envelope around it (`Told`).

The envelope is a structured CloudEvent 1.0 in JSON. The same bytes lie in the log, travel on the bus,
are kept in the journal and are handed out by the feed.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, create_model
from pydantic_core import from_json, to_json

LARGEST_EVENT = 256 * 1024
"""Bytes of one event, envelope included; brokers of different versions allow different sizes."""


def _clean(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        message = "control characters are not allowed"
        raise ValueError(message)
    return unicodedata.normalize("NFC", text)


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_clean),
]
"""One line of human text, NFC, without control characters (jsonb refuses them)."""

UnitId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9a-z-]{0,31}$")]
"""Id of an administrative unit, never its official code: codes are used again for other units."""

UnitPath = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9a-z-]*(\.[A-Z][A-Z0-9a-z-]*)*$")]
"""Ids of the units from the city down, joined by dots, as in force on the day of the fact."""


class Value(BaseModel):
    """A part of a fact: compared by content, never changed, tolerant of fields of a later edition."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Document(Value):
    """The paper behind a fact. Same symbols exist with several issuers: all three name it."""

    symbol: Text
    date: date
    issuer: Text


class Event(Value):
    """One fact in the past tense. `subject`, `unit` and `on` go into the envelope, the rest is its data."""

    subject: str
    unit: UnitPath
    on: date

    edition: ClassVar[int] = 1
    restricted: ClassVar[bool] = False
    """Whether it is told apart, to those alone who may know of political ties."""
    source: ClassVar[str]
    type: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Name the fact: class `BoardFormed` in a module of `shared.events.boards` is `boards.board_formed.v1`."""
        super().__init_subclass__(**kwargs)
        cls.source = cls.__module__.removeprefix("shared.events.").partition(".")[0]
        word = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        cls.type = f"{cls.source}.{word}.v{cls.edition}"

    def data(self) -> dict[str, Any]:
        """Return the fact itself, without what the envelope says."""
        return self.model_dump(mode="json", exclude=set(Event.model_fields))


class RestrictedEvent(Event):
    """A fact that reveals a political tie: it has a log, an exchange and readers of its own, and joins with nothing."""

    restricted: ClassVar[bool] = True


E = TypeVar("E", bound=Event)
E_co = TypeVar("E_co", bound=Event, covariant=True)

ENVELOPE = frozenset(
    (
        "specversion id source type subject time occurredon version unit actor correlationid causationid traceparent"
        " document corrects takeover regime dataschema datacontenttype data"
    ).split()
)
"""The attribute names of the envelope; no field of an event may bear one of them."""


@dataclass(frozen=True, slots=True)
class Told(Generic[E_co]):
    """A fact that has been told: `event` with its envelope, and `body`, the very bytes.

    `corrects` names an earlier event of the same subject that this one replaces. A correction whose data
    is null takes the earlier one back altogether: then `event` repeats nothing and `withdrawn` is true.
    `replayed` is true of history that an operator had brought again: it is known from then on, and no news.
    """

    event: E_co
    id: UUID
    type: str
    subject: str
    unit: str
    on: date
    version: int
    time: datetime
    actor: str
    correlation: UUID
    causation: UUID | None
    traceparent: str | None
    document: Document | None
    corrects: UUID | None
    takeover: UUID | None
    regime: str | None
    body: bytes
    withdrawn: bool = False
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What surrounds the telling of a fact: all that is in the envelope and not in the event."""

    id: UUID
    time: datetime
    actor: str
    correlation: UUID
    version: int = 0
    """Version of the subject that the fact makes; the log knows it."""
    causation: UUID | None = None
    traceparent: str | None = None
    document: Document | None = None
    corrects: UUID | None = None
    takeover: UUID | None = None
    regime: str | None = None


def tell(event: E, given: Circumstances) -> Told[E]:
    """Put a fact into its envelope."""
    body = to_json(
        {
            "specversion": "1.0",
            "id": given.id,
            "source": f"/services/{event.source}",
            "type": event.type,
            "subject": event.subject,
            "time": given.time,
            "occurredon": event.on,
            "version": given.version,
            "unit": event.unit,
            "actor": given.actor,
            "correlationid": given.correlation,
            **{
                name: value
                for name, value in (
                    ("causationid", given.causation),
                    ("traceparent", given.traceparent),
                    ("document", given.document),
                    ("corrects", given.corrects),
                    ("takeover", given.takeover),
                    ("regime", given.regime),
                )
                if value is not None
            },
            "datacontenttype": "application/json",
            "dataschema": f"urn:chungcu:schema:{event.type}",
            "data": event.data(),
        }
    )
    return Told(
        event,
        given.id,
        event.type,
        event.subject,
        event.unit,
        event.on,
        given.version,
        given.time,
        given.actor,
        given.correlation,
        given.causation,
        given.traceparent,
        given.document,
        given.corrects,
        given.takeover,
        given.regime,
        body,
    )


class UnknownEvent(ValueError):
    """The type of the event, or its edition, is not among the contracts this program knows."""


class Unreadable(ValueError):
    """These bytes are not a CloudEvent in JSON with the attributes of our envelope."""


def hear(body: bytes, catalogue: Mapping[str, type[E]]) -> Told[E]:
    """Read a fact from its bytes.

    Raises `UnknownEvent` for a type outside the catalogue, `Unreadable` (with pydantic's words, which
    name fields and never values) for anything that does not fit its contract.
    """
    try:
        said = from_json(body)
    except ValueError:
        raise Unreadable("not JSON") from None
    if not isinstance(said, dict) or not isinstance(kind := said.get("type"), str):
        raise Unreadable("type: missing")
    try:
        envelope = _Envelope.model_validate(said)
    except ValidationError as error:
        raise Unreadable(_without_values(error)) from None
    if (known := catalogue.get(kind)) is None:
        raise UnknownEvent(kind[:100])
    withdrawn = said.get("data") is None
    if withdrawn and envelope.corrects is None:
        raise Unreadable("data: null takes back what `corrects` names, and nothing is named")
    head: dict[str, Any] = {"subject": envelope.subject, "unit": envelope.unit, "on": envelope.occurredon}
    event: Any  # an instance of `known`; mypy's plugin forgets which
    try:
        event = known.model_construct(None, **head) if withdrawn else known.model_validate({**said["data"], **head})
    except ValidationError as error:
        raise Unreadable(_without_values(error, "data")) from None
    except TypeError:
        raise Unreadable("data: not an object") from None
    return Told(
        event,
        envelope.id,
        kind,
        envelope.subject,
        envelope.unit,
        envelope.occurredon,
        envelope.version,
        envelope.time,
        envelope.actor,
        envelope.correlationid,
        envelope.causationid,
        envelope.traceparent,
        envelope.document,
        envelope.corrects,
        envelope.takeover,
        envelope.regime,
        body,
        withdrawn,
    )


def _without_values(error: ValidationError, *within: str) -> str:
    listed = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, (*within, *one['loc'])))}: {one['type']}" for one in listed)


class _Envelope(Value):
    """The attributes of the envelope as a reader needs them."""

    id: UUID
    source: str
    subject: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    time: datetime
    occurredon: date
    version: Annotated[int, Field(ge=1)]
    unit: UnitPath
    actor: str
    correlationid: UUID
    causationid: UUID | None = None
    traceparent: str | None = None
    document: Document | None = None
    corrects: UUID | None = None
    takeover: UUID | None = None
    regime: str | None = None


class _CloudEvent(_Envelope):
    """A structured CloudEvent 1.0 with our extension attributes."""

    specversion: Annotated[str, Field(pattern=r"^1\.0$")] = "1.0"
    type: str
    datacontenttype: str = "application/json"
    dataschema: str


@cache
def data_model(event: type[Event]) -> type[BaseModel]:
    """Return the model of an event's data alone."""
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in event.model_fields.items() if name not in Event.model_fields
    }
    return create_model(f"{event.__name__}Data", __doc__=event.__doc__, __base__=Value, **fields)


@cache
def cloud_event(event: type[Event]) -> type[BaseModel]:
    """Return the model of a told event, as documents show it."""
    # A correction that takes an event back altogether has no data.
    data: Any = data_model(event) | None
    return create_model(event.__name__, __doc__=event.__doc__, __base__=_CloudEvent, data=(data, ...))


def catalogue(events: Iterable[type[E]]) -> dict[str, type[E]]:
    """Return the events by their types."""
    return {event.type: event for event in events}


class Register(StrEnum):
    """The registers that units keep, confirm, and without which a zero is not known."""

    GROUPS = "GROUPS"
    BUILDINGS = "BUILDINGS"
    BOARDS = "BOARDS"
    PETITIONS = "PETITIONS"
