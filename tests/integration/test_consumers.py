"""Each event changes each reader once, in whatever order and however often it comes; what fails is put aside and seen."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import asyncpg
import pytest

from ops.services import SERVICES
from services.reporting.domain.indicator import Kind
from services.reporting.domain.known import Period
from services.reporting.store import entries
from services.reporting.store.definitions import indicators
from services.reporting.store.figures import Asking
from shared.consumers import Consumers, Delivery
from shared.consumers.parking import RETRIES
from shared.database import Database, Record, Transaction
from shared.events import (
    BoardClosed,
    BoardConsolidated,
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingPutInUse,
    BuildingRegistered,
    BuildingTakenOutOfUse,
    BuildingUnlinkedFromResidentialGroup,
    PetitionFlaggedComplex,
    Register,
    ResidentialGroupDissolved,
    Told,
    boards,
    buildings,
)
from shared.events.boards import Closure, Complexity
from tests.examples import (
    CITY,
    DISTRICT,
    OTHER_WARD,
    OTHER_WARD_ID,
    THIRD_WARD,
    WARD,
    WARD_ID,
    board_formed,
    building_registered,
    group_formed,
    made,
    petition_filed,
    told,
    unit_closed,
    unit_established,
)

Fresh = Callable[[str], Awaitable[Database]]
HEARS = {name: service.consumers for name, service in SERVICES.items()}
JAN, FEB, MAR, JUN = (date(2026, month, 5) for month in (1, 2, 3, 6))
ONE, TWO, THREE, FOUR = (made(f"building {name}") for name in ("one", "two", "three", "four"))


@pytest.fixture
async def of_boards(database: Fresh) -> Database:
    return await database("boards")


def deliveries(events: Iterable[Told[Any]]) -> list[Delivery]:
    return [Delivery(one.body, one.type.partition(".")[0]) for one in events]


async def settle(database: Database, *events: Told[Any], by: Consumers | None = None) -> int:
    return await (by or HEARS["boards"]).settle(database, deliveries(events))


async def rows(database: Database, sql: str, *values: object) -> list[Record]:
    async with database.transaction() as tx:
        return await tx.fetch(sql, *values)


async def run(database: Database, sql: str, *values: object) -> None:
    async with database.transaction() as tx:
        await tx.execute(sql, *values)


async def registered(database: Database) -> list[str]:
    return sorted(str(row["building"]) for row in await rows(database, "SELECT building FROM building_registered"))


async def parked(database: Database) -> list[Record]:
    return await rows(database, "SELECT * FROM parked ORDER BY id")


async def heard(database: Database) -> set[Any]:
    return {row["event"] for row in await rows(database, "SELECT event FROM inbox")}


async def pretend(database: Database, at: datetime) -> None:
    """Set the clock of the service's SQL."""
    await run(database, "DELETE FROM clock_setting")
    await run(database, "INSERT INTO clock_setting VALUES ($1)", at)


def houses(*blocks: int) -> list[Told[BuildingRegistered]]:
    return [
        told(building_registered(made(f"house {nth}"), blocks=count), name=f"house {nth} of {count}")
        for nth, count in enumerate(blocks)
    ]


# Each once.


async def test_each_event_counts_once_within_a_batch_and_over_batches(of_boards: Database) -> None:
    one, two, three = houses(1, 1, 1)

    new = [
        await settle(of_boards, one, one, two),
        await settle(of_boards, two, one, three, three),
        await settle(of_boards, one, two, three),
    ]

    assert new == [2, 1, 0]
    assert len(await registered(of_boards)) == 3


async def test_two_replicas_at_once_apply_each_event_once(of_boards: Database) -> None:
    batch = houses(*range(1, 31))

    new = await asyncio.gather(
        *(settle(of_boards, *random.Random(seed).sample(batch, len(batch))) for seed in range(6))
    )

    assert sum(new) == 30
    assert len(await registered(of_boards)) == 30


async def test_what_a_service_does_not_hear_is_kept_for_a_later_edition_and_not_remembered(of_boards: Database) -> None:
    strange = told(petition_filed())

    assert [await settle(of_boards, strange), await settle(of_boards, strange)] == [0, 0]
    assert [row["type"] for row in await parked(of_boards)] == [strange.type]


