"""Decides which events somebody must be told of, and who: the rules are data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from services.notifications.domain.notice import Reason
from shared.events import (
    BoardFormed,
    DataQualityIssueRaised,
    DirectiveIssued,
    Event,
    PetitionFiled,
    Told,
    TrainingAnnounced,
)


class Audience(StrEnum):
    """Which places are told."""

    UNIT = "UNIT"
    """The unit where it happened: the last of the event's path."""
    ASSIGNEES = "ASSIGNEES"
    """Each unit to which the event assigns something."""
    GROUPS = "GROUPS"
    """Each residential group to which one of the event's buildings belongs on that day."""
    BOARDS = "BOARDS"
    """Each board in force on that day within the event's unit: its head."""


LOOKED_FOR = frozenset({Audience.GROUPS, Audience.BOARDS})
"""Audiences that no event names; they follow from what is known of its day."""


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
    Rule("directive-issued-assignees", DirectiveIssued, Audience.ASSIGNEES),
    Rule("training-announced-heads", TrainingAnnounced, Audience.BOARDS),
    Rule("issue-raised-unit", DataQualityIssueRaised, Audience.UNIT),
)
"""Who is told of what."""

SMALL = 5
"""Fewer people than this could be told apart."""
RESTRICTED = re.compile(r"^LB-(07|08|09|10|11|12)")
"""Lines that count people by political ties (Law 91/2025/QH15 on the protection of personal data)."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event that somebody must be told of, or would have been; `assignees` are the units it names."""

    event: UUID
    type: str
    subject: str
    unit: str
    on_day: date
    told: datetime
    correlation: UUID
    corrects: UUID | None
    buildings: tuple[UUID, ...]
    assignees: tuple[str, ...]
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
        """Return the rules whose places the event itself names, each with each of its places."""
        named = {Audience.UNIT: (self.unit_id,), Audience.ASSIGNEES: self.assignees}
        return tuple((rule.name, place) for rule in self.rules for place in named.get(rule.audience, ()))

    @property
    def spreads(self) -> bool:
        """Tell whether places that the event does not name must be looked for, too."""
        return self.suppressed is None and any(rule.audience in LOOKED_FOR for rule in self.rules)


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


def directive_issued(told: Told[DirectiveIssued]) -> Occasion:
    """Each unit must be told what it has been directed to do; nobody, where nobody was named."""
    event = told.event
    assigned: dict[str, list[str]] = {}
    for one in event.assignees:
        assigned.setdefault(one.unit_assigned, []).append(one.body.value)
    due = event.due and event.due.isoformat()
    facts = {"number": event.number, "title": event.title, "due": due, "assigned": assigned}
    return _occasion(told, facts, assignees=tuple(sorted(assigned)))


def training_announced(told: Told[TrainingAnnounced]) -> Occasion:
    """Heads of boards must be told of a class."""
    event = told.event
    return _occasion(told, {"topics": [topic.value for topic in event.topics], "held_on": event.held_on.isoformat()})


def data_quality_issue_raised(told: Told[DataQualityIssueRaised]) -> Occasion:
    """Somebody must be told that figures do not fit, and how they could be meant.

    Where one of them is a small figure of a restricted line, none is told: the others would give it back.
    """
    event = told.event
    small = any(RESTRICTED.match(one.line) and one.value < SMALL for one in event.figures)
    facts = {
        "rule": event.rule,
        "severity": event.severity.value,
        "lines": list(event.lines),
        "period": event.period,
        "figures": [] if small else [one.model_dump() for one in event.figures],
        "readings": [] if small else [one.model_dump() for one in event.readings],
        "withheld": small,
    }
    return _occasion(told, facts)


def rules_for(audience: Audience) -> Sequence[Rule]:
    """Return the rules that speak to an audience."""
    return [rule for rule in RULES if rule.audience is audience]


def _occasion(
    told: Told[Any], facts: dict[str, Any], buildings: tuple[UUID, ...] = (), assignees: tuple[str, ...] = ()
) -> Occasion:
    suppressed = None
    if told.takeover is not None or told.replayed:
        suppressed = Reason.HISTORICAL
    elif told.corrects is not None:
        suppressed = Reason.CORRECTION
    return Occasion(
        event=told.id,
        type=told.type,
        subject=told.subject,
        unit=told.unit,
        on_day=told.on,
        told=told.time,
        correlation=told.correlation,
        corrects=told.corrects,
        buildings=tuple(sorted(set(buildings))),
        assignees=assignees,
        facts=MappingProxyType({**facts, "on": told.on.isoformat(), "subject": told.subject}),
        suppressed=suppressed,
    )
