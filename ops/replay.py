"""The past for newcomers: one queue filled from the logs of services and handed over to live events without a gap.

Why there is no gap. The queue is filled up to the head of each log, then bound, then filled up to the head as it is
read *after* the binding; call that H. An event numbered up to H is brought here: the numbers of a log are dense, the
feed reads what is committed, and so gives every one of them, whether the relay has sent it, has sent it and not noted
that, or has only numbered it. An event numbered after H got its number when H had been read, so after the binding; the
relay sends nothing before it is numbered, so it finds the queue bound. That holds when the relay is killed, too: it
begins again with the first event it has not noted. (It asks that feeds read the database that is written to.)

What may come twice is numbered above what had reached the bus before the binding, and up to H; id, number and bytes
are the same. Order: what is brought comes in the order of its log, and so does what is live; but during the handing
over a live version of a subject may come before an earlier one that is still being brought.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Annotated

import aio_pika
import aiormq
import httpx
import orjson
import typer
from aio_pika.abc import AbstractConnection

from ops import inside
from ops.console import Fault, Step, out, step
from ops.running import PORTS
from shared import feed, topology
from shared.consumers import REPLAYED, Delivery
from shared.relay import WINDOW, WITHIN, Outgoing, PublishingChannel
from shared.settings import Settings

PAGE = 1000
"""Events asked for at once."""


@dataclass(slots=True)
class Past:
    """One source's log, and how far it has been brought."""

    source: str
    client: httpx.AsyncClient
    read: int = 0
    """Everything up to this number that was asked for lies in the queue."""
    head: int = 0
    brought: int = 0
    twice: int = 0
    """How many of them may have come over the bus as well, at most."""


@dataclass(slots=True)
class Replay:
    """What is brought from where, and into which queue."""

    settings: Settings
    queue: str
    pasts: list[Past]
    types: tuple[str, ...] = ()
    unit: str | None = None
    ours: bool = False
    """Whether a service of ours reads the queue: it is bound already, and what is on its way there is left alone."""
    made: bool = field(default=False, init=False)

    @property
    def on_the_bus(self) -> str:
        """Return the name of the queue with the installation's prefix."""
        return self.settings.on_the_bus(self.queue)

    def patterns(self, source: str) -> list[str]:
        """Return what the queue is bound to for a source: type, a dot, and the path of the unit."""
        kinds = self.types_of(source) if self.types else [f"{source}.*.*"]
        return [f"{kind}.{self.unit}.#" if self.unit else f"{kind}.#" for kind in kinds]

    def types_of(self, source: str) -> list[str]:
        """Return which of the types asked for a source tells; the first word of a type is its source."""
        return [one for one in self.types if one.partition(".")[0] == source]

    async def run(self, connection: AbstractConnection, doing: Step) -> None:
        """Fill, bind, and fill what was told meanwhile."""
        self.made = await self._make(connection)
        async with _publishing(self.settings) as channel:
            reached = {past.source: await self._fill(channel, past, doing) for past in self.pasts}
            if self.ours:
                return
            await self._bind(connection)
            for past in self.pasts:
                await self._fill(channel, past, doing)
                past.twice = min(past.brought, max(0, past.read - reached[past.source]))

    async def _make(self, connection: AbstractConnection) -> bool:
        """Make the queue where there is none, and tell whether that was so; one that is there stays as it is."""
        try:
            async with connection.channel() as channel:
                await channel.declare_queue(self.on_the_bus, passive=True)
        except aiormq.exceptions.ChannelNotFoundEntity:
            if self.ours:
                raise
            async with connection.channel() as channel:
                # No more than what any client declares by the same name; limits and graveyard are its owner's.
                await channel.declare_queue(self.on_the_bus, durable=True, arguments={"x-queue-type": "quorum"})
            return True
        return False

    async def _bind(self, connection: AbstractConnection) -> None:
        async with connection.channel() as channel:
            queue = await channel.get_queue(self.on_the_bus)
            for past in self.pasts:
                for pattern in self.patterns(past.source):
                    await queue.bind(self.settings.on_the_bus(topology.EVENTS), routing_key=pattern)

    async def _fill(self, channel: PublishingChannel, past: Past, doing: Step) -> int:
        """Bring a source's log up to its head as it is first read here; return how far the bus had it at the end."""
        filters = {"types": ",".join(self.types_of(past.source))} if self.types else {}
        filters |= {"unit": self.unit} if self.unit else {}
        channel.address("", past.source)
        began, before = time.monotonic(), past.brought
        until: int | None = None
        while True:
            leaf = await feed.leaf(past.client, past.source, past.read, PAGE, **filters)
            if until is None:
                # Of what a service of ours will still hear over the bus nothing is brought: it would no longer be news.
                until = leaf.sent if self.ours else leaf.head
                past.head = max(past.head, until)
            due = [one for one in leaf.deliveries if (one.logseq or 0) <= until]
            for start in range(0, len(due), WINDOW):
                await self._publish(channel, past, due[start : start + WINDOW])
            past.read = max(past.read, min(leaf.read, until))
            speed = (past.brought - before) / max(time.monotonic() - began, 0.001)
            doing.note(f"{past.source} {past.read}/{past.head}, {past.brought} sự kiện · events, {speed:.0f}/s")
            if past.read >= until:
                return leaf.sent

    async def _publish(self, channel: PublishingChannel, past: Past, window: list[Delivery]) -> None:
        async with asyncio.timeout(WITHIN):
            last = await channel.publish([self._outgoing(one) for one in window])
        while channel.confirmed < last:
            await channel.until(last, WITHIN)
        past.brought += len(window)
        past.read = window[-1].logseq or past.read

    def _outgoing(self, one: Delivery) -> Outgoing:
        headers = {"logseq": one.logseq or 0, REPLAYED: True}
        return Outgoing(self.on_the_bus, orjson.loads(one.body)["id"], headers, one.body)


