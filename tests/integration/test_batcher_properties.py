"""Whatever the broker and fate do to deliveries, a reader ends in the same state, and acknowledges only what it applied."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from shared.database import Database, Transaction
from shared.events import BuildingRegistered, Told
from tests.chaos.points.faults import Countdown, copy_of
from tests.chaos.points.guards import GUARDS, Guard
from tests.conftest import Databases
from tests.examples import building_registered, made, told

EVENTS = [told(building_registered(made(f"counted {nth}")), name=f"counted {nth}") for nth in range(8)]
PATIENCE = 5.0
TALLY = "CREATE TABLE tally (event uuid PRIMARY KEY, times int NOT NULL)"
"""A state that shows each application: nothing but the inbox keeps an event from being counted again."""


@dataclass(frozen=True)
class Life:
    """One process, or one connection of it: in which order deliveries are handed in, and how it ends."""

    order: int
    """The dice by which deliveries are shuffled."""
    together: int
    """How many are handed in before the batch may look."""
    reconnects_after: int | None
    """How many are handed in before the channel is gone and a new one begins at 1."""
    crashes_after: int | None
    """How many sides of places that wait are passed before everything ends."""


@dataclass(frozen=True)
class Fate:
    """What is delivered, repeats included, and the lives that it takes; after them there is a quiet one."""

    deliveries: list[int]
    lives: list[Life]


FATES = some.builds(
    Fate,
    some.lists(some.integers(0, len(EVENTS) - 1), min_size=1, max_size=16),
    some.lists(
        some.builds(
            Life,
            some.integers(0, 1000),
            some.integers(1, 6),
            some.none() | some.integers(1, 8),
            some.none() | some.integers(1, 60),
        ),
        max_size=4,
    ),
)


@dataclass
class Wire:
    """A channel of the broker: it gives tags from 1, and takes an acknowledgement of all up to one of them."""

    broker: "Queue"
    delivered: list[int] = field(default_factory=list)
    acknowledged: int = 0
    closed: bool = False

    async def basic_ack(self, delivery_tag: int, multiple: bool = False, wait: bool = True) -> None:  # noqa: ARG002, FBT002
        """Take an acknowledgement, and see whether it claims more than was done."""
        if self.closed:
            raise ConnectionResetError
        assert multiple
        assert self.acknowledged < delivery_tag <= len(self.delivered), "acknowledged twice, or never delivered"
        run = self.delivered[self.acknowledged : delivery_tag]
        applied = await self.broker.applied()
        assert {str(EVENTS[nth].id) for nth in run} <= applied.keys(), "acknowledged and not applied"
        self.acknowledged = delivery_tag


class Queue:
    """What the broker keeps until it is acknowledged; a channel that goes gives back what it had."""

    def __init__(self, database: Database, deliveries: list[int]) -> None:
        """Keep these."""
        self._database = database
        self.waiting = list(deliveries)

    async def applied(self) -> dict[str, int]:
        """Return which events have been applied, and how often."""
        async with self._database.transaction() as tx:
            return {str(row["event"]): row["times"] for row in await tx.fetch("SELECT * FROM tally")}

    def open(self) -> Wire:
        """Deliver everything over a new channel."""
        wire = Wire(self, self.waiting)
        self.waiting = []
        return wire

    def close(self, wire: Wire) -> None:
        """Lose a channel."""
        wire.closed = True
        self.waiting += wire.delivered[wire.acknowledged :]


async def applied(events: Sequence[Told[BuildingRegistered]], tx: Transaction) -> None:
    """Count each event."""
    await tx.execute(
        """INSERT INTO tally SELECT e, 1 FROM unnest($1::uuid[]) AS e
           ON CONFLICT (event) DO UPDATE SET times = tally.times + 1""",
        sorted(event.id for event in events),
    )


class Reader:
    """The batch and the inbox as the source has them now, with or without their guards, watched all over."""

    def __init__(self, without: Sequence[Guard] = ()) -> None:
        """Read the source once; it is begun anew for every life."""
        self.end = Countdown()
        self.hearing = copy_of("shared.consumers.hearing", self.end, without)
        self.batching = copy_of("shared.consumers.batching", self.end, without)
        self.consumers = self.hearing.Consumers("boards")
        self.consumers.on(BuildingRegistered)(applied)


async def ends_in_the_same_state(database: Database, fate: Fate, reader: Reader) -> None:
    """Let deliveries come as fate wants; afterwards each event was counted once and nothing waits."""
    async with database.transaction() as tx:
        for table in ("tally", "inbox"):
            await tx.execute(f"DELETE FROM {table}")
    queue = Queue(database, fate.deliveries)
    quiet = Life(order=0, together=len(fate.deliveries), reconnects_after=None, crashes_after=None)
    for life in [*fate.lives, quiet]:
        await live(database, queue, life, reader)
    assert queue.waiting == []
    assert await queue.applied() == {str(EVENTS[nth].id): 1 for nth in fate.deliveries}


async def live(database: Database, queue: Queue, life: Life, reader: Reader) -> None:
    """Read what waits until it is done, or until the end comes."""
    reader.end.wind(life.crashes_after)

    async def apply(deliveries: Sequence[Any]) -> None:
        await reader.consumers.settle(database, deliveries)

    batcher = reader.batching.Batcher(apply)
    running = asyncio.create_task(batcher.run())
    dice, taking, wire = random.Random(life.order), [], queue.open()
    over = asyncio.create_task(reader.end.crashed.wait())
    left = life.reconnects_after
    tags = dice.sample(range(1, len(wire.delivered) + 1), len(wire.delivered))
    while tags and not over.done():
        tag = tags.pop()
        delivery = reader.hearing.Delivery(EVENTS[wire.delivered[tag - 1]].body, "buildings")
        taking.append(asyncio.create_task(batcher.take(wire, tag, delivery)))
        if len(taking) % life.together == 0:
            await asyncio.sleep(dice.choice((0, 0, 0.002)))
        if left is not None and len(taking) == left:
            await asyncio.sleep(0)
            queue.close(wire)
            wire = queue.open()
            tags = dice.sample(range(1, len(wire.delivered) + 1), len(wire.delivered))
            left = None
    everything = asyncio.gather(*taking, return_exceptions=True)
    ends: set[asyncio.Future[Any]] = {everything, over, running}
    done, _ = await asyncio.wait(ends, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    queue.close(wire)
    crashed = over.done()
    for task in (over, running, *taking):
        task.cancel()
    ended = await asyncio.gather(running, *taking, return_exceptions=True)
    await asyncio.gather(over, everything, return_exceptions=True)
    assert done, "deliveries are stuck"
    if not crashed:
        for one in ended:
            if isinstance(one, Exception):
                raise one


TryFates = Callable[..., None]


@pytest.fixture
async def address(databases: Databases) -> str:
    return await databases.new("boards")


@pytest.fixture
def try_fates(address: str) -> Iterator[TryFates]:
    """Try fates on one database, in a loop of its own."""
    with asyncio.Runner() as runner:
        database = Database(address, "chungcu test")
        runner.run(prepare(database))

        def run(without: Sequence[Guard] = (), examples: int = 200, phases: Sequence[Phase] = tuple(Phase)) -> None:
            reader = Reader(without)

            @settings(max_examples=examples, deadline=None, phases=phases, database=None)
            @given(fate=FATES)
            def each(fate: Fate) -> None:
                runner.run(ends_in_the_same_state(database, fate, reader))

            each()

        yield run
        runner.run(database.close())


async def prepare(database: Database) -> None:
    connection = await database.connect()
    await connection.execute(TALLY)
    # Thousands of small commits, and nobody pulls the plug.
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    await connection.close()
    await database.open()


def test_any_fate_ends_in_the_same_state_and_only_what_was_applied_is_acknowledged(
    try_fates: TryFates,
) -> None:
    try_fates()


@pytest.mark.parametrize("guard", ["inbox", "contiguous"])
def test_without_a_guard_some_fate_shows_it(try_fates: TryFates, guard: str) -> None:
    with pytest.raises(AssertionError):
        try_fates([GUARDS[guard]], 500, [Phase.generate])