async def test_nothing_heard_changes_nothing(of_boards: Database) -> None:
    assert await settle(of_boards) == 0


# What cannot be applied.


@pytest.fixture
async def picky(of_boards: Database) -> Database:
    """Give a database that takes no building of more than fifty blocks."""
    await run(of_boards, "ALTER TABLE building_registered ADD CONSTRAINT picky CHECK (blocks < 50)")
    return of_boards


@pytest.mark.parametrize("place", [0, 3, 6])
async def test_a_poisoned_event_is_parked_and_the_others_are_applied(picky: Database, place: int) -> None:
    batch = houses(*([1] * place), 99, *([1] * (6 - place)))

    new = await settle(picky, *batch)

    (aside,) = await parked(picky)
    assert new == 6
    assert len(await registered(picky)) == 6
    assert (aside["id"], aside["type"], aside["subject"]) == (batch[place].id, batch[place].type, batch[place].subject)
    assert (aside["body"], aside["attempts"], aside["source"]) == (batch[place].body, 1, "buildings")
    assert aside["error"].startswith("CheckViolationError")
    assert batch[place].id not in await heard(picky)


async def test_several_poisoned_events_are_parked_each(picky: Database) -> None:
    batch = houses(99, 1, 98, 97, 1, 1, 1, 96)

    assert await settle(picky, *batch) == 4
    assert {row["id"] for row in await parked(picky)} == {batch[nth].id for nth in (0, 2, 3, 7)}
    assert len({row["fingerprint"] for row in await parked(picky)}) == 1


async def test_a_value_that_fits_no_column_is_poison_and_no_fault_of_the_moment(of_boards: Database) -> None:
    good, bad = houses(1)[0], told(building_registered().model_copy(update={"subject": "no-uuid"}))

    assert await settle(of_boards, good, bad) == 1
    assert [row["subject"] for row in await parked(of_boards)] == ["no-uuid"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"not json", "unreadable"),
        (b'{"specversion": "1.0"}', "unreadable"),
        (told(petition_filed()).body.replace(b"petition_filed.v1", b"petition_filed.v9"), "boards.petition_filed.v9"),
        (told(petition_filed()).body.replace(b"COMPLAINT", b"NO KIND"), "boards.petition_filed.v1"),
    ],
    ids=["no JSON", "no envelope", "a later edition", "a value outside the contract"],
)
async def test_what_cannot_be_read_is_parked_once_and_the_others_are_applied(
    of_boards: Database, body: bytes, kind: str
) -> None:
    (good,) = deliveries(houses(1))

    for _ in range(2):
        await HEARS["boards"].settle(of_boards, [Delivery(body, "boards", 7), good])

    (aside,) = await parked(of_boards)
    assert (aside["type"], aside["body"], aside["logseq"]) == (kind, body, 7)
    assert b"NO KIND" not in aside["error"].encode()
    assert len(await registered(of_boards)) == 1


async def test_a_parked_event_is_tried_again_when_due_and_then_settled(picky: Database) -> None:
    (poison,) = houses(99)
    await settle(picky, poison)
    await run(picky, "ALTER TABLE building_registered DROP CONSTRAINT picky")

    assert not await HEARS["boards"].retry(picky)
    await pretend(picky, datetime.now(UTC) + RETRIES[0] + timedelta(seconds=1))
    assert await HEARS["boards"].retry(picky)

    assert await parked(picky) == []
    assert len(await registered(picky)) == 1
    assert await settle(picky, poison) == 0


async def test_what_fails_again_waits_longer_and_at_last_for_an_operator(picky: Database) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    await pretend(picky, now)
    await settle(picky, *houses(99))

    for nth, pause in enumerate(RETRIES, start=1):
        (aside,) = await parked(picky)
        assert (aside["attempts"], aside["next_at"]) == (nth, now + pause)
        assert not await HEARS["boards"].retry(picky)
        now += pause
        await pretend(picky, now)
        assert await HEARS["boards"].retry(picky)

    (aside,) = await parked(picky)
    assert (aside["attempts"], aside["next_at"]) == (len(RETRIES) + 1, None)
    assert await registered(picky) == []


async def test_a_parked_event_that_comes_again_stays_as_it_is(picky: Database) -> None:
    (poison,) = houses(99)

    await settle(picky, poison)
    first = await parked(picky)
    await settle(picky, poison)

    assert await parked(picky) == first