@asynccontextmanager
async def _publishing(settings: Settings) -> AsyncIterator[PublishingChannel]:
    wire = aiormq.Connection(settings.broker())
    try:
        async with asyncio.timeout(WITHIN):
            await wire.connect()
            channel = await PublishingChannel.open_on(wire)
        yield channel
    finally:
        with suppress(Exception):
            async with asyncio.timeout(5):
                await wire.close()


def replay(
    to_queue: Annotated[str, typer.Option(help="Hàng đợi, không kèm tiền tố · The queue, without the prefix.")],
    source: Annotated[list[str], typer.Option("--from", help=f"Lặp lại được · Repeatable: {', '.join(PORTS)}")],
    types: Annotated[str, typer.Option(help="Loại sự kiện, cách nhau bởi dấu phẩy · Types, by commas.")] = "",
    unit: Annotated[str | None, typer.Option(help="Đường dẫn đơn vị · Path of a unit: HN.Q004")] = None,
    after: Annotated[
        list[str] | None, typer.Option(help="Đi tiếp từ số này · Go on after a number: boards=123")
    ] = None,
    *,
    force: Annotated[bool, typer.Option(help="Cả hàng đợi của dịch vụ · A service's own queue, too.")] = False,
) -> None:
    """Đưa lịch sử vào một hàng đợi rồi nối với dòng sự kiện · Fill a queue with the past and hand over to live.

    The queue is made when missing (durable, quorum) and bound to chungcu.events. Every event comes at least once, with
    its id and the header `replayed`. Asked again, it brings everything again: whoever reads counts each id once.
    """
    reach = inside.reach()
    wanted = tuple(one.strip() for one in types.split(",") if one.strip())
    begins = _numbers(after or [])
    unknown = sorted({*source, *begins} - set(reach.feeds))
    if unknown:
        raise Fault(f"Không có nguồn · No such source: {', '.join(unknown)}", ", ".join(reach.feeds))
    if wanted and {one.partition(".")[0] for one in wanted} != set(source):
        raise Fault("Loại và nguồn không khớp · Types and sources do not match", "--from boards --types boards.…")
    ours = _ours(to_queue, force=force)
    pasts = [(one, begins.get(one, 0)) for one in dict.fromkeys(source)]
    done = asyncio.run(_replay(reach, pasts, to_queue, wanted, unit, ours=ours))
    for past in done.pasts:
        again = f", {past.twice} có thể đến hai lần · may come twice" if past.twice else ""
        out.print(
            f"{past.source}: {past.brought} sự kiện đến số · events up to number {past.read}{again}", soft_wrap=True
        )
    if not done.made and not done.ours:
        out.print(
            "Hàng đợi đã có sẵn: những gì nó đã nhận sẽ đến lần nữa · The queue was there: what it has had comes again"
        )
    out.print(f"→ {done.on_the_bus}", markup=False, soft_wrap=True)


async def _replay(
    reach: inside.Reach,
    begins: list[tuple[str, int]],
    queue: str,
    types: tuple[str, ...],
    unit: str | None,
    *,
    ours: bool,
) -> Replay:
    async with _asked(reach) as clients:
        pasts = [Past(source, clients[source], read) for source, read in begins]
        asked = Replay(reach.settings, queue, pasts, types, unit, ours)
        try:
            with step(f"Đưa lịch sử vào · Replaying into {asked.on_the_bus}") as doing:
                async with await aio_pika.connect(reach.settings.broker(), timeout=10) as connection:
                    await asked.run(connection, doing)
        except (httpx.HTTPError, aiormq.exceptions.AMQPError, OSError, asyncio.CancelledError) as error:
            resume = " ".join(f"--after {past.source}={past.read}" for past in pasts)
            raise Fault(
                f"Bị ngắt giữa chừng · Interrupted: {_said(error)}",
                f"Chạy lại cùng lệnh, thêm · Run the same command again, with: {resume}",
            ) from error
        return asked


@asynccontextmanager
async def _asked(reach: inside.Reach) -> AsyncIterator[Mapping[str, httpx.AsyncClient]]:
    headers = {"Authorization": f"Bearer {reach.token}", "Accept-Language": "vi, en;q=0.5"}
    async with AsyncExitStack() as opened:
        yield {
            name: await opened.enter_async_context(
                httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False)
            )
            for name, url in reach.feeds.items()
        }


def _said(error: BaseException) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        said = error.response.json() if "json" in error.response.headers.get("content-type", "") else {}
        return " ".join([str(said.get("title", error.response.status_code)), *map(str, said.get("unknown", []))])
    return type(error).__name__


def _ours(queue: str, *, force: bool) -> bool:
    """Tell whether a service of ours reads the queue; refuse what nobody may fill."""
    if queue in PORTS:
        if force:
            return True
        raise Fault(
            f"Hàng đợi của dịch vụ · The queue of a service of ours: {queue}",
            "Nó đã biết lịch sử này; nếu vẫn muốn · It knows this history; if you mean it: --force",
        )
    if queue.endswith(".dead") or queue.startswith("restricted.") or queue == topology.UNHEARD:
        raise Fault(f"Hàng đợi nội bộ · A queue of the system's own: {queue}")
    return False


def _numbers(given: list[str]) -> dict[str, int]:
    parts = [one.partition("=") for one in given]
    wrong = [f"{name}{sign}{number}" for name, sign, number in parts if not number.isdecimal()]
    if wrong:
        raise Fault(f"Không phải nguồn=số · Not source=number: {', '.join(wrong)}", "--after boards=123")
    return {name: int(number) for name, _, number in parts}
