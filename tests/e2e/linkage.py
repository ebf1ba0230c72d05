"""An attack on restricted facts: who of a board's public roster is named with certainty by what is on the bus.

Whoever attacks has every event of both exchanges and the rosters, which are public. A restricted record of somebody who
serves could mean every member of a board in force in that ward who is not ruled out by what else the record says. A
person is named with certainty when no way of giving every record a person leaves that person out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.events import (
    BoardClosed,
    BoardConsolidated,
    BoardFormed,
    BoardMemberEnded,
    ParticipationRecorded,
    PeriodDeclared,
    Told,
)
from shared.events.boards import Category, Stage


@dataclass(frozen=True)
class Seat:
    """Somebody on a public roster: where, and since when without a gap."""

    person: str
    ward: str
    since: date
    recorded: date
    """When the roster came to say so."""


@dataclass(frozen=True)
class Record:
    """What restricted facts say of one participant who serves."""

    participant: str
    ward: str
    categories: frozenset[Category]
    days: frozenset[date]
    """Days it gives away beside the bounds of the period."""
    introduced: bool
    """Whether the same participant was introduced within the period."""
    told: date
    """The day of the telling."""


def rosters(events: Iterable[Told[Any]], on: date) -> list[Seat]:
    """Return who sits on a board in force on a day, as anybody can see."""
    boards: dict[str, dict[str, Any]] = {}
    for told in sorted(events, key=lambda one: (one.on, one.version)):
        event = told.event
        if told.on > on:
            continue
        if isinstance(event, BoardFormed | BoardConsolidated):
            board = boards.setdefault(told.subject, {"since": {}})
            known, day = board["since"], told.time.date()
            since = {str(one.person): known.get(str(one.person), (told.on, day)) for one in event.members}
            board |= {"ward": told.unit, "term_to": event.term_to, "since": since}
        elif isinstance(event, BoardMemberEnded):
            boards[told.subject]["since"].pop(str(event.person), None)
        elif isinstance(event, BoardClosed):
            boards.pop(told.subject, None)
    return [
        Seat(person, board["ward"], since, recorded)
        for board in boards.values()
        if on <= board["term_to"]
        for person, (since, recorded) in board["since"].items()
    ]


def records(events: Iterable[Told[Any]], period: PeriodDeclared) -> list[Record]:
    """Return what is told of each participant who serves in a period."""
    latest: dict[str, dict[Stage, Told[ParticipationRecorded]]] = defaultdict(dict)
    for told in events:
        if isinstance(told.event, ParticipationRecorded):
            latest[told.subject][told.event.stage] = told
    bounds = {period.period_from, period.period_to}
    return [
        Record(
            participant,
            stages[Stage.SERVING].unit,
            frozenset(stages[Stage.SERVING].event.categories),
            frozenset(
                {
                    stages[Stage.SERVING].on,
                    stages[Stage.SERVING].event.period_from,
                    stages[Stage.SERVING].event.period_to,
                }
                - bounds
            ),
            Stage.INTRODUCED in stages,
            stages[Stage.SERVING].time.date(),
        )
        for participant, stages in latest.items()
        if Stage.SERVING in stages
    ]


def named_by_the_bus(seats: Sequence[Seat], told: Sequence[Record], period: PeriodDeclared) -> set[str]:
    """Return the people whom everything on the bus names with certainty.

    What is told after the first telling of all is taken to follow a change of a roster on the same day.
    """
    people = {seat.person for seat in seats}
    first = min((record.told for record in told), default=None)

    def could_be(record: Record) -> set[str]:
        if record.participant in people:
            return {record.participant}
        return {
            seat.person
            for seat in seats
            if seat.ward == record.ward
            and (not record.days or seat.since in record.days)
            and (not record.introduced or seat.since >= period.period_from)
            and record.told in {first, seat.recorded}
        }

    return certain([could_be(record) for record in told])


def named_by_counts(seats: Sequence[Seat], told: Sequence[Record]) -> set[str]:
    """Return the people whom the counts of each ward name with certainty: where there are as many ties as people."""
    wards: dict[str, set[str]] = defaultdict(set)
    for seat in seats:
        wards[seat.ward].add(seat.person)
    return certain([wards[record.ward] for record in told])


def certain(could_be: Sequence[Collection[str]]) -> set[str]:
    """Return who is given a record in every way of giving all records a person of their own."""
    held = _give(could_be, without=None)
    assert held is not None, "there are more records than people whom they could mean"
    return {person for person in held if _give(could_be, without=person) is None}


def _give(could_be: Sequence[Collection[str]], without: str | None) -> Mapping[str, int] | None:
    """Give every record a person of its own (augmenting paths), or nothing where that cannot be done."""
    held: dict[str, int] = {}

    def give(record: int, tried: set[str]) -> bool:
        for person in could_be[record]:
            if person == without or person in tried:
                continue
            tried.add(person)
            if person not in held or give(held[person], tried):
                held[person] = record
                return True
        return False

    return held if all(give(record, set()) for record in range(len(could_be))) else None
