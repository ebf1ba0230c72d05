"""Rebuilds entries and sums beside the live ones, under live traffic, proves them, and exchanges them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

import asyncpg
from asyncpg.cursor import Cursor

from services.reporting.store import beside, definitions, entries
from services.reporting.store.beside import NEXT, Digest
from services.reporting.store.entries import LIVE
from shared.database import Database, Record, Transaction

AT_MOST = 0.06
"""Seconds that a writing transaction should take: a longer one delays the relays of the whole server."""
SLICE = (100, 1000, 4000)
"""Rows in one transaction: at least, at first, at most."""
FEW = 100
"""Events that may be followed while no batch is applied."""
BATCH = 256
"""Events followed in one transaction otherwise."""
PAUSE = 0.2
"""Seconds between tries to exchange."""
READ_AHEAD = 5000
PATIENCE = 60.0
"""Seconds for which the exchange is tried again while somebody reads."""
QUEUED = "75ms"
"""How long an exchange may let those wait who come after it."""


class Phase(StrEnum):
    """What a rebuild is doing."""

    DERIVE = "derive"
    SUM = "sum"
    INDEX = "index"
    FOLLOW = "follow"
    COMPARE = "compare"
    EXCHANGE = "exchange"


class Busy(Exception):
    """Another rebuild is under way."""


class Crowded(Exception):
    """Somebody read without a pause, so that the tables could not be exchanged."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a comparison at one position found."""

    position: int
    live: dict[str, Digest]
    rebuilt: dict[str, Digest]
    redefined: bool
    """Whether the live book was derived by other definitions, or nobody knows by which."""
    wanted: bool
    """Whether the books are to differ, and the rebuilt one was compared with the journal instead."""
    wrong: list[Record]
    """What differs where nothing should."""

    @property
    def holds(self) -> bool:
        """Tell whether the rebuilt book may take the place of the live one."""
        return not self.wrong and (self.wanted or not self.unlike)

    @property
    def unlike(self) -> list[str]:
        """Return the kinds and lines of which the books differ."""
        return sorted(n for n in self.live.keys() | self.rebuilt.keys() if self.live.get(n) != self.rebuilt.get(n))


Private: TypeAlias = "asyncpg.Connection[Record]"
Write = Callable[[Transaction, int, list[str]], Awaitable[None]]
Says = Callable[[Phase, int], None]
"""Is told how far a phase has come: how many rows, if that is known."""


class _Slices:
    """Deals out keys of one family at a time, by weight: as much as could be written in time before."""

    def __init__(self, keys: "Cursor[Record]") -> None:
        """`keys` gives families together."""
        self._keys = keys
        self._read: list[Record] = []
        self._turn = asyncio.Lock()
        self._size = SLICE[1]
        self.dealt = 0

    async def next(self) -> tuple[int, list[str]] | None:
        """Return the next family and keys of it."""
        async with self._turn:
            keys: list[str] = []
            family, weight = 0, 0
            while weight < self._size:
                if not self._read:
                    self._read = (await self._keys.fetch(READ_AHEAD))[::-1]
                if not self._read or (keys and self._read[-1]["family"] != family):
                    break
                one = self._read.pop()
                family = one["family"]
                keys.append(one["key"])
                weight += one["weight"]
            self.dealt += weight
            return (family, keys) if keys else None

    def took(self, seconds: float) -> None:
        """Learn from how long a slice took."""
        self._size = int(min(max(self._size * min(AT_MOST / seconds, 1.5), SLICE[0]), SLICE[2]))


