"""Group commit: messages wait for the batch before them, are applied in one transaction, acknowledged in one frame."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, Protocol, TypeVar
from weakref import WeakSet

from aiormq.exceptions import AMQPError, ChannelInvalidStateError

from shared.database import is_transient
from shared.telemetry import log

LARGEST = 512
"""Messages in one batch."""
BUSY = 64
"""Messages in a batch after which the next one is waited for, so that it is large: a transaction has its price."""
GATHERED_WITHIN = 0.01
"""Seconds for which it is waited for."""
PAUSES = (0.1, 5.0)
"""Seconds between tries while the database is away: first and longest."""

T = TypeVar("T")


class Channel(Protocol):
    """What a batch needs of an AMQP channel."""

    def basic_ack(self, delivery_tag: int, multiple: bool = False, wait: bool = True) -> Awaitable[None]:  # noqa: FBT002
        """Acknowledge a delivery, or all up to it."""


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
        self._left: WeakSet[Channel] = WeakSet()
        """Channels that are gone; what still comes from one says nothing of the present one."""
        self._next_tag = 1
        self._waiting: dict[int, T] = {}
        self._arrived = asyncio.Event()
        self._stopping = asyncio.Event()
        self._began: float | None = None

    def put(self, channel: Channel, tag: int, thing: T) -> None:
        """Hand in one delivery; it is acknowledged once its batch is applied, or let go."""
        if self._stopping.is_set():
            return
        if channel in self._left:
            return
        if channel is not self._channel:
            if self._channel is not None:
                self._left.add(self._channel)
            self._waiting.clear()
            self._channel, self._next_tag = channel, 1
        self._waiting[tag] = thing
        self._arrived.set()

    async def run(self) -> None:
        """Apply batch after batch until stopped; the batch that is being applied is finished first."""
        largest = 0
        while not self._stopping.is_set():
            await self._arrived.wait()
            # Deliveries of one network read are handed in by tasks of their own.
            await asyncio.sleep(GATHERED_WITHIN if BUSY <= largest < LARGEST else 0)
            channel, run = self._channel, self._contiguous()
            largest = len(run)
            if not run or channel is None:
                self._arrived.clear()
                continue
            if not await self._persist(run):
                return
            await self._acknowledge(channel, len(run))

    def stop(self) -> None:
        """Take no more; `run` ends after the present batch."""
        self._stopping.set()
        self._arrived.set()

    @property
    def stopping(self) -> bool:
        """Tell whether it was told to stop."""
        return self._stopping.is_set()

    @property
    def busy_for(self) -> float:
        """Return the seconds for which a batch has been in work; an attempt that failed begins anew."""
        return time.monotonic() - self._began if self._began is not None else 0.0

    def _contiguous(self) -> list[T]:
        run: list[T] = []
        while len(run) < LARGEST and (self._next_tag + len(run)) in self._waiting:
            run.append(self._waiting[self._next_tag + len(run)])
        return run

    async def _persist(self, things: Sequence[T]) -> bool:
        """Apply, again and again while the database is away: the messages stay unacknowledged, nothing is lost."""
        pause = PAUSES[0]
        while True:
            self._began = time.monotonic()
            try:
                await self._apply(things)
            except Exception as error:
                if not is_transient(error):
                    raise
                if pause == PAUSES[0]:
                    log.warning("database away, messages wait", error=type(error).__name__)
                if self._stopping.is_set():
                    return False
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
                pause = min(pause * 2, PAUSES[1])
            else:
                return True
            finally:
                self._began = None

    async def _acknowledge(self, channel: Channel, count: int) -> None:
        if channel is not self._channel:
            return  # its tags mean nothing any more; what was applied comes again, and is known
        last = self._next_tag + count - 1
        for tag in range(self._next_tag, last + 1):
            del self._waiting[tag]
        self._next_tag = last + 1
        try:
            await channel.basic_ack(last, multiple=True)
        except (AMQPError, ChannelInvalidStateError, OSError, asyncio.CancelledError):
            # A connection that was found mute cancels what waits for it; who waits is meant only when told so.
            waiting = asyncio.current_task()
            if waiting is not None and waiting.cancelling():
                raise
            log.info("channel gone before its batch was acknowledged, it comes again")
