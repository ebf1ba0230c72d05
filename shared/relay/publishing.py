"""Publishing many events in one write, and counting how many of them the broker has taken.

The frames are written by hand (AMQP 0-9-1, §4.2): for an event a library spends several times what all else costs.
"""

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import aiormq
from aiormq.abc import ChannelFrame, ConfirmationFrameType
from pamqp.commands import Basic

CONTENT_TYPE = "application/cloudevents+json"
_METHOD, _HEADER, _BODY, _END = 1, 2, 3, b"\xce"
_PUBLISH = struct.pack(">HHH", 60, 40, 0)
_MANDATORY = b"\x01"
_PERSISTENT = b"\x02"
_FLAGS = 1 << 15 | 1 << 13 | 1 << 12 | 1 << 7
"""Which properties a message has: content type, headers, delivery mode, id."""


class NotTaken(ConnectionError):
    """The broker refused an event, or had no queue for it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message: routing key, id, whole numbers (or whether something is so) for its headers, and the bytes."""

    key: str
    id: str
    numbers: dict[str, int]
    body: bytes


class PublishingChannel(aiormq.Channel):
    """A channel that publishes only. Deliveries are confirmed in any order; what counts is how far without a hole."""

    confirmed = 0
    """The publish up to which all are confirmed; the first one of a channel is 1."""

    @classmethod
    async def open_on(cls, connection: aiormq.Connection) -> "PublishingChannel":
        """Open the only channel of a connection."""
        channel = cls(connection, 1, publisher_confirms=True)
        connection.channels[1] = channel
        await channel.open(timeout=10)
        return channel

    def address(self, exchange: str, source: str) -> None:
        """Say where everything goes, and whose log it is from."""
        self._to = _PUBLISH + _short(exchange)
        self._source = _short("logsource") + b"S" + struct.pack(">I", len(source.encode())) + source.encode()
        self._apart: set[int] = set()
        self._failure: NotTaken | None = None
        self._news: asyncio.Future[None] | None = None

    async def publish(self, messages: Sequence[Outgoing]) -> int:
        """Write messages at once and return the number of the last."""
        payload = b"".join(frame for one in messages for frame in self._frames(one))
        written = self.create_future()
        self.delivery_tag += len(messages)
        last = self.delivery_tag
        await self.write_queue.put(ChannelFrame(payload, should_close=False, drain_future=written))
        await _unless_closed(written)
        return last

    async def until(self, number: int, within: float) -> None:
        """Wait until everything through this number is confirmed, or as long as it may take if some of it was.

        Raises `NotTaken` when something never will be, and `TimeoutError` when nothing was confirmed in that time.
        """
        before = self.confirmed
        try:
            async with asyncio.timeout(within):
                while self.confirmed < number:
                    if self._failure:
                        raise self._failure
                    self._news = self.create_future()
                    await _unless_closed(self._news)
        except TimeoutError:
            if self.confirmed == before:
                raise

    def _frames(self, one: Outgoing) -> list[bytes]:
        headers = self._source + b"".join(
            _short(name) + (struct.pack(">c?", b"t", value) if value is True else struct.pack(">cq", b"l", value))
            for name, value in one.numbers.items()
        )
        properties = b"".join(
            (
                struct.pack(">H", _FLAGS),
                _short(CONTENT_TYPE),
                struct.pack(">I", len(headers)),
                headers,
                _PERSISTENT,
                _short(one.id),
            )
        )
        bodies = range(0, len(one.body), self.max_content_size)
        return [
            self._frame(_METHOD, self._to + _short(one.key) + _MANDATORY),
            self._frame(_HEADER, struct.pack(">HHQ", 60, 0, len(one.body)) + properties),
            *(self._frame(_BODY, one.body[start : start + self.max_content_size]) for start in bodies),
        ]

    def _frame(self, kind: int, payload: bytes) -> bytes:
        return struct.pack(">BHI", kind, self.number, len(payload)) + payload + _END

    async def _on_confirm_frame(self, frame: ConfirmationFrameType) -> None:
        if self._failure:
            return
        if not isinstance(frame, Basic.Ack):
            self._fail("the broker did not take an event")
            return
        tag = frame.delivery_tag or 0
        if frame.multiple:
            self.confirmed = max(self.confirmed, tag)
            self._apart = {one for one in self._apart if one > tag}
        else:
            self._apart.add(tag)
        while self.confirmed + 1 in self._apart:
            self.confirmed += 1
            self._apart.discard(self.confirmed)
        self._tell()

    async def _on_return_frame(self, frame: Basic.Return) -> None:
        # The broker confirms it all the same, a moment later: so after a failure nothing counts as taken any more.
        self._fail("the broker has no queue for an event")
        await super()._on_return_frame(frame)

    def _fail(self, why: str) -> None:
        self._failure = self._failure or NotTaken(why)
        self._tell()

    def _tell(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)


async def _unless_closed(future: "asyncio.Future[None]") -> None:
    """Wait for the channel's news; a channel that is closed fails or cancels what waits for it, and not who waits."""
    try:
        await future
    except (Exception, asyncio.CancelledError) as error:
        waiting = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and waiting is not None and waiting.cancelling():
            raise
        raise NotTaken("the channel was closed") from error


def _short(text: str) -> bytes:
    encoded = text.encode()
    return bytes((len(encoded),)) + encoded