class Rebuild:
    """One rebuild: `derived`, then `proven`, then `exchanged`, or else nothing has happened."""

    def __init__(self, writing: Sequence[Private], reading: Private, says: Says) -> None:
        """Two connections of its own do the work, a third says what there is to do."""
        self._writing = writing
        self._reading = reading
        self._says = says
        self._position = 0
        self.longest = 0.0
        """Seconds of the longest transaction that wrote."""

    @classmethod
    @asynccontextmanager
    async def begun(cls, database: Database, says: Says, *, keep: bool = False) -> AsyncIterator["Rebuild"]:
        """Begin one, unless another is under way; at the end its tables go, unless they were exchanged or are kept."""
        async with AsyncExitStack() as opened:
            own = [await _connected(database, opened) for _ in range(3)]
            if not await beside.taken(own[0]):
                raise Busy(Busy.__doc__)
            for one in own:
                # What is lost in a crash is begun anew; the exchange itself waits for the disk.
                await one.execute("SET synchronous_commit = off")
                await one.execute("SET idle_in_transaction_session_timeout = 0")
                # What would be sorted on the disk otherwise.
                await one.execute("SET work_mem = '32MB'")
                await one.execute("SET maintenance_work_mem = '128MB'")
            async with _written(own[0]) as tx:
                await beside.make(tx)
            try:
                yield cls(own[:2], own[2], says)
            finally:
                if not keep and not own[0].is_closed():
                    async with _written(own[0]) as tx:
                        await beside.drop(tx)

    async def derived(self) -> None:
        """Derive everything from the journal, in slices, and sum it."""
        self._position = await beside.position(self._reading)
        types = [(kind, nth) for nth, family in enumerate(beside.families()) for kind in sorted(family.types)]
        await self._sliced(Phase.DERIVE, beside.fill, beside.SUBJECTS, *map(list, zip(*types, strict=True)))
        summed_by, *others = await beside.indexes(self._reading, LIVE.entries)
        self._says(Phase.INDEX, 0)
        await beside.index(self._reading, LIVE.entries, [summed_by])
        await self._sliced(Phase.SUM, _totalled, beside.BEARERS)
        self._says(Phase.INDEX, 0)
        await _side_by_side(
            beside.index(self._writing[0], LIVE.entries, others),
            beside.index(self._writing[1], LIVE.aggregates, await beside.indexes(self._reading, LIVE.aggregates)),
        )

    async def _sliced(self, phase: Phase, write: Write, keys: str, *values: object) -> None:
        async with self._reading.transaction(isolation="repeatable_read", readonly=True):
            slices = _Slices(await self._reading.cursor(keys, *values))
            await _side_by_side(*(self._write(phase, write, slices, one) for one in self._writing))

    async def _write(self, phase: Phase, write: Write, slices: _Slices, connection: Private) -> None:
        while (one := await slices.next()) is not None:
            began = time.monotonic()
            async with _written(connection) as tx:
                await write(tx, *one)
            slices.took(time.monotonic() - began)
            self.longest = max(self.longest, time.monotonic() - began)
            self._says(phase, slices.dealt)

    async def proven(self, *, mend: bool = False) -> Proof:
        """Compare the books at one position: the rebuilt one is brought to it while no batch is applied.

        Where the live one is to differ, by other definitions or to `mend` it, the rebuilt one is compared with the
        journal instead.
        """
        one, other = self._writing
        while True:
            await self._followed()
            async with _written(one) as holding:
                await beside.hold(holding)
                if await self._rest(other, FEW + 1) > FEW:
                    continue
                reading = other.transaction(isolation="repeatable_read", readonly=True)
                await reading.start()
                moment = await other.fetchval("SELECT pg_export_snapshot()")
            break
        self._says(Phase.COMPARE, 0)
        try:
            async with one.transaction(isolation="repeatable_read", readonly=True):
                await one.execute(f"SET TRANSACTION SNAPSHOT '{moment}'")
                live, rebuilt = await asyncio.gather(beside.digests(one, LIVE), beside.digests(other, NEXT))
                redefined = await beside.derived_by(one) != definitions.derived_by()
                found = Proof(await beside.position(other), live, rebuilt, redefined, redefined or mend, [])
                if not found.unlike:
                    return found
                if not found.wanted:
                    return replace(found, wrong=await beside.only_in_one(Transaction(one), found.unlike))
                return replace(found, wrong=await entries.differences(Transaction(one), NEXT))
        finally:
            await reading.rollback()

    async def exchanged(self) -> None:
        """Bring the rebuilt book to the end of the journal, and put it in the place of the live one."""
        until = time.monotonic() + PATIENCE
        one = self._writing[0]
        await one.execute("SET synchronous_commit = on")
        while True:
            await self._followed()
            self._says(Phase.EXCHANGE, 0)
            try:
                async with _written(one) as tx:
                    await tx.execute(f"SET LOCAL lock_timeout = '{QUEUED}'")
                    await beside.hold(tx)
                    position, came = await beside.follow(tx, self._position, FEW + 1)
                    if came <= FEW:
                        await beside.exchange(tx)
                # Only now: what is rolled back must be followed again.
                self._position = position
                if came <= FEW:
                    return
            except asyncpg.LockNotAvailableError:
                if time.monotonic() > until:
                    raise Crowded(Crowded.__doc__) from None
                await asyncio.sleep(PAUSE)

    async def _followed(self) -> None:
        """Derive again what was told of since, until a few are left."""
        came = FEW + 1
        while came > FEW:
            self._says(Phase.FOLLOW, 0)
            came = await self._rest(self._writing[1], BATCH)

    async def _rest(self, connection: Private, most: int) -> int:
        began = time.monotonic()
        async with _written(connection) as tx:
            position, came = await beside.follow(tx, self._position, most)
        self._position = position
        self.longest = max(self.longest, time.monotonic() - began)
        return came


async def _side_by_side(*works: Coroutine[None, None, None]) -> None:
    """Do works side by side; the first fault ends them all and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as workers:
            for one in works:
                workers.create_task(one)
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from None


@asynccontextmanager
async def _written(connection: Private) -> AsyncIterator[Transaction]:
    async with connection.transaction():
        # Who holds a transaction id holds up every log of the server, and who holds the reader's row all that is heard:
        # a rebuild that was frozen must not.
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '5s'")
        yield Transaction(connection)


async def _connected(database: Database, opened: AsyncExitStack) -> Private:
    connection = await database.connect()
    opened.push_async_callback(connection.close, timeout=5)
    return connection


async def _totalled(tx: Transaction, _: int, bearers: list[str]) -> None:
    await beside.total(tx, bearers[0], bearers[-1])
