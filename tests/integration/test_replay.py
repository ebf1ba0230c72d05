"""A replay brings the whole log into one queue and hands over to live events without a gap, while all goes on."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import aio_pika
import httpx
import orjson
import pytest
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from ops.console import Fault, Step
from ops.replay import Past, Replay, _ours
from ops.services import SERVICES
from shared import event_log, topology
from shared.consumers import Delivery, operating
from shared.relay import NUMBER, Relay
from shared.service import Process
from shared.settings import Environment, Settings
from shared.telemetry import Metrics
from shared.uuids import uuid7
from tests.conftest import RABBITMQ, Databases, Keys, OwnDatabases, Serve, Served
from tests.examples import OTHER_WARD, WARD, caller, made, petition_filed

QUEUE = "newcomer"
SLOW_TO_NOTE = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.15); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE UPDATE OF sent ON relay FOR EACH ROW EXECUTE FUNCTION slow();
"""
"""What the broker has confirmed is noted only a while later."""


@pytest.fixture
async def boards(serve: Serve) -> Served:
    return await serve("boards")


@pytest.fixture
def settings() -> Settings:
    """Name an installation of the test's own on the broker."""
    return Settings.model_validate({"instance": f"replay_{uuid4().hex[:8]}", "rabbitmq_url": RABBITMQ})


@pytest.fixture
async def broker(settings: Settings) -> AsyncIterator[AbstractConnection]:
    async with await aio_pika.connect(settings.broker()) as connection:
        await topology.declare(connection, settings, topology.plan([]))
        yield connection
        async with connection.channel() as channel:
            await channel.queue_delete(settings.on_the_bus(QUEUE))
        await topology.remove(connection, settings, topology.plan([one.hearing for one in SERVICES.values()]))


async def tell(served: Served, *subjects: str, unit: str = WARD) -> None:
    """Tell one fact of each subject, in one command."""
    async with served.database.transaction() as tx:
        await event_log.lock(tx, *subjects)
        for subject in subjects:
            fact = petition_filed(building=None).model_copy(update={"subject": subject, "unit": unit})
            await event_log.append(tx, fact, by=caller(event_id=uuid7()))


async def number(served: Served, up_to: int) -> None:
    """Number the log as the relay does, without telling anything."""
    async with asyncio.timeout(20):
        while True:
            async with served.database.transaction() as tx:
                await tx.execute(NUMBER, 1000)
                if await tx.value("SELECT numbered FROM relay") == up_to:
                    return


async def log_of(served: Served) -> list[tuple[str, int]]:
    async with served.database.transaction() as tx:
        rows = await tx.fetch("SELECT l.id, o.logseq FROM log_order AS o JOIN event_log AS l USING (pos) ORDER BY 2")
    return [(str(row["id"]), row["logseq"]) for row in rows]


async def all_sent(served: Served) -> None:
    async with asyncio.timeout(30):
        while True:
            async with served.database.transaction() as tx:
                if await tx.value("SELECT sent = (SELECT count(*) FROM event_log) FROM relay"):
                    return
            await asyncio.sleep(0.05)


async def taken(connection: AbstractConnection, settings: Settings) -> list[AbstractIncomingMessage]:
    """Take everything from the newcomer's queue."""
    async with connection.channel() as channel:
        queue = await channel.get_queue(settings.on_the_bus(QUEUE))
        messages = []
        while message := await queue.get(no_ack=True, fail=False):
            messages.append(message)
        return messages


def replay(settings: Settings, served: Served, **more: Any) -> Replay:
    return Replay(settings, more.pop("queue", QUEUE), [Past("boards", served.client)], **more)


def relay(served: Served, settings: Settings) -> "asyncio.Task[None]":
    return asyncio.create_task(Relay("boards", served.database, settings, Metrics()).run())


def numbers(messages: list[AbstractIncomingMessage]) -> list[int]:
    return [int(str(message.headers["logseq"])) for message in messages]


