"""Whatever the broker and fate do to deliveries, a reader ends in the same state, and acknowledges only what it applied."""

import asyncio
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from shared.database import Database
from tests.chaos.points.counting import EVENTS, TALLY, counted, reader
from tests.chaos.points.faults import Countdown, copy_of
from tests.chaos.points.guards import GUARDS, Guard
from tests.conftest import Databases

PATIENCE = 4.0


@dataclass(frozen=True)
class Life:
    """One process, or one connection of it: in which order deliveries are handed in, and how it ends."""

    order: int
    """The dice by which deliveries are shuffled."""
    together: int
    """How many are handed in before the batch may look."""
    reconnects_after: int | None
    """How many are handed in before the channel is gone and a new one begins at 1."""
    late: bool
    """Whether what the old channel had brought is handed in once the new one has begun."""
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
            some.booleans(),
            some.none() | some.integers(1, 60),
        ),
        max_size=4,
    ),
)


@dataclass(eq=False)
class Wire:
    """A channel of the broker: it gives tags from 1, and takes an acknowledgement of all up to one of them."""

    broker: "Queue"
    delivered: list[int] = field(default_factory=list)
    acknowledged: int = 0
    closed: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

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
        self.look()

    def look(self) -> None:
        """Note whether everything is acknowledged."""
        if self.acknowledged == len(self.delivered):
            self.done.set()


class Queue:
    """What the broker keeps until it is acknowledged; a channel that goes gives back what it had."""

    def __init__(self, database: Database, deliveries: list[int]) -> None:
        """Keep these."""
        self._database = database
        self.waiting = list(deliveries)

    async def applied(self) -> dict[str, int]:
        """Return which events have been applied, and how often."""
        return await counted(self._database)

    def open(self) -> Wire:
        """Deliver everything over a new channel."""
        wire = Wire(self, self.waiting)
        self.waiting = []
        wire.look()
        return wire

    def close(self, wire: Wire) -> None:
        """Lose a channel."""
        wire.closed = True
        self.waiting += wire.delivered[wire.acknowledged :]


class Reader:
    """The batch and the inbox as the source has them now, with or without their guards, watched all over."""

    def __init__(self, without: Sequence[Guard] = ()) -> None:
        """Read the source once; it is begun anew for every life."""
        self.end = Countdown()
        self.hearing = copy_of("shared.consumers.hearing", self.end, without)
        self.batching = copy_of("shared.consumers.batching", self.end, without)
        self.consumers = reader(self.hearing)


async def ends_in_the_same_state(database: Database, fate: Fate, source: Reader) -> None:
    """Let deliveries come as fate wants; afterwards each event was counted once and nothing waits."""
    async with database.transaction() as tx:
        for table in ("tally", "inbox"):
            await tx.execute(f"DELETE FROM {table}")
    queue = Queue(database, fate.deliveries)
    quiet = Life(order=0, together=len(fate.deliveries), reconnects_after=None, late=False, crashes_after=None)
    for life in [*fate.lives, quiet]:
        await live(database, queue, life, source)
    assert queue.waiting == []
    applied = await queue.applied()
    assert applied.keys() == {str(EVENTS[nth].id) for nth in fate.deliveries}
    assert set(applied.values()) == {1}, "counted twice"


async def live(database: Database, queue: Queue, life: Life, source: Reader) -> None:
    """Read what waits until it is done, or until the end comes."""
    source.end.wind(life.crashes_after)

    async def apply(deliveries: Sequence[Any]) -> None:
        await source.consumers.settle(database, deliveries)

    batcher = source.batching.Batcher(apply)
    running = asyncio.create_task(batcher.run())
    over = asyncio.create_task(source.end.crashed.wait())
    dice, wire, handed_in = random.Random(life.order), queue.open(), 0
    late: list[tuple[Wire, int]] = []

    def hand_in(channel: Wire, tag: int) -> None:
        event = EVENTS[channel.delivered[tag - 1]]
        batcher.put(channel, tag, source.hearing.Delivery(event.body, "buildings"))

    tags = shuffled(wire, dice)
    while tags and not over.done():
        tag = tags.pop()
        hand_in(wire, tag)
        handed_in += 1
        while late:
            hand_in(*late.pop())
        if handed_in % life.together == 0:
            await asyncio.sleep(dice.choice((0, 0, 0.002)))
        if handed_in == life.reconnects_after:
            queue.close(wire)
            late = [(wire, tag) for tag in tags] if life.late else []
            wire = queue.open()
            tags = shuffled(wire, dice)
    done = asyncio.create_task(wire.done.wait())
    ends: set[asyncio.Task[Any]] = {done, over, running}
    ended, _ = await asyncio.wait(ends, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    crashed = over.done()
    queue.close(wire)
    for task in ends:
        task.cancel()
    came_to = (await asyncio.gather(running, done, over, return_exceptions=True))[0]
    assert ended, "deliveries are stuck"
    if isinstance(came_to, Exception) and not crashed:
        raise came_to


def shuffled(wire: Wire, dice: random.Random) -> list[int]:
    """Return the tags of a channel in some order."""
    return dice.sample(range(1, len(wire.delivered) + 1), len(wire.delivered))


TryFates = Callable[[Sequence[Guard]], str | None]


@pytest.fixture
async def address(databases: Databases) -> str:
    return await databases.new("boards")


@pytest.fixture
def try_fates(address: str) -> Iterator[TryFates]:
    """Try fates on one database, in a loop of its own; without a guard, return what it comes to."""
    with asyncio.Runner() as runner:
        database = Database(address, "chungcu test")
        runner.run(prepare(database))

        def run(without: Sequence[Guard] = ()) -> str | None:
            source, shown = Reader(without), list[str]()

            @settings(max_examples=200, deadline=None, database=None)
            @given(fate=FATES)
            def each(fate: Fate) -> None:
                if shown:
                    return  # once is enough, and the same fate may end otherwise: time plays along
                try:
                    runner.run(ends_in_the_same_state(database, fate, source))
                except (AssertionError, KeyError) as error:
                    if not without:
                        raise
                    shown.append(str(error))

            each()
            return shown[0] if shown else None

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
    try_fates([])


@pytest.mark.parametrize(
    ("guard", "shown"),
    [
        ("inbox", "counted twice"),
        ("contiguous", "acknowledged and not applied"),
        ("channel", "stuck|not applied|^[0-9]+$"),  # or a tag is looked for that is none of its channel's
    ],
)
def test_without_a_guard_some_fate_shows_it(try_fates: TryFates, guard: str, shown: str) -> None:
    found = try_fates([GUARDS[guard]])

    assert found is not None
    assert re.search(shown, found)