def failing(error: Exception) -> Consumers:
    """Return consumers that write a row and then fail."""
    faulty = Consumers("boards")

    @faulty.on(BuildingRegistered)
    async def building_registered(events: Sequence[Told[BuildingRegistered]], tx: Transaction) -> None:
        await tx.execute("INSERT INTO takeover VALUES ($1, 'x', 'HN')", events[0].id)
        raise error

    return faulty


@pytest.mark.parametrize(
    "error",
    [asyncpg.DeadlockDetectedError("x"), asyncpg.ConnectionDoesNotExistError("x"), OSError()],
    ids=lambda one: type(one).__name__,
)
async def test_a_fault_of_the_moment_is_raised_and_nothing_has_happened(of_boards: Database, error: Exception) -> None:
    with pytest.raises(type(error)):
        await settle(of_boards, *houses(1, 1), by=failing(error))

    assert await heard(of_boards) == set()
    assert await parked(of_boards) == []
    assert await rows(of_boards, "SELECT FROM takeover") == []
    assert await settle(of_boards, *houses(1, 1)) == 2


async def test_a_fault_of_the_moment_while_halving_parks_nobody(of_boards: Database) -> None:
    faulty = Consumers("boards")

    @faulty.on(BuildingRegistered)
    async def building_registered(events: Sequence[Told[BuildingRegistered]], tx: Transaction) -> None:
        raise RuntimeError if len(events) > 1 else asyncpg.DeadlockDetectedError("x")

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await settle(of_boards, *houses(1, 1, 1), by=faulty)

    assert await parked(of_boards) == []
    assert await heard(of_boards) == set()


async def test_a_fault_of_the_moment_while_retrying_leaves_the_event_parked_as_it_was(of_boards: Database) -> None:
    await settle(of_boards, *houses(1), by=failing(RuntimeError()))
    before = await parked(of_boards)
    await pretend(of_boards, datetime.now(UTC) + timedelta(minutes=1))

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await failing(asyncpg.DeadlockDetectedError("x")).retry(of_boards)

    assert await parked(of_boards) == before


# Taken back, replaced.


async def test_an_event_taken_back_reaches_no_reader_and_is_marked(of_boards: Database) -> None:
    (first,) = houses(1)
    back = withdrawn(told(building_registered(made("house 0")), 2, name="back", corrects=first.id))

    await settle(of_boards, back)
    await settle(of_boards, first)

    assert [row["event"] for row in await rows(of_boards, "SELECT event FROM corrected")] == [first.id]
    assert await rows(of_boards, "SELECT FROM building") == []


def withdrawn(event: Told[Any]) -> Told[Any]:
    """Return a correction that takes back what it corrects: its data is null."""
    return replace(event, body=json.dumps({**json.loads(event.body), "data": None}).encode(), withdrawn=True)


# In any order.

NOT_COMPARED = set(
    "event_log log_order relay schema_migration topology clock_setting parked parked_audit takeover".split()
)
"""Tables of the plumbing; the inbox has a time of hearing, the journal a position."""


async def dump(database: Database, *skip: str) -> dict[str, list[str]]:
    """Return the rows of every table and view."""
    names = await rows(
        database, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
    )
    found = {}
    for name in [row["table_name"] for row in names]:
        if name not in NOT_COMPARED | {"inbox", *skip}:
            found[name] = sorted(row["t"] for row in await rows(database, f"SELECT t::text FROM {name} AS t"))
    return found


