"""What a service hears: handlers by event, what time brings, and the application of a batch, each event once."""

import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from shared.consumers import parking
from shared.database import Database, Transaction, is_transient
from shared.events import CATALOGUE, ORDINARY, RESTRICTED, Event, Told, UnknownEvent, Unreadable, hear
from shared.seal import Seal
from shared.settings import Settings
from shared.telemetry import Metrics

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came from the bus or the feed: the bytes, and the number the source's relay gave them.

    A relay also tells how far its log goes: then `head` is that number and there are no bytes. What a replay
    brought says so itself (`replayed`); age says nothing, for late news is news.
    """

    body: bytes
    source: str | None = None
    logseq: int | None = None
    head: int | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that has been read, with its number in its source's log."""

    told: Told[Any]
    source: str | None
    logseq: int | None


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker that time calls has to work with."""

    database: Database
    settings: Settings
    now: Callable[[], datetime]
    told: Callable[[], None]
    """Wakes the relay after something was told."""
    apply: Callable[[Sequence[Delivery]], Awaitable[None]]
    """Applies events that came another way than over the bus."""
    seal: Seal | None = None
    """Opens people's data, where the service keeps any."""
    restricted: Database | None = None
    """The restricted part of the service's database, as its own role."""
    told_restricted: Callable[[], None] = lambda: None
    """Wakes the relay of the restricted log."""
    metrics: Metrics | None = None
    """Shows figures, where somebody asks for them."""


@dataclass(frozen=True, slots=True)
class Due:
    """A worker that time calls: every so many seconds, and, promptly, after each batch of heard events."""

    every: float
    promptly: bool
    run: Callable[[Work], Awaitable[None]]


class Outdated(RuntimeError):
    """What is kept here is derived by other definitions than this process has: it must be started again."""


class NotHeard(UnknownEvent):
    """The type is known, but nobody here hears it: what is not applied must not be remembered as heard."""


def _of_no_event(error: Exception) -> bool:
    """Tell whether a fault says nothing of the events, so that none of them may be parked for it."""
    return isinstance(error, Outdated) or is_transient(error)


Handler = Callable[[Sequence[Told[Any]], Transaction], Awaitable[None]]
Remember = Callable[[Transaction, Sequence[Heard]], Awaitable[set[uuid.UUID]]]


async def remember(tx: Transaction, events: Sequence[Heard]) -> set[uuid.UUID]:
    """Note the ids of a batch and return those that are new: the inbox."""
    rows = await tx.fetch(
        """INSERT INTO inbox (event) SELECT DISTINCT unnest($1::uuid[])
           ON CONFLICT (event) DO NOTHING RETURNING event""",
        [one.told.id for one in events],
    )
    return {row["event"] for row in rows}


