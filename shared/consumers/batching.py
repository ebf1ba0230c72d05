"""Group commit: messages wait for the batch before them, are applied in one transaction, acknowledged in one frame."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from aiormq.exceptions import AMQPError, ChannelInvalidStateError

from shared.database import is_transient
from shared.telemetry import log

LARGEST = 256
"""Messages in one batch."""
PAUSES = (0.1, 5.0)
"""Seconds between tries while the database is away: first and longest."""

T = TypeVar("T")


class Channel(Protocol):
    """What a batch needs of an AMQP channel."""

    def basic_ack(self, delivery_tag: int, multiple: bool = False, wait: bool = True) -> Awaitable[None]:  # noqa: FBT002
        """Acknowledge a delivery, or all up to it."""


@dataclass(slots=True)
class _Waiting(Generic[T]):
    thing: T
    done: "asyncio.Future[None]"


class Batcher(Generic[T]):
    """Collects the deliveries of one channel at a time, in contiguous order of their tags.

    A multiple acknowledgement covers every tag up to the one named, so a batch must have no hole; and tags
    belong to a channel, so after a reconnect the run begins again at 1 and what waited on the old channel
    is let go: it is delivered again, and the inbox knows what was applied.
    """

    def __init__(self, apply: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        """`apply` does one transaction's work and raises when nothing was done."""
        self._apply = apply
        self._channel: Channel | None = None
        self._next_tag = 1
        self._waiting: dict[int, _Waiting[T]] = {}
        self._arrived = asyncio.Event()
        self._stopping = False
        self.stalled_since: float | None = None
        """Loop time since which the database has been away, if it is."""

    async def take(self, channel: Channel, tag: int, thing: T) -> None:
        """Hand in one delivery and wait until its batch is applied and acknowledged, or let go."""
        if self._stopping:
            return
        if channel is not self._channel:
            self._let_go()
            self._channel, self._next_tag = channel, 1
        waiting = _Waiting(thing, asyncio.get_running_loop().create_future())
        self._waiting[tag] = waiting
        self._arrived.set()
        await waiting.done

    async def run(self) -> None:
        """Apply batch after batch until stopped; the batch that is being applied is finished first."""
        try:
            while not self._stopping:
                await self._arrived.wait()
                await asyncio.sleep(0)  # deliveries of one network read are handed in by tasks of their own
                channel, run = self._channel, self._contiguous()
                if not run or channel is None:
                    self._arrived.clear()
                    continue
                if not await self._persist([one.thing for one in run]):
                    break
                await self._acknowledge(channel, run)
        finally:
            self._stopping = True
            self._let_go()

    async def stop(self) -> None:
        """Take no more; `run` ends after the present batch."""
        self._stopping = True
        self._arrived.set()

    def _contiguous(self) -> list[_Waiting[T]]:
        run: list[_Waiting[T]] = []
        while len(run) < LARGEST and (one := self._waiting.get(self._next_tag + len(run))):
            run.append(one)
        return run

    async def _persist(self, things: Sequence[T]) -> bool:
        """Apply, again and again while the database is away: the messages stay unacknowledged, nothing is lost."""
        pause = PAUSES[0]
        while True:
            try:
                await self._apply(things)
            except Exception as error:
                if not is_transient(error):
                    raise
                if self.stalled_since is None:
                    self.stalled_since = asyncio.get_running_loop().time()
                    log.warning("database away, messages wait", error=type(error).__name__)
                if self._stopping:
                    return False
                await asyncio.sleep(pause)
                pause = min(pause * 2, PAUSES[1])
            else:
                self.stalled_since = None
                return True

    async def _acknowledge(self, channel: Channel, run: Sequence[_Waiting[T]]) -> None:
        first = self._next_tag
        last = first + len(run) - 1
        if channel is self._channel:
            for tag in range(first, last + 1):
                del self._waiting[tag]
            self._next_tag = last + 1
        try:
            await channel.basic_ack(last, multiple=True)
        except (AMQPError, ChannelInvalidStateError, OSError):
            log.info("channel gone before its batch was acknowledged, it comes again")
        for one in run:
            _finish(one)

    def _let_go(self) -> None:
        for one in self._waiting.values():
            _finish(one)
        self._waiting.clear()


def _finish(one: _Waiting[T]) -> None:
    if not one.done.done():
        one.done.set_result(None)