async def empty(database: Database) -> None:
    names = [
        row["tablename"]
        for row in await rows(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        if row["tablename"] not in NOT_COMPARED | {"reader"}
    ]
    await run(database, f"TRUNCATE {', '.join(names)}")


async def in_batches(
    database: Database, consumers: Consumers, events: Sequence[Told[Any]], dice: random.Random
) -> None:
    """Bring events in batches of any size."""
    left = list(events)
    while left:
        size = dice.randint(1, len(left))
        await consumers.settle(database, deliveries(left[:size]))
        left = left[size:]


async def test_boards_ends_the_same_in_every_order_of_a_buildings_events(of_boards: Database) -> None:
    first = told(building_registered(ONE, on=JAN), 1)
    better = told(building_registered(ONE, on=JAN, blocks=3), 3, corrects=first.id)
    moved = told(BuildingAssignedToUnit(subject=str(ONE), unit=OTHER_WARD, on=FEB, ward=OTHER_WARD_ID), 2)
    other = told(building_registered(TWO, on=JAN), 1)
    dice, seen = random.Random(1), []

    for order in permutations((first, better, moved, other)):
        await empty(of_boards)
        await in_batches(of_boards, HEARS["boards"], [*order, *order[::-1]], dice)
        seen.append(await dump(of_boards))

    assert len(seen) == 24
    assert all(one == seen[0] for one in seen)
    assert [len(seen[0][name]) for name in ("building", "building_place")] == [2, 3]
    assert f"({ONE},3)" in seen[0]["building"]


async def test_boards_ends_the_same_in_any_order(of_boards: Database) -> None:
    closed = told(unit_closed(OTHER_WARD, on=JUN), 2)
    events: list[Told[Any]] = [
        *(told(unit_established(path)) for path in (CITY, DISTRICT, WARD, OTHER_WARD, THIRD_WARD)),
        closed,
        withdrawn(told(unit_closed(OTHER_WARD, on=JUN), 3, corrects=closed.id)),
        told(unit_closed(THIRD_WARD, on=MAR), 2),
        *(told(building_registered(one, on=JAN)) for one in (ONE, TWO, THREE)),
        told(BuildingAssignedToUnit(subject=str(ONE), unit=OTHER_WARD, on=FEB, ward=OTHER_WARD_ID), 2),
        told(BuildingAssignedToUnit(subject=str(ONE), unit=WARD, on=MAR, ward=WARD_ID), 3),
    ]

    seen = await shuffled(of_boards, "boards", events, times=50)

    assert all(one == seen[0] for one in seen)
    assert {row.split(",")[0][1:]: row.rpartition(",")[2] for row in seen[0]["unit"]} == {
        "HN": ")",
        "Q004": ")",
        WARD_ID: ")",
        OTHER_WARD_ID: ")",
        THIRD_WARD.rpartition(".")[2]: f"{MAR})",
    }


async def test_buildings_ends_the_same_in_any_order(database: Fresh) -> None:
    first = told(board_formed(made("board one"), ONE, on=JAN))
    closed = told(BoardClosed(subject=str(made("board two")), unit=WARD, on=MAR, reason=Closure.MERGED), 2)
    mistaken = told(put_in_order(on=JUN, term_to=date(2029, 6, 5)), 5)
    events: list[Told[Any]] = [
        first,
        told(board_formed(made("board one"), ONE, TWO, on=JAN), 2, corrects=first.id),
        told(board_formed(made("board two"), THREE, on=JAN)),
        closed,
        withdrawn(told(closed.event, 3, corrects=closed.id)),
        told(BoardClosed(subject=str(made("board two")), unit=WARD, on=JUN, reason=Closure.MERGED), 4),
        told(put_in_order(on=FEB, term_to=date(2029, 2, 5)), 3),
        told(put_in_order(on=MAR, term_to=date(2029, 3, 5)), 4),
        mistaken,
        withdrawn(told(mistaken.event, 6, corrects=mistaken.id)),
    ]

    seen = await shuffled(await database("buildings"), "buildings", events, times=50)

    assert all(one == seen[0] for one in seen)
    standing = {row[1:37]: row.rpartition(",")[2] for row in seen[0]["board"]}
    assert len(seen[0]["board"]) == 2
    assert standing == {str(made("board one")): ")", str(made("board two")): f"{JUN})"}
    (one,) = (row for row in seen[0]["board"] if f"{ONE},{TWO}" in row)
    assert one.endswith(f"{JAN},2029-03-05,)")


def put_in_order(on: date, term_to: date) -> BoardConsolidated:
    """Return that the first board was put in order, with a term."""
    formed = board_formed(made("board one"), ONE, on=on)
    return BoardConsolidated(
        subject=formed.subject,
        unit=WARD,
        on=on,
        decision=formed.decision,
        term_from=on,
        term_to=term_to,
        members=formed.members,
    )


async def shuffled(
    database: Database, service: str, events: Sequence[Told[Any]], times: int, *skip: str
) -> list[dict[str, list[str]]]:
    """Bring events, each twice, in so many orders, each time to empty tables; return what they end in."""
    seen = []
    for seed in range(times):
        dice = random.Random(seed)
        await empty(database)
        await in_batches(database, HEARS[service], dice.sample([*events, *events], 2 * len(events)), dice)
        seen.append(await dump(database, *skip))
    return seen


def history() -> list[Told[Any]]:
    """Return half a year of a district: every kind of fact that makes a number, some of it corrected or taken back."""
    told_: list[Told[Any]] = [told(unit_established(path)) for path in (CITY, DISTRICT, WARD, OTHER_WARD, THIRD_WARD)]
    told_.append(told(unit_closed(THIRD_WARD, WARD_ID, on=JUN), 2))
    for nth in range(4):
        group = made(f"group {nth}")
        told_.append(told(group_formed(group, on=JAN, number=str(nth))))
    told_.append(told(ResidentialGroupDissolved(subject=str(made("group 3")), unit=WARD, on=MAR), 2))
    for nth, one in enumerate((ONE, TWO, THREE)):
        of: dict[str, Any] = {"subject": str(one), "unit": WARD}
        first = told(building_registered(one, on=JAN), 1)
        use = told(BuildingPutInUse(**of, on=FEB), 2)
        link = told(BuildingLinkedToResidentialGroup(**of, on=JAN, group=made(f"group {nth}")), 3)
        told_ += [
            first,
            use,
            link,
            told(BuildingLinkedToResidentialGroup(**of, on=MAR, group=made("group 0" if nth else "group 1")), 4),
            told(BuildingUnlinkedFromResidentialGroup(**of, on=JUN, group=made(f"group {nth}")), 5),
            told(BuildingTakenOutOfUse(**of, on=JUN + timedelta(days=nth)), 6),
            told(BuildingAssignedToUnit(subject=str(one), unit=OTHER_WARD, on=MAR, ward=OTHER_WARD_ID), 7),
        ]
        if nth == 0:
            told_.append(told(BuildingPutInUse(**of, on=MAR), 8, corrects=use.id))
        if nth == 1:
            told_.append(withdrawn(told(link.event, 8, corrects=link.id)))
    # Moved twice on one day: the later version stands.
    told_ += [
        told(building_registered(FOUR, on=JAN), 1),
        told(BuildingAssignedToUnit(subject=str(FOUR), unit=OTHER_WARD, on=MAR, ward=OTHER_WARD_ID), 2),
        told(BuildingAssignedToUnit(subject=str(FOUR), unit=WARD, on=MAR, ward=WARD_ID), 3),
        told(BuildingPutInUse(subject=str(FOUR), unit=WARD, on=JUN + timedelta(days=10)), 4),
        # Its people left the group before anybody moved in: that link never housed anyone.
        told(BuildingLinkedToResidentialGroup(subject=str(FOUR), unit=WARD, on=JAN, group=made("group 2")), 5),
        told(BuildingUnlinkedFromResidentialGroup(subject=str(FOUR), unit=WARD, on=FEB, group=made("group 2")), 6),
    ]
    for nth, lead in enumerate((ONE, TWO)):
        first_board = told(board_formed(made(f"board {nth}"), lead, on=FEB))
        told_ += [
            first_board,
            told(board_formed(made(f"board {nth}"), lead, THREE, on=MAR), 2, corrects=first_board.id),
        ]
    for nth in range(3):
        petition = made(f"petition {nth}")
        flagged = PetitionFlaggedComplex(subject=str(petition), unit=WARD, on=MAR, reason=Complexity.LONG_RUNNING)
        told_ += [told(petition_filed(petition, ONE if nth else None, on=FEB)), told(flagged, 2)]
    for events, kind in ((buildings, Register.GROUPS), (boards, Register.BOARDS)):
        kept: dict[str, Any] = {"subject": str(made(f"kept {kind}")), "unit": WARD, "register_kept": kind}
        told_ += [
            told(events.RegisterOpened(**kept, on=JAN)),
            told(events.RegisterConfirmed(**kept, on=JUN, through=MAR), 2),
        ]
    return told_


@pytest.fixture(scope="module")
def half_a_year() -> list[Told[Any]]:
    return history()


async def test_reporting_ends_in_the_same_entries_and_sums_in_any_order(
    database: Fresh, half_a_year: list[Told[Any]]
) -> None:
    reporting = await database("reporting")
    seen = []

    for seed in range(25):
        dice = random.Random(seed)
        await empty(reporting)
        await run(reporting, "UPDATE reader SET position = 0")
        await in_batches(reporting, HEARS["reporting"], dice.sample(half_a_year * 2, 2 * len(half_a_year)), dice)
        async with reporting.transaction() as tx:
            assert await entries.differences(tx) == []
            events, _, _ = await entries.counts(tx)
        assert events == len(half_a_year)
        seen.append(
            (
                (await dump(reporting, "journal", "source", "aggregates"))["entries"],
                [tuple(row) for row in await rows(reporting, NOT_ZERO)],
            )
        )

    assert len(seen[0][0]) > 50
    assert len(seen[0][1]) > 10
    assert all(one == seen[0] for one in seen)
    assert {row["seq"] for row in await rows(reporting, "SELECT seq FROM journal")} == set(
        range(1, len(half_a_year) + 1)
    )


async def test_reporting_keeps_its_books_while_replicas_compete(database: Fresh, half_a_year: list[Told[Any]]) -> None:
    reporting = await database("reporting")

    async def replica(events: Sequence[Told[Any]]) -> None:
        for nth in range(0, len(events), 3):
            await HEARS["reporting"].settle(reporting, deliveries(events[nth : nth + 3]))

    # Events of one subject come to different replicas at once, which is how the broker deals them out.
    await asyncio.gather(*(replica(half_a_year[nth::6]) for nth in range(6)))

    assert await parked(reporting) == []
    assert await differences(reporting) == []
    assert [row["seq"] for row in await rows(reporting, "SELECT seq FROM journal ORDER BY seq")] == list(
        range(1, len(half_a_year) + 1)
    )


NOT_ZERO = "SELECT * FROM aggregates WHERE value <> 0 ORDER BY line, grain, period, bearer"


@pytest.fixture
async def reporting(database: Fresh, half_a_year: list[Told[Any]]) -> Database:
    known = await database("reporting")
    await HEARS["reporting"].settle(known, deliveries(half_a_year))
    return known


async def differences(database: Database) -> list[dict[str, Any]]:
    async with database.transaction() as tx:
        return [dict(row) for row in await entries.differences(tx)]


async def test_a_tampered_sum_is_found_and_named(reporting: Database) -> None:
    (cell,) = await rows(
        reporting,
        "SELECT * FROM aggregates WHERE line = 'LB-05' AND grain = 'M' AND value <> 0 AND bearer = $1",
        str(ONE),
    )

    await run(
        reporting,
        "UPDATE aggregates SET value = value + 1 WHERE (line, bearer, grain, period) = ($1, $2, $3, $4)",
        *(cell[name] for name in ("line", "bearer", "grain", "period")),
    )

    assert await differences(reporting) == [
        {
            "fault": "sum differs",
            "line": "LB-05",
            "bearer": str(ONE),
            "grain": "M",
            "period": MAR.replace(day=1),
            "should_be": 1,
            "is": 2,
        }
    ]


async def test_a_sum_that_was_deleted_or_invented_is_found(reporting: Database) -> None:
    await run(reporting, "DELETE FROM aggregates WHERE line = 'LB-05' AND grain = 'Y' AND bearer = $1", str(ONE))
    await run(reporting, "INSERT INTO aggregates VALUES ('LB-05', 'nobody', 'M', '2026-01-01', 3)")

    found = [(one["bearer"], one["grain"], one["should_be"], one["is"]) for one in await differences(reporting)]

    assert sorted(found) == sorted([(str(ONE), "Y", 1, 0), ("nobody", "M", 0, 3)])


async def test_an_entry_that_was_deleted_or_changed_is_found(reporting: Database) -> None:
    await run(reporting, "DELETE FROM entries WHERE kind = 'complex' AND subject = $1", str(made("petition 1")))
    await run(
        reporting,
        "UPDATE entries SET on_day = on_day + 1 WHERE kind = 'complex' AND subject = $1",
        str(made("petition 2")),
    )

    faults = [one["fault"] for one in await differences(reporting) if "kind" in one]

    assert sorted(faults) == ["entry missing", "entry missing", "entry without ground"]


async def test_a_subject_told_of_again_mends_its_entries_but_no_tampered_sum(reporting: Database) -> None:
    await run(reporting, "UPDATE aggregates SET value = value + 1 WHERE line = 'LB-05' AND bearer = $1", str(ONE))

    async with reporting.transaction() as tx:
        await entries.derive(tx, [str(made("board 0"))])

    assert {one["fault"] for one in await differences(reporting)} == {"sum differs"}


async def test_an_answer_as_known_earlier_stays_what_it_was(reporting: Database) -> None:
    before = await answers(reporting, None)
    position = (await rows(reporting, "SELECT position FROM reader"))[0]["position"]

    late = told(board_formed(made("late board"), TWO, on=FEB))
    await HEARS["reporting"].settle(reporting, deliveries([late]))

    assert await answers(reporting, position) == before
    assert (await answers(reporting, None))["LB-05"] != before["LB-05"]
    assert await answers(reporting, None) == await answers(reporting, position + 1)


@pytest.mark.parametrize("unit", [DISTRICT, WARD, OTHER_WARD, CITY])
async def test_sums_and_entries_give_the_same_figures_for_any_period(reporting: Database, unit: str) -> None:
    position = (await rows(reporting, "SELECT position FROM reader"))[0]["position"]
    dice = random.Random(unit)
    first, last = date(2024, 12, 1).toordinal(), date(2028, 2, 1).toordinal()
    firsts = [date(year, month, 1).toordinal() for year in range(2025, 2028) for month in range(1, 13)]

    for _ in range(25):
        # Any days, and those where months and years meet.
        begin, after = sorted(dice.sample([*range(first, last, 11), *firsts, *firsts, *range(739000, 739420)], 2))
        period = Period(date.fromordinal(begin), date.fromordinal(after - 1))
        assert await answers(reporting, None, unit, period) == await answers(reporting, position, unit, period), period


async def answers(
    database: Database,
    position: int | None,
    unit: str = DISTRICT,
    period: Period = Period(date(2026, 1, 10), date(2026, 6, 6)),  # noqa: B008 (a value)
) -> dict[str, tuple[int, dict[str, int]]]:
    """Return every figure of a unit, live or as known at a position."""
    async with database.transaction(snapshot=True) as tx:
        asking = Asking(tx, position)
        told_ = {
            code: await asking.figure(one, unit, period)
            for code, one in indicators().items()
            if one.kind is not Kind.RATIO and not one.restricted
        }
    return {code: (figure.whole, dict(figure.parts)) for code, figure in told_.items()}


async def test_the_figures_are_what_a_person_counts(reporting: Database) -> None:
    told_ = await answers(reporting, None)

    # Three groups of four live on; boards count in March, where their correction put them, in the ward of that day.
    assert told_["LB-01"] == (3, {WARD_ID: 3})
    assert told_["LB-05"] == (2, {OTHER_WARD_ID: 2})
    # Of three petitions one was about no building.
    assert told_["LB-16"] == (2, {OTHER_WARD_ID: 2})
    # The first building went out of use on 5 June, the second on 6 June: the third is left, moved to the other ward.
    assert told_["LB-02a"] == (1, {OTHER_WARD_ID: 1})
    # It is linked to the first group still.
    assert told_["LB-03"] == (1, {WARD_ID: 1})
    assert told_["LB-02b"] == (2, {WARD_ID: 1, OTHER_WARD_ID: 1})


@pytest.mark.parametrize(
    ("end", "wards", "groups"),
    [
        (date(2026, 2, 4), (0, {}), (0, {})),
        (date(2026, 2, 5), (1, {WARD_ID: 1}), (1, {WARD_ID: 1})),
        (date(2026, 6, 6), (1, {OTHER_WARD_ID: 1}), (1, {WARD_ID: 1})),
        (date(2026, 6, 7), (0, {}), (0, {})),
        (date(2026, 6, 15), (1, {WARD_ID: 1}), (0, {})),
    ],
)
async def test_use_counts_from_its_first_day_until_its_last(
    reporting: Database, end: date, wards: tuple[int, dict[str, int]], groups: tuple[int, dict[str, int]]
) -> None:
    told_ = await answers(reporting, None, DISTRICT, Period(date(2026, 1, 1), end))

    assert (told_["LB-02a"], told_["LB-03"]) == (wards, groups)
