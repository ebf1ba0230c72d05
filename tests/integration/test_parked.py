"""What operators do to parked events: noted for ever, undone when wrong, and no race with the service loses anything."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import aiormq
import asyncpg
import pytest
from aiormq.abc import ChannelFrame

from ops.services import SERVICES
from shared import topology
from shared.consumers import Consumers, Delivery, operating, parking
from shared.consumers.operating import By
from shared.database import Database, Record, Transaction
from shared.events import BuildingAssignedToUnit, BuildingRegistered, PetitionFiled, Told
from shared.service import Part, Process
from shared.settings import Environment, restricted_role
from shared.topology import RESTRICTED_SCHEMA
from tests.conftest import RABBITMQ, Databases, Keys, OwnDatabases
from tests.e2e.system import until
from tests.examples import OTHER_WARD, OTHER_WARD_ID, board_formed, building_registered, made, petition_filed, told

Fresh = Callable[[str], Awaitable[Database]]
BOARDS = SERVICES["boards"].consumers
WHO = By("nguyen.van.a", "nguồn ghi nhầm số khối nhà")


@pytest.fixture
async def picky(database: Fresh) -> Database:
    """Give a database that takes no building of more than fifty blocks."""
    fresh = await database("boards")
    async with fresh.transaction() as tx:
        await tx.execute("ALTER TABLE building_registered ADD CONSTRAINT picky CHECK (blocks < 50)")
    return fresh


def house(name: str, blocks: int = 1, version: int = 1, **given: Any) -> Told[BuildingRegistered]:
    return told(building_registered(made(name), blocks=blocks), version, f"{name} {version}", **given)


def mended(event: Told[BuildingRegistered], blocks: int = 2) -> bytes:
    said = json.loads(event.body)
    said["data"]["blocks"] = blocks
    return json.dumps(said).encode()


async def settle(database: Database, *events: Told[Any], by: Consumers = BOARDS) -> int:
    return await by.settle(database, [Delivery(one.body, "buildings", nth) for nth, one in enumerate(events, 1)])


async def fetch(database: Database, sql: str, *values: object) -> list[Record]:
    async with database.transaction() as tx:
        return await tx.fetch(sql, *values)


async def parked(database: Database) -> list[Record]:
    return await fetch(database, "SELECT * FROM parked ORDER BY id")


async def audit(database: Database) -> list[Record]:
    return await fetch(database, "SELECT * FROM parked_audit ORDER BY pos")


async def registered(database: Database) -> dict[str, int]:
    found = await fetch(database, "SELECT building, blocks FROM building_registered")
    return {str(row["building"]): row["blocks"] for row in found}


async def act(database: Database, what: Callable[[Transaction], Awaitable[Any]]) -> Any:
    async with database.transaction() as tx:
        return await what(tx)


# Understood.


async def test_faults_are_told_apart_by_what_objected_and_say_where_they_happened(picky: Database) -> None:
    await fetch(picky, "ALTER TABLE building_registered ADD CONSTRAINT high CHECK (version < 9)")

    await settle(picky, house("a", 99), house("b", 98), house("c", 1, version=9))

    rows = {row["subject"]: row for row in await parked(picky)}
    a, b, c = (rows[str(made(name))] for name in "abc")
    assert a["fingerprint"] == b["fingerprint"] != c["fingerprint"]
    assert a["place"].startswith("services.boards.store.")
    assert a["place"].endswith(" building_registered")


async def test_a_type_that_is_no_text_is_parked_and_stops_nobody(picky: Database) -> None:
    good = house("good")
    strange = json.dumps({**json.loads(house("strange").body), "type": ["buildings.building_registered.v1"]}).encode()

    new = await BOARDS.settle(picky, [Delivery(strange, "buildings", 1), Delivery(good.body, "buildings", 2)])

    (aside,) = await parked(picky)
    assert new == 1
    assert aside["error"] == "Unreadable: type: missing"


async def test_the_oldest_parked_event_has_an_age(picky: Database) -> None:
    async with picky.transaction() as tx:
        assert await parking.waiting(tx) == (0, 0)
    await settle(picky, house("a", 99), house("b", 99))
    await fetch(picky, "UPDATE parked SET parked_at = now() - interval '90 s' WHERE subject = $1", str(made("a")))

    async with picky.transaction() as tx:
        count, oldest = await parking.waiting(tx)

    assert count == 2
    assert 90 <= oldest < 100


# Mended.


async def test_an_edited_event_is_applied_at_once_and_both_bodies_are_kept(picky: Database) -> None:
    poison = house("a", 99)
    await settle(picky, poison)
    (before,) = await parked(picky)

    async with picky.transaction() as tx:
        due = await operating.edited(tx, poison.id, poison.body, mended(poison), WHO)
    assert await BOARDS.retry(picky)

    (noted,) = await audit(picky)
    assert due == {poison.id: 1}
    assert await parked(picky) == []
    assert await registered(picky) == {str(made("a")): 2}
    assert (noted["operator"], noted["reason"], noted["action"]) == ("nguyen.van.a", WHO.reason, "EDITED")
    assert (noted["before"], noted["after"]) == (poison.body, mended(poison))
    assert all(noted[name] == before[name] for name in ("type", "subject", "error", "fingerprint", "logseq"))
    assert (noted["event"], noted["at"] > before["parked_at"]) == (poison.id, True)
    # The bytes as told come again: they are the same event, and change nothing.
    assert await settle(picky, poison) == 0
    assert await act(picky, operating.edits) == [poison.id]


async def test_an_edited_event_that_is_kept_waits_until_it_is_retried(picky: Database) -> None:
    poison = house("a", 99)
    await settle(picky, poison)

    async with picky.transaction() as tx:
        await operating.edited(tx, poison.id, poison.body, mended(poison), WHO, keep=True)
    await fetch(picky, "INSERT INTO clock_setting VALUES ($1)", datetime.now(UTC) + timedelta(days=9))

    assert not await BOARDS.retry(picky)
    assert await act(picky, operating.edits) == []
    assert await act(picky, lambda tx: operating.retried(tx, [poison.id], By("b"))) == {poison.id: 1}
    assert await BOARDS.retry(picky)
    assert await parked(picky) == []
    assert [row["action"] for row in await audit(picky)] == ["EDITED", "RETRIED"]


async def test_an_edit_may_give_an_event_another_type(picky: Database) -> None:
    future = json.dumps({**json.loads(house("a").body), "type": "buildings.building_registered.v7"}).encode()
    await BOARDS.settle(picky, [Delivery(future, "buildings", 1)])

    async with picky.transaction() as tx:
        await operating.edited(tx, house("a").id, future, house("a").body, WHO)

    (aside,) = await parked(picky)
    assert aside["type"] == "buildings.building_registered.v1"
    assert await BOARDS.retry(picky)
    assert await registered(picky) == {str(made("a")): 1}


async def test_an_edit_of_what_is_gone_or_was_edited_meanwhile_changes_nothing(picky: Database) -> None:
    poison = house("a", 99)
    await settle(picky, poison)
    async with picky.transaction() as tx:
        await operating.edited(tx, poison.id, poison.body, mended(poison, 98), WHO, keep=True)
    as_it_is = await parked(picky)

    with pytest.raises(operating.ChangedMeanwhile):
        await act(picky, lambda tx: operating.edited(tx, poison.id, poison.body, mended(poison), WHO))
    with pytest.raises(operating.NoLongerParked):
        await act(picky, lambda tx: operating.edited(tx, uuid4(), poison.body, mended(poison), WHO))

    assert await parked(picky) == as_it_is
    assert len(await audit(picky)) == 1


# Beside the service's own retry.


def slow(begun: asyncio.Event, go_on: asyncio.Event) -> Consumers:
    """Return consumers whose reader waits in the middle of its transaction."""
    waiting = Consumers("boards")

    @waiting.on(BuildingRegistered)
    async def building_registered(events: Sequence[Told[BuildingRegistered]], tx: Transaction) -> None:
        begun.set()
        await go_on.wait()

    return waiting


@pytest.mark.parametrize("what", ["edited", "dropped", "retried"])
async def test_an_operator_waits_for_a_retry_in_work_and_finds_the_event_applied(picky: Database, what: str) -> None:
    poison = house("a", 99)
    await settle(picky, poison)
    await act(picky, lambda tx: operating.retried(tx, [poison.id], By("a")))
    acting: dict[str, Callable[[Transaction], Awaitable[Any]]] = {
        "edited": lambda tx: operating.edited(tx, poison.id, poison.body, mended(poison), WHO),
        "dropped": lambda tx: operating.dropped(tx, [poison.id], WHO),
        "retried": lambda tx: operating.retried(tx, [poison.id], WHO),
    }
    begun, go_on = asyncio.Event(), asyncio.Event()

    retrying = asyncio.create_task(slow(begun, go_on).retry(picky))
    await begun.wait()
    operator = asyncio.create_task(act(picky, acting[what]))
    await until(lambda: held_up(picky))
    go_on.set()
    applied = await retrying
    came = (await asyncio.gather(operator, return_exceptions=True))[0]

    assert applied
    assert isinstance(came, operating.NoLongerParked) if what == "edited" else not came
    assert [row["action"] for row in await audit(picky)] == ["RETRIED"]
    assert await parked(picky) == []


async def held_up(database: Database) -> bool:
    """Tell whether a session of this database waits for another."""
    rows = await fetch(
        database,
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0",
    )
    return bool(rows)


async def test_the_service_passes_over_an_event_that_an_operator_has_in_hand(picky: Database) -> None:
    poison, other = house("a", 99), house("b", 98)
    await settle(picky, poison, other)
    await act(picky, lambda tx: operating.retried(tx, [poison.id, other.id], By("a")))

    async with picky.transaction() as tx:
        await operating.edited(tx, poison.id, poison.body, mended(poison), WHO)
        assert await BOARDS.retry(picky)
        assert not await BOARDS.retry(picky)
    assert await BOARDS.retry(picky)

    (aside,) = await parked(picky)
    assert (aside["id"], aside["attempts"]) == (other.id, 2)
    assert await registered(picky) == {str(made("a")): 2}


# Set aside, and put back.


async def test_a_dropped_event_is_gone_and_comes_back_as_it_was(picky: Database) -> None:
    poison = house("a", 99)
    await settle(picky, poison)
    (before,) = await parked(picky)

    gone = await act(picky, lambda tx: operating.dropped(tx, [poison.id, uuid4()], WHO))
    between = await parked(picky)
    await act(picky, lambda tx: operating.restored(tx, poison.id, By("tran.thi.b")))

    (after,) = await parked(picky)
    dropped, restored = await audit(picky)
    assert gone == [poison.id]
    assert between == []
    assert {**after, "next_at": None} == {**before, "next_at": None}
    assert after["next_at"] is None
    assert (dropped["action"], dropped["before"], dropped["reason"]) == ("DROPPED", poison.body, WHO.reason)
    assert (restored["action"], restored["after"], restored["operator"]) == ("RESTORED", poison.body, "tran.thi.b")


async def test_a_dropped_event_that_is_heard_again_stays_dropped_until_restored(picky: Database) -> None:
    poison = house("a", 99)
    await settle(picky, poison)
    await act(picky, lambda tx: operating.dropped(tx, [poison.id], WHO))

    await settle(picky, poison, house("b"))
    assert await parked(picky) == []
    await act(picky, lambda tx: operating.restored(tx, poison.id, WHO))
    await act(picky, lambda tx: operating.dropped(tx, [poison.id], WHO))
    await settle(picky, poison)
    assert await parked(picky) == []
    await act(picky, lambda tx: operating.restored(tx, poison.id, WHO))

    assert [row["id"] for row in await parked(picky)] == [poison.id]
    assert await registered(picky) == {str(made("b")): 1}


async def test_a_dropped_event_that_can_be_applied_when_it_comes_again_is_and_restoring_it_changes_nothing(
    picky: Database,
) -> None:
    poison = house("a", 99)
    await settle(picky, poison)
    await act(picky, lambda tx: operating.dropped(tx, [poison.id], WHO))
    await fetch(picky, "ALTER TABLE building_registered DROP CONSTRAINT picky")

    assert await settle(picky, poison) == 1
    await act(picky, lambda tx: operating.restored(tx, poison.id, WHO))
    await act(picky, lambda tx: operating.retried(tx, [poison.id], WHO))
    assert await BOARDS.retry(picky)

    assert await parked(picky) == []
    assert await registered(picky) == {str(made("a")): 99}


async def test_what_was_not_dropped_is_not_restored_and_nothing_twice(picky: Database) -> None:
    poison = house("a", 99)
    await settle(picky, poison)

    with pytest.raises(operating.NotDropped):
        await act(picky, lambda tx: operating.restored(tx, poison.id, WHO))
    await act(picky, lambda tx: operating.dropped(tx, [poison.id], WHO))
    twice = [act(picky, lambda tx: operating.restored(tx, poison.id, WHO)) for _ in range(2)]
    came = await asyncio.gather(*twice, return_exceptions=True)

    assert sorted(type(one).__name__ for one in came if one) in (["NotDropped"], ["ParkedAlready"])
    assert [row["action"] for row in await audit(picky)] == ["DROPPED", "RESTORED"]


async def test_an_edited_event_that_was_dropped_was_not_applied_otherwise_than_told(picky: Database) -> None:
    poison = house("a", 99)
    await settle(picky, poison)
    await act(picky, lambda tx: operating.edited(tx, poison.id, poison.body, mended(poison), WHO, keep=True))
    await act(picky, lambda tx: operating.dropped(tx, [poison.id], WHO))

    assert await act(picky, operating.edits) == []


# Kept for ever.


@asynccontextmanager
async def both_parts(service: str, fresh: Database) -> AsyncIterator[list[Database]]:
    apart = Database(restricted_role(fresh._address), "chungcu test", RESTRICTED_SCHEMA)
    await apart.open(largest=2)
    try:
        yield [fresh, apart]
    finally:
        await apart.close()


async def test_in_both_parts_the_audit_takes_rows_and_gives_none_back(database: Fresh) -> None:
    async with both_parts("reporting", await database("reporting")) as parts:
        for part in parts:
            async with part.transaction() as tx:
                await parking.park(tx, b"garbage", None, None, ValueError("x"))
                (row,) = await operating.parked(tx)
                await operating.looked(tx, [row["id"]], By("a", "to see what it is"))
            for change in (
                "UPDATE parked_audit SET reason = NULL",
                "DELETE FROM parked_audit",
                "TRUNCATE parked_audit",
            ):
                with pytest.raises(asyncpg.PostgresError, match="neither changed nor removed") as refused:
                    await fetch(part, change)
                assert refused.value.sqlstate == "CC002"
            assert [row["action"] for row in await audit(part)] == ["LOOKED"]


@pytest.mark.parametrize("reason", [None, "too short"])
@pytest.mark.parametrize("what", ["edited", "dropped", "looked"])
async def test_what_needs_a_reason_is_not_done_without_one(picky: Database, what: str, reason: str | None) -> None:
    poison = house("a", 99)
    await settle(picky, poison)
    as_it_is = await parked(picky)
    acting: dict[str, Callable[[Transaction], Awaitable[Any]]] = {
        "edited": lambda tx: operating.edited(tx, poison.id, poison.body, mended(poison), By("a", reason)),
        "dropped": lambda tx: operating.dropped(tx, [poison.id], By("a", reason)),
        "looked": lambda tx: operating.looked(tx, [poison.id], By("a", reason)),
    }

    with pytest.raises(asyncpg.CheckViolationError):
        await act(picky, acting[what])

    assert await parked(picky) == as_it_is
    assert await audit(picky) == []


async def test_a_look_at_what_is_no_longer_parked_is_noted_too(picky: Database) -> None:
    one, other = house("a", 99), house("b", 99)
    await settle(picky, one, other)
    await act(picky, lambda tx: operating.dropped(tx, [one.id], WHO))

    await act(picky, lambda tx: operating.looked(tx, [one.id, other.id], By("a", "to see the bodies")))

    looks = [row for row in await audit(picky) if row["action"] == "LOOKED"]
    assert {row["event"] for row in looks} == {one.id, other.id}
    assert len(looks) == 2


# Later events of the same subject.


async def test_later_events_are_applied_meanwhile_and_the_older_one_ends_where_it_would_have(
    picky: Database, database: Fresh
) -> None:
    in_order = await database("boards")
    first, corrected = house("a", 99), house("a", 3, version=3, corrects=house("a", 99).id)
    moved = told(BuildingAssignedToUnit(subject=str(made("a")), unit=OTHER_WARD, on=first.on, ward=OTHER_WARD_ID), 2)
    later = [moved, corrected]

    await settle(picky, first, *later)
    applied_meanwhile = await state(picky)
    await fetch(picky, "ALTER TABLE building_registered DROP CONSTRAINT picky")
    await act(picky, lambda tx: operating.retried(tx, [first.id], WHO))
    assert await BOARDS.retry(picky)
    for event in (first, *later):
        await settle(in_order, event)

    assert len(applied_meanwhile["building_place"]) == 2
    assert await state(picky) == await state(in_order)
    assert await parked(picky) == []
    assert len((await state(picky))["building_registered"]) == 2


async def state(database: Database) -> dict[str, list[str]]:
    names = ("building_registered", "building", "building_place")
    return {
        name: [row["t"] for row in await fetch(database, f"SELECT t::text AS t FROM {name} AS t ORDER BY 1")]
        for name in names
    }


# What the broker gives up.


@pytest.fixture
async def process(databases: Databases, keys: Keys) -> AsyncIterator[Process]:
    """Give the worker of a service, not yet running, with exchanges and queues of its own."""
    settings = OwnDatabases(
        env=Environment.DEVELOPMENT,
        addresses={"buildings": await databases.new("buildings")},
        jwks=str(keys.file),
        rabbitmq_url=RABBITMQ,
        instance=f"dead_{uuid4().hex[:8]}",
    )
    planned = topology.plan([SERVICES["buildings"].hearing])
    async with await aio_pika.connect(settings.broker()) as connection:
        await topology.declare(connection, settings, planned)
        yield Process(SERVICES["buildings"], settings, Part.WORKER)
        await topology.remove(connection, settings, planned)


async def put(process: Process, queue: str, body: bytes, **headers: Any) -> None:
    async with await aio_pika.connect(RABBITMQ) as connection, connection.channel() as channel:
        message = aio_pika.Message(body, headers=headers, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, routing_key=process.settings.on_the_bus(queue))


async def heard(process: Process, event: UUID) -> bool:
    return bool(await fetch(process.database, "SELECT FROM inbox WHERE event = $1", event))


async def test_an_innocent_that_a_crashing_consumer_brought_to_its_limit_is_applied_after_all(process: Process) -> None:
    event = told(board_formed())
    await put(process, "buildings", event.body)
    async with await aio_pika.connect(RABBITMQ) as connection, connection.channel() as channel:
        queue = await channel.get_queue(process.settings.on_the_bus("buildings"))
        deliveries = 0
        while message := await queue.get(fail=False):
            deliveries += 1
            await message.reject(requeue=True)
        dead = await channel.declare_queue(process.settings.on_the_bus("buildings.dead"), passive=True)

        async def arrived() -> bool:
            again = await channel.declare_queue(dead.name, passive=True)
            return again.declaration_result.message_count == 1

        await until(arrived)

    async with process.running():
        await until(lambda: heard(process, event.id))
        rows = await parked(process.database)

    assert deliveries > topology.DELIVERIES
    assert rows == []


@pytest.mark.parametrize(
    ("flag", "properties"),
    [
        (1 << 6, struct.pack(">Q", 1_790_000_000_000_000)),
        (1 << 7, b"\x02\xff\xfe"),
        (1 << 13, struct.pack(">I", 5) + b"\x02\xff\xfet\x01"),
    ],
    ids=["time in microseconds", "id that is no UTF-8", "header that is no UTF-8"],
)
async def test_properties_that_cannot_be_decoded_end_no_connection(
    process: Process, flag: int, properties: bytes
) -> None:
    first, second = told(board_formed()), told(board_formed(made("another board")))
    await put_raw(process, "buildings", first.body, flag, properties)
    await put(process, "buildings", second.body)

    async with process.running():
        await until(lambda: heard(process, first.id))
        await until(lambda: heard(process, second.id))
        rows = await parked(process.database)

    assert rows == []


async def put_raw(process: Process, queue: str, body: bytes, flag: int, properties: bytes) -> None:
    """Publish with properties as they are, which no library would write (AMQP 0-9-1, §4.2)."""
    connection = await aiormq.connect(RABBITMQ)
    channel = await connection.channel(publisher_confirms=False)
    assert isinstance(channel, aiormq.Channel)
    name = process.settings.on_the_bus(queue).encode()

    def frame(kind: int, payload: bytes) -> bytes:
        return struct.pack(">BHI", kind, channel.number, len(payload)) + payload + b"\xce"

    published = struct.pack(">HHHBB", 60, 40, 0, 0, len(name)) + name + b"\x00"
    header = struct.pack(">HHQH", 60, 0, len(body), flag) + properties
    written = asyncio.get_running_loop().create_future()
    frames = frame(1, published) + frame(2, header) + frame(3, body)
    await channel.write_queue.put(ChannelFrame(frames, should_close=False, drain_future=written))
    await written
    await connection.close()


async def test_what_this_edition_does_not_hear_waits_for_one_that_does(database: Fresh) -> None:
    boards = await database("boards")
    event, replayed = told(petition_filed()), told(petition_filed(made("another petition")))
    settled = await BOARDS.settle(boards, [Delivery(event.body), Delivery(replayed.body, replayed=True)])
    later = Consumers("boards")
    came: list[UUID] = []

    @later.on(PetitionFiled)
    async def petition_filed_(events: Sequence[Told[PetitionFiled]], _: Transaction) -> None:
        came.extend(one.id for one in events)

    (row,) = await parked(boards)
    await fetch(boards, "UPDATE parked SET next_at = now()")
    assert await later.retry(boards)

    assert settled == 0
    assert (row["id"], row["error"]) == (event.id, f"NotHeard: {event.type}")
    assert await fetch(boards, "SELECT event FROM inbox WHERE event = $1", replayed.id) == []
    assert came == [event.id]


async def test_how_far_a_log_goes_is_not_parked_when_the_broker_gives_it_up(process: Process) -> None:
    await put(process, "buildings.dead", b"{}", logsource="boards", loghead=7)
    event = told(board_formed())
    await put(process, "buildings.dead", event.body)

    async with process.running():
        await until(lambda: heard(process, event.id))
        rows = await parked(process.database)

    assert rows == []


async def test_what_nobody_can_read_comes_from_the_dead_into_the_table_and_is_tried_at_once(process: Process) -> None:
    connection = await asyncpg.connect(process.settings.database("buildings"))
    # Time stands still: whatever is to be tried later never is.
    await connection.execute("INSERT INTO clock_setting VALUES (now())")
    await connection.close()
    await put(process, "buildings.dead", b"\x00 no json", logsource="\x00")

    async with process.running():

        async def tried() -> bool:
            return [row["attempts"] for row in await parked(process.database)] == [2]

        async def measured() -> bool:
            names = ("chungcu_parked", "chungcu_parked_oldest_seconds")
            count, oldest = (process.metrics.registry.get_sample_value(name) or 0 for name in names)
            return count == 1 and oldest > 0

        await until(tried)
        await until(measured)
        (aside,) = await parked(process.database)

    # That it was given up is no longer its error: what reading it said is.
    assert (aside["type"], aside["error"]) == ("unreadable", "Unreadable: not JSON")
    assert (aside["source"], aside["body"]) == (None, b"\x00 no json")