async def test_a_queue_filled_while_commands_keep_coming_holds_exactly_the_log(
    boards: Served, settings: Settings, broker: AbstractConnection
) -> None:
    """With a backlog numbered and not sent, a wait between confirming and noting, and a relay that dies meanwhile."""
    dice = random.Random(20221201)
    subjects = [str(made(f"subject {nth}")) for nth in range(60)]
    for _ in range(20):
        await tell(boards, *subjects)
    await number(boards, 1200)
    async with boards.database.transaction() as tx:
        await tx.execute(SLOW_TO_NOTE)
    enough = asyncio.Event()

    async def keep_commanding() -> None:
        while not enough.is_set():
            await tell(boards, *dice.sample(subjects, 3))

    async def keep_dying() -> None:
        while True:
            telling = relay(boards, settings)
            try:
                await asyncio.sleep(0.5)
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)

    commanding, dying = asyncio.create_task(keep_commanding()), asyncio.create_task(keep_dying())
    await asyncio.sleep(0.3)
    asked = replay(settings, boards)
    await asked.run(broker, Step("replay"))
    await asyncio.sleep(0.5)
    enough.set()
    await commanding
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    telling = relay(boards, settings)
    await all_sent(boards)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    messages = await taken(broker, settings)

    log = await log_of(boards)
    assert {(message.message_id, message.headers["logseq"]) for message in messages} == set(log)
    brought = [message for message in messages if message.headers.get("replayed")]
    live = [message for message in messages if not message.headers.get("replayed")]
    assert (len(brought), asked.pasts[0].read) == (asked.pasts[0].brought, numbers(brought)[-1])
    assert 0 < len(brought) < len(log)
    assert live
    both = set(numbers(brought)) & set(numbers(live))
    assert len(both) <= asked.pasts[0].twice
    # What is brought keeps the order of the log, in which each subject has its versions in order.
    assert numbers(brought) == list(range(1, len(brought) + 1))
    assert {message.body for message in brought if numbers([message])[0] in both} == {
        message.body for message in live if numbers([message])[0] in both
    }


async def test_what_is_told_and_sent_between_any_two_of_its_steps_is_not_missed(
    boards: Served, settings: Settings, broker: AbstractConnection
) -> None:
    """After each page that the replay reads, another fact is told, and is on the bus before the replay goes on."""
    telling = relay(boards, settings)
    told = 0

    async def tell_another(_: httpx.Response) -> None:
        nonlocal told
        told += 1
        await tell(boards, str(made(f"subject {told}")))
        await all_sent(boards)

    await tell(boards, str(made("first")))
    boards.client.event_hooks = {"response": [tell_another]}
    asked = replay(settings, boards)

    await asked.run(broker, Step("replay"))
    await tell(boards, str(made("last")))
    await all_sent(boards)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    messages = await taken(broker, settings)

    # The first is history; another is sent before the queue is bound, and so brought; the others come live.
    assert told == 2
    found = [(message.headers["logseq"], bool(message.headers.get("replayed"))) for message in messages]
    assert sorted(found) == [(1, True), (2, True), (3, False), (4, False)]
    assert {(message.message_id, message.headers["logseq"]) for message in messages} == set(await log_of(boards))


async def test_types_and_unit_are_asked_of_the_past_and_of_what_comes(
    boards: Served, settings: Settings, broker: AbstractConnection
) -> None:
    here, elsewhere = str(made("here")), str(made("elsewhere"))
    await tell(boards, here)
    await tell(boards, elsewhere, unit=OTHER_WARD)
    await number(boards, 2)
    asked = replay(settings, boards, types=("boards.petition_filed.v1",), unit=WARD)

    await asked.run(broker, Step("replay"))
    await tell(boards, here)
    await tell(boards, elsewhere, unit=OTHER_WARD)
    telling = relay(boards, settings)
    await all_sent(boards)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)

    found = Counter(
        (message.message_id, orjson.loads(message.body)["subject"]) for message in await taken(broker, settings)
    )
    log = await log_of(boards)
    # Number 1 was not sent when the queue was bound, so it came both ways, and that was said.
    assert found == {(log[0][0], here): 2, (log[2][0], here): 1}
    assert asked.pasts[0].twice == 1


async def test_whoever_binds_no_type_is_spared_the_heads_of_logs(
    boards: Served, settings: Settings, broker: AbstractConnection
) -> None:
    asked = replay(settings, boards)

    await asked.run(broker, Step("replay"))
    telling = relay(boards, settings)
    await asyncio.sleep(1)
    await tell(boards, str(made("one")))
    await all_sent(boards)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)

    assert len(await taken(broker, settings)) == 1
    assert asked.made


async def test_interrupted_it_goes_on_after_what_is_safe_in_the_queue(
    boards: Served, settings: Settings, broker: AbstractConnection
) -> None:
    for _ in range(10):
        await tell(boards, *(str(made(f"subject {nth}")) for nth in range(100)))
    await number(boards, 1000)
    asked = replay(settings, boards)
    running = asyncio.create_task(asked.run(broker, Step("replay")))
    while not asked.pasts[0].brought:
        await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    stood = asked.pasts[0].read
    again = Replay(settings, QUEUE, [Past("boards", boards.client, read=stood)])
    await again.run(broker, Step("replay"))

    assert 0 < stood < 1000
    assert again.pasts[0].brought == 1000 - stood
    assert set(numbers(await taken(broker, settings))) == set(range(1, 1001))


