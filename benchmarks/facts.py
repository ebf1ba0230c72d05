"""Synthetic events in the shape of real ones: boards and petitions of many wards, several events of each subject."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random
from uuid import UUID, uuid4

import asyncpg

from shared.events import (
    BoardConsolidated,
    BoardFormed,
    BoardMemberEnded,
    BoardReviewed,
    BuildingPutInUse,
    BuildingRegistered,
    Circumstances,
    Document,
    Event,
    PetitionFiled,
    PetitionFlaggedComplex,
    PetitionResolved,
    Told,
    UnitEstablished,
    tell,
)
from shared.events.boards import Channel, Complexity, Departure, Member, Outcome, PetitionKind, Role, Topic
from shared.events.buildings import Owners, UnitKind
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


def facts(seed: int = 1, placed: Sequence[tuple[UUID, str]] = ()) -> Iterator[Told[Event]]:
    """Tell event after event: of four subjects three are petitions, one is a board; alike for the same seed.

    `placed` names buildings and the wards in which they lie.
    """
    dice = Random(seed)  # noqa: S311 (no secret)
    buildings = placed or places(dice, wards(), BUILDINGS)
    while True:
        lives = [_life(dice, *dice.choice(buildings)) for _ in range(GENERATION)]
        for version in range(1, max(map(len, lives)) + 1):
            yield from (_told(life[version - 1], version) for life in lives if len(life) >= version)


def some(count: int, seed: int = 1) -> list[Told[Event]]:
    """Return so many of them."""
    return list(islice(facts(seed), count))


def places(dice: Random, units: Sequence[str], count: int) -> list[tuple[UUID, str]]:
    """Return buildings, each with its ward."""
    return [(UUID(int=dice.getrandbits(128), version=4), dice.choice(units)) for _ in range(count)]


def ground(units: Sequence[str], placed: Sequence[tuple[UUID, str]] = ()) -> list[Told[Event]]:
    """Tell of the city, of districts and these wards, and of buildings in use there."""
    paths = sorted({"HN", *units, *(unit.rpartition(".")[0] for unit in units)})
    established = [_told(_unit(path), 1) for path in paths]
    registered = [_told(_building(building, unit), 1) for building, unit in placed]
    used = [_told(BuildingPutInUse(subject=str(building), unit=unit, on=FIRST_DAY), 2) for building, unit in placed]
    return [*established, *registered, *used]


def _unit(path: str) -> UnitEstablished:
    parent, _, unit_id = path.rpartition(".")
    return UnitEstablished(
        subject=unit_id,
        unit=path,
        on=date(2008, 8, 1),
        name=f"Đơn vị minh họa {unit_id}",
        kind=(UnitKind.CITY, UnitKind.DISTRICT, UnitKind.WARD)[path.count(".")],
        official_code=unit_id,
        parent=parent.rpartition(".")[2] or None,
        since=None,
    )


def _building(building: UUID, unit: str) -> BuildingRegistered:
    return BuildingRegistered(
        subject=str(building),
        unit=unit,
        on=FIRST_DAY,
        ward=unit.rpartition(".")[2],
        name=f"Nhà chung cư minh họa {building}",
        address=f"Số {building.int % 97} đường Minh Họa",
        blocks=1,
        storeys=15,
        apartments=180,
        lift=True,
        built_year=2010,
        owners=Owners.MULTIPLE,
    )


def _told(event: Event, version: int) -> Told[Event]:
    given = Circumstances(id=uuid7(), time=datetime.now(UTC), actor="officer-17", correlation=uuid4(), version=version)
    return tell(event, given)


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
    return [(one.id, one.type, one.subject, one.version, one.unit, one.time, one.body.decode()) for one in told]


async def append(
    connection: "asyncpg.Connection[asyncpg.Record]", told: Sequence[Told[Event]], table: str = "event_log"
) -> None:
    """Put a backlog into a log at once, as if nobody had relayed for a while."""
    await connection.copy_records_to_table(table, columns=COLUMNS, records=rows(told))
