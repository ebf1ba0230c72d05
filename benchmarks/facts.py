"""Synthetic events in the shape of real ones: boards and petitions of many wards, several events of each subject."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import asyncpg

from shared.events import (
    BoardConsolidated,
    BoardFormed,
    BoardMemberEnded,
    BoardReviewed,
    Circumstances,
    Document,
    Event,
    PetitionFiled,
    PetitionFlaggedComplex,
    PetitionResolved,
    Told,
    tell,
)
from shared.events.boards import Channel, Complexity, Departure, Member, Outcome, PetitionKind, Role, Topic
from shared.uuids import uuid7

DISTRICTS, WARDS = 8, 12
BUILDINGS = 2_000
NOWHERE = UUID(int=0)
"""Where a rival's row belongs that names no building."""
FIRST_DAY, DAYS = date(2021, 1, 1), 1_400
GENERATION = 500
"""Subjects that live side by side: their first events are told, then their second ones, as it would be over weeks."""
COLUMNS = ("id", "type", "subject", "version", "unit", "recorded", "body")


def wards() -> list[str]:
    """Return the paths of all wards."""
    return [
        f"HN.Q{district:03}.Q{district:03}-{ward:05}-v1"
        for district in range(1, DISTRICTS + 1)
        for ward in range(1, WARDS + 1)
    ]


def facts(count: int, seed: int = 1) -> Iterator[Told[Event]]:
    """Tell so many events: of four subjects three are petitions, one is a board; the same shape for the same seed."""
    dice = Random(seed)  # noqa: S311 (no secret)
    units = wards()
    buildings = [(UUID(int=dice.getrandbits(128), version=4), dice.choice(units)) for _ in range(BUILDINGS)]
    told = 0
    while True:
        lives = [_life(dice, *dice.choice(buildings)) for _ in range(GENERATION)]
        for version in range(1, max(map(len, lives)) + 1):
            for life in lives:
                if len(life) >= version:
                    yield tell(
                        life[version - 1],
                        Circumstances(
                            id=uuid7(),
                            time=datetime.now(UTC),
                            actor="officer-17",
                            correlation=uuid4(),
                            version=version,
                        ),
                    )
                    told += 1
                    if told == count:
                        return


def _life(dice: Random, building: UUID, unit: str) -> list[Event]:
    on = FIRST_DAY + timedelta(days=dice.randrange(DAYS))
    return _board(dice, building, unit, on) if dice.random() < 1 / 4 else _petition(dice, building, unit, on)


def _petition(dice: Random, building: UUID, unit: str, on: date) -> list[Event]:
    subject = str(uuid4())
    filed = PetitionFiled(
        subject=subject,
        unit=unit,
        on=on,
        kind=dice.choice(list(PetitionKind)),
        topic=dice.choice(list(Topic)),
        channel=dice.choice(list(Channel)),
        building=building,
    )
    flagged = PetitionFlaggedComplex(
        subject=subject, unit=unit, on=on + timedelta(days=3), reason=dice.choice(list(Complexity))
    )
    resolved = PetitionResolved(
        subject=subject, unit=unit, on=on + timedelta(days=30), outcome=dice.choice(list(Outcome))
    )
    return [filed, flagged, resolved] if dice.random() < 1 / 3 else [filed, resolved]


def _board(dice: Random, building: UUID, unit: str, on: date) -> list[Event]:
    subject = str(uuid4())
    members = tuple(Member(person=uuid4(), role=role) for role in (Role.HEAD, Role.DEPUTY, Role.MEMBER, Role.MEMBER))
    formed = BoardFormed(
        subject=subject,
        unit=unit,
        on=on,
        building_ids=(building,),
        decision=_decision(dice, on),
        elected_on=on - timedelta(days=20),
        term_from=on,
        term_to=on.replace(day=1) + timedelta(days=3 * 365),
        members=members,
    )
    ended = BoardMemberEnded(
        subject=subject, unit=unit, on=on + timedelta(days=200), person=members[2].person, reason=Departure.MOVED
    )
    reviewed = BoardReviewed(subject=subject, unit=unit, on=on + timedelta(days=300))
    again = on + timedelta(days=400)
    consolidated = BoardConsolidated(
        subject=subject,
        unit=unit,
        on=again,
        decision=_decision(dice, again),
        term_from=again,
        term_to=again.replace(day=1) + timedelta(days=3 * 365),
        members=(*members[:2], Member(person=uuid4(), role=Role.MEMBER)),
    )
    return [formed, ended, reviewed, consolidated]


def _decision(dice: Random, on: date) -> Document:
    return Document(symbol=f"{dice.randrange(1, 900)}/QĐ-UBND", date=on, issuer="UBND quận minh họa")


def rows(told: Sequence[Told[Event]]) -> list[tuple[object, ...]]:
    """Return events as rows of a log, in the order of `COLUMNS`."""
    return [
        (one.id, one.type, one.subject, one.version, one.unit, one.time, one.body.decode()) for one in told
    ]


async def append(connection: "asyncpg.Connection[asyncpg.Record]", told: Sequence[Told[Event]]) -> None:
    """Put a backlog into a log at once, as if nobody had relayed for a while."""
    await connection.copy_records_to_table("event_log", columns=COLUMNS, records=rows(told))