async def test_a_queue_that_is_there_stays_as_it_is(
    boards: Served, settings: Settings, broker: AbstractConnection
) -> None:
    async with broker.channel() as channel:
        await channel.declare_queue(settings.on_the_bus(QUEUE), durable=True, arguments={"x-max-length": 7})
    await tell(boards, str(made("one")))
    await number(boards, 1)
    asked = replay(settings, boards)

    await asked.run(broker, Step("replay"))

    assert not asked.made
    assert numbers(await taken(broker, settings)) == [1]


@pytest.mark.parametrize(
    ("queue", "force"),
    [("boards", False), ("boards.dead", True), ("restricted.reporting", True), ("chungcu.unheard", True)],
)
def test_queues_of_the_system_itself_are_refused(queue: str, *, force: bool) -> None:
    with pytest.raises(Fault):
        _ours(queue, force=force)


async def test_a_service_that_is_replayed_history_knows_it_and_notifies_nobody(
    boards: Served, settings: Settings, broker: AbstractConnection, databases: Databases, keys: Keys
) -> None:
    """Number 3 the bus has not had yet: it is left to come by itself, for then it is news."""
    for name in ("one", "two", "three"):
        await tell(boards, str(made(name)))
    await number(boards, 3)
    async with boards.database.transaction() as tx:
        await tx.execute("UPDATE relay SET sent = 2")
    of_notifications = OwnDatabases(
        env=Environment.DEVELOPMENT,
        addresses={"notifications": await databases.new("notifications")},
        jwks=str(keys.file),
        master_key_file=keys.master_key,
        rabbitmq_url=RABBITMQ,
        instance=settings.instance,
    )
    process = Process(SERVICES["notifications"], of_notifications)
    async with process.running():
        async with asyncio.timeout(20):
            while not process.listener.connected:
                await asyncio.sleep(0.05)
        await replay(settings, boards, queue="notifications", ours=True).run(broker, Step("replay"))
        telling = relay(boards, settings)
        found: list[tuple[str, str]] = []
        async with asyncio.timeout(20):
            while len(found) < 3:
                async with process.database.transaction() as tx:
                    rows = await tx.fetch(
                        "SELECT o.subject, n.reason FROM notice AS n JOIN occasion AS o USING (event)"
                    )
                found = [(row["subject"], row["reason"]) for row in rows]
                await asyncio.sleep(0.05)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)

    history = {subject for subject, reason in found if reason == "HISTORICAL"}
    assert history == {str(made("one")), str(made("two"))}


async def test_what_was_replayed_stays_history_when_it_had_to_be_put_aside(boards: Served, serve: Serve) -> None:
    notifications = await serve("notifications")
    consumers = SERVICES["notifications"].consumers
    await tell(boards, str(made("one")))
    async with boards.database.transaction() as tx:
        body = str(await tx.value("SELECT body FROM event_log")).encode()
    async with notifications.database.transaction() as tx:
        await tx.execute("ALTER TABLE notice RENAME TO notice_away")

    await consumers.settle(notifications.database, [Delivery(body, replayed=True)])
    async with notifications.database.transaction() as tx:
        await tx.execute("ALTER TABLE notice_away RENAME TO notice")
        (parked,) = await tx.fetch("SELECT id FROM parked")
        by = operating.By("operator", "replayed history that nobody understood")
        assert await operating.dropped(tx, [parked["id"]], by) == [parked["id"]]
        await operating.restored(tx, parked["id"], by)
        await tx.execute("UPDATE parked SET next_at = now()")
    await consumers.retry(notifications.database)

    async with notifications.database.transaction() as tx:
        assert await tx.value("SELECT reason FROM notice") == "HISTORICAL"


@pytest.mark.parametrize("order", [(True, False), (False, True)], ids=["history first", "news first"])
async def test_what_comes_replayed_and_by_itself_in_one_batch_is_news(
    boards: Served, serve: Serve, order: tuple[bool, bool]
) -> None:
    notifications = await serve("notifications")
    await tell(boards, str(made("one")))
    async with boards.database.transaction() as tx:
        body = str(await tx.value("SELECT body FROM event_log")).encode()

    batch = [Delivery(body, replayed=replayed) for replayed in order]
    await SERVICES["notifications"].consumers.settle(notifications.database, batch)

    async with notifications.database.transaction() as tx:
        assert await tx.value("SELECT status FROM notice") == "OPEN"