class Consumers:
    """One service's readers. Each takes many events of one type and must be right in any order of them."""

    def __init__(self, service: str, *, remembers: Remember = remember, restricted: bool = False) -> None:
        """`remembers` replaces the inbox where the service keeps the events themselves.

        Of restricted events only `restricted` readers hear, and of nothing else; `service` names the queue.
        """
        self.service = service
        self.restricted = restricted
        self.hears: list[type[Event]] = []
        self.dues: list[Due] = []
        self.at_starts: list[Callable[[Work], Awaitable[None]]] = []
        self._remembers = remembers
        self._handlers: dict[str, Handler] = {}
        self._everything: Handler | None = None
        self._heads: Callable[[Transaction, dict[str, int]], Awaitable[None]] | None = None

    def on(
        self, event: type[E]
    ) -> Callable[
        [Callable[[Sequence[Told[E]], Transaction], Awaitable[None]]],
        Callable[[Sequence[Told[E]], Transaction], Awaitable[None]],
    ]:
        """Declare the reader of one event; of those taken back or replaced it learns from the table `corrected`."""

        def declare(
            handler: Callable[[Sequence[Told[E]], Transaction], Awaitable[None]],
        ) -> Callable[[Sequence[Told[E]], Transaction], Awaitable[None]]:
            self.hears.append(event)
            self._handlers[event.type] = handler
            return handler

        return declare

    def everything(self, handler: Handler) -> Handler:
        """Declare the reader of all there is, events taken back included."""
        self.hears.extend(RESTRICTED if self.restricted else ORDINARY)
        self._everything = handler
        return handler

    def heads(
        self, handler: Callable[[Transaction, dict[str, int]], Awaitable[None]]
    ) -> Callable[[Transaction, dict[str, int]], Awaitable[None]]:
        """Declare who notes how far each source's log goes."""
        self._heads = handler
        return handler

    def due(
        self, every: float, *, promptly: bool = False
    ) -> Callable[[Callable[[Work], Awaitable[None]]], Callable[[Work], Awaitable[None]]]:
        """Declare a worker that time calls."""

        def declare(run: Callable[[Work], Awaitable[None]]) -> Callable[[Work], Awaitable[None]]:
            self.dues.append(Due(every, promptly, run))
            return run

        return declare

    def at_start(self, run: Callable[[Work], Awaitable[None]]) -> Callable[[Work], Awaitable[None]]:
        """Declare what must have happened before the service works; harmless when repeated."""
        self.at_starts.append(run)
        return run

    @property
    def patterns(self) -> tuple[str, ...]:
        """Return what the queue is bound to."""
        return ("#",) if self._everything else tuple(f"{event.type}.#" for event in self.hears)

    def read(self, delivery: Delivery) -> Heard:
        """Read a delivery; raise `Unreadable` or `UnknownEvent`, also for what came by the wrong exchange.

        A queue may be bound to more than this process hears, by one of a later edition: `NotHeard`.
        """
        told = hear(delivery.body, CATALOGUE)
        if told.event.restricted != self.restricted:
            raise UnknownEvent(told.type)
        if self._everything is None and told.type not in self._handlers:
            raise NotHeard(told.type)
        return Heard(replace(told, replayed=delivery.replayed), delivery.source, delivery.logseq)

    async def settle(self, database: Database, deliveries: Sequence[Delivery]) -> int:
        """Apply a batch in one transaction, each event once, and return how many were new.

        What cannot be read or applied is parked with its error; the others are not delayed by it. Faults of
        the moment, and of this process, are raised: then the batch must be brought again, and what of it was applied by
        halves is known.
        """
        readable: list[Heard] = []
        refused: list[tuple[Delivery, Exception]] = []
        heads = {one.source: one.head for one in deliveries if one.source and one.head is not None}
        for delivery in deliveries:
            if delivery.head is not None:
                continue
            try:
                readable.append(self.read(delivery))
            except (Unreadable, UnknownEvent) as error:
                # Of the past that somebody brings, what nobody hears is merely left.
                if not (delivery.replayed and isinstance(error, NotHeard)):
                    refused.append((delivery, error))
        try:
            async with database.transaction() as tx:
                new = await self._apply(tx, readable)
                await self._aside(tx, refused, heads)
                return new
        except Exception as error:
            if _of_no_event(error):
                raise
        new = await self._by_halves(database, readable)
        async with database.transaction() as tx:
            await self._aside(tx, refused, heads)
        return new

    async def _aside(
        self, tx: Transaction, refused: Sequence[tuple[Delivery, Exception]], heads: dict[str, int]
    ) -> None:
        for delivery, error in refused:
            replayed = delivery.replayed
            await parking.park(tx, delivery.body, delivery.source, delivery.logseq, error, replayed=replayed)
        if heads and self._heads:
            await self._heads(tx, heads)

    async def _by_halves(self, database: Database, events: Sequence[Heard]) -> int:
        """Apply what can be applied: halve until the one that fails stands alone, and park that one.

        Each part has a transaction of its own: a long one would hold up every log of the server.
        """
        try:
            async with database.transaction() as tx:
                return await self._apply(tx, events)
        except Exception as error:
            if _of_no_event(error):
                raise
            if len(events) == 1:
                (one,) = events
                replayed = one.told.replayed
                async with database.transaction() as tx:
                    await parking.park(tx, one.told.body, one.source, one.logseq, error, replayed=replayed)
                return 0
        middle = len(events) // 2
        return await self._by_halves(database, events[:middle]) + await self._by_halves(database, events[middle:])

    async def _apply(self, tx: Transaction, events: Sequence[Heard]) -> int:
        if not events:
            return 0
        new_ids = await self._remembers(tx, events)
        # What came both replayed and by itself is news: the last one of an id stands.
        ordered = sorted(events, key=lambda one: not one.told.replayed)
        new = list({one.told.id: one.told for one in ordered if one.told.id in new_ids}.values())
        replaced = [told.corrects for told in new if told.corrects]
        if replaced:
            await tx.execute("INSERT INTO corrected SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING", sorted(replaced))
        if self._everything:
            await self._everything(new, tx)
            return len(new)
        by_type: dict[str, list[Told[Any]]] = defaultdict(list)
        for told in new:
            if not told.withdrawn:
                by_type[told.type].append(told)
        for kind in sorted(by_type.keys() & self._handlers.keys()):
            await self._handlers[kind](by_type[kind], tx)
        return len(new)

    async def retry(self, database: Database) -> bool:
        """Try the next parked event that is due again; return whether there was one."""
        async with database.transaction() as tx:
            row = await parking.next_due(tx)
            if row is None:
                return False
            try:
                async with tx.savepoint():
                    again = Delivery(row["body"], row["source"], row["logseq"], replayed=row["replayed"])
                    await self._apply(tx, [self.read(again)])
                    await parking.settled(tx, row["id"])
            except Exception as error:
                if _of_no_event(error):
                    raise
                await parking.failed_again(tx, row["id"], row["attempts"], error)
            return True
