"""Decides which events somebody must be told of, and who: the rules are data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from shared.events import BoardFormed, DataQualityIssueRaised, Event, PetitionFiled, Told
from shared.events.notifications import Channel


class Audience(StrEnum):
    """Whose liaison is told."""

    UNIT = "UNIT"
    """The unit where it happened: the last of the event's path."""
    GROUPS = "GROUPS"
    """Each residential group to which one of the event's buildings belongs on that day."""


class Status(StrEnum):
    """How far a notice has come."""

    OPEN = "OPEN"
    DECIDED = "DECIDED"
    SUPPRESSED = "SUPPRESSED"
    FAILED = "FAILED"


class Reason(StrEnum):
    """Why a notice waits, was suppressed or was given up."""

    HISTORICAL = "HISTORICAL"
    CORRECTION = "CORRECTION"
    WITHDRAWN = "WITHDRAWN"
    NO_LIAISON = "NO_LIAISON"
    NO_CONTACT = "NO_CONTACT"
    NO_NAME = "NO_NAME"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever is the audience must be told of the event."""

    name: str
    event: type[Event]
    audience: Audience


RULES = (
    Rule("petition-filed-unit", PetitionFiled, Audience.UNIT),
    Rule("board-formed-unit", BoardFormed, Audience.UNIT),
    Rule("board-formed-groups", BoardFormed, Audience.GROUPS),
    Rule("issue-raised-unit", DataQualityIssueRaised, Audience.UNIT),
)
"""Who is told of what."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 15, 60, 300))
"""Pauses between looks for what is not known yet; then the longest of them again and again."""
LONGEST_LOOK = timedelta(days=7)
"""Time after which a person who is not known yet is looked for no more."""
PATIENCE = timedelta(hours=1)
"""Time after which a text goes out without the names it lacks."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event that somebody must be told of, or would have been."""

    event: UUID
    type: str
    subject: str
    unit: str
    on_day: date
    correlation: UUID
    corrects: UUID | None
    buildings: tuple[UUID, ...]
    facts: Mapping[str, Any]
    suppressed: Reason | None

    @property
    def unit_id(self) -> str:
        """Return the id of the unit where it happened."""
        return self.unit.rpartition(".")[2]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules that this occasion meets."""
        return tuple(rule for rule in RULES if rule.event.type == self.type)

    @property
    def notices(self) -> tuple[tuple[str, str], ...]:
        """Return the rules whose places the event itself names, each with its place."""
        return tuple((rule.name, self.unit_id) for rule in self.rules if rule.audience is Audience.UNIT)

    @property
    def spreads(self) -> bool:
        """Tell whether residential groups must be looked for, too."""
        return self.suppressed is None and any(rule.audience is Audience.GROUPS for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known, at one look, of an open notice: who holds the place, how they are reached, and the names."""

    withdrawn: bool
    person: UUID | None
    channels: tuple[Channel, ...]
    unit_name: str | None
    building_names: tuple[str, ...]
    buildings: int
    group_number: str | None
    facts: Mapping[str, Any]
    attempts: int
    age: timedelta

    @property
    def names_complete(self) -> bool:
        """Tell whether every name a text would use has been heard."""
        return self.unit_name is not None and len(self.building_names) == self.buildings


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at an open notice came to; a pause when it must be looked at again."""

    status: Status
    reason: Reason | None = None
    pause: timedelta | None = None


def petition_filed(told: Told[PetitionFiled]) -> Occasion:
    """Somebody must be told that a petition was filed."""
    event = told.event
    facts = {"kind": event.kind.value, "topic": event.topic.value}
    return _occasion(told, facts, (event.building,) if event.building else ())


def board_formed(told: Told[BoardFormed]) -> Occasion:
    """Somebody must be told that a board was formed."""
    event = told.event
    decision = event.decision
    facts = {
        "symbol": decision.symbol,
        "issuer": decision.issuer,
        "date": decision.date.isoformat(),
        "term_from": event.term_from.isoformat(),
        "term_to": event.term_to.isoformat(),
    }
    return _occasion(told, facts, event.building_ids)


def data_quality_issue_raised(told: Told[DataQualityIssueRaised]) -> Occasion:
    """Somebody must be told that figures do not fit."""
    event = told.event
    return _occasion(told, {"rule": event.rule, "severity": event.severity.value, "lines": list(event.lines)}, ())


def look(known: Known) -> Look:
    """Decide what becomes of an open notice by what is known now; the same in whatever order it became known."""
    if known.withdrawn:
        return Look(Status.SUPPRESSED, Reason.WITHDRAWN)
    if known.person is None:
        return _later(known, Reason.NO_LIAISON)
    if not known.channels:
        return _later(known, Reason.NO_CONTACT)
    if not known.names_complete and known.age < PATIENCE:
        return _later(known, Reason.NO_NAME)
    return Look(Status.DECIDED)


def pause(looks: int, age: timedelta) -> timedelta | None:
    """Return how long to wait before looking again for what is not known yet; none when it has been long enough."""
    return None if age >= LONGEST_LOOK else PAUSES[min(looks, len(PAUSES) - 1)]


def parameters(known: Known) -> dict[str, Any]:
    """Return what a text needs: names as they are known, codes as they were told, nothing personal."""
    return {
        **known.facts,
        "unit": known.unit_name,
        "buildings": list(known.building_names),
        "group": known.group_number,
    }


def rules_for(audience: Audience) -> Sequence[Rule]:
    """Return the rules that speak to an audience."""
    return [rule for rule in RULES if rule.audience is audience]


def _later(known: Known, reason: Reason) -> Look:
    again = pause(known.attempts, known.age)
    return Look(Status.FAILED, reason) if again is None else Look(Status.OPEN, reason, again)


def _occasion(told: Told[Any], facts: dict[str, Any], buildings: tuple[UUID, ...]) -> Occasion:
    suppressed = None
    if told.takeover is not None:
        suppressed = Reason.HISTORICAL
    elif told.corrects is not None:
        suppressed = Reason.CORRECTION
    return Occasion(
        event=told.id,
        type=told.type,
        subject=told.subject,
        unit=told.unit,
        on_day=told.on,
        correlation=told.correlation,
        corrects=told.corrects,
        buildings=tuple(sorted(set(buildings))),
        facts=MappingProxyType({**facts, "on": told.on.isoformat(), "subject": told.subject}),
        suppressed=suppressed,
    )
