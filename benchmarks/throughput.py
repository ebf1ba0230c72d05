"""B1: events per second from a row in the log to what a report is made of."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from uuid import uuid4

import aio_pika

from benchmarks import facts, load
from benchmarks.figures import Figure, Target
from benchmarks.flow import Flow
from benchmarks.installation import RABBITMQ, Installation
from benchmarks.processes import Program, Spending, named, now, running
from benchmarks.rivals import bare, tutorial
from ops.private import nodes
from shared.events import Event, Told

ROUNDS = 3
EVENTS, FILED = 24_000, 2_400
CLIENTS = 32
LOOK_EVERY = 0.05
STALLED_AFTER = 120.0
LEAST, LEAST_TUTORIAL = 1.3, 4.0


async def measure(quick: bool) -> Figure:
    """Measure ours and both rivals in turn, several times."""
    events, filed, rounds = (EVENTS // 10, FILED // 10, 1) if quick else (EVENTS, FILED, ROUNDS)
    ours: list[Flow] = []
    theirs: list[Flow] = []
    tutorials: list[Flow] = []
    async with Installation("boards", "reporting") as installation:
        for nth in range(rounds):
            told = facts.some(events, seed=nth)
            ours.append(await _ours(installation, told))
            theirs.append(await _bare(told))
            tutorials.append(await _tutorial(installation, filed))
    value, bare_, tutorial_ = (median(one.steady for one in flows) for flows in (ours, theirs, tutorials))
    ratio = {
        "bare": median(our.steady / their.steady for our, their in zip(ours, theirs, strict=True)),
        "tutorial": median(our.steady / their.steady for our, their in zip(ours, tutorials, strict=True)),
    }
    return Figure(
        "B1",
        "events from the log to committed journal, entries and sums",
        value,
        "events/s",
        beside={"bare": bare_, "tutorial": tutorial_},
        ratio=ratio,
        targets=(
            Target(f"≥ {LEAST} × bare", ratio["bare"] >= LEAST),
            Target(f"≥ {LEAST_TUTORIAL:.0f} × tutorial", ratio["tutorial"] >= LEAST_TUTORIAL),
        ),
        more={
            "rounds": [[round(one.steady) for one in flows] for flows in (ours, theirs, tutorials)],
            "whole": [round(median(one.whole for one in flows)) for flows in (ours, theirs, tutorials)],
            "told": [round(median(one.told for one in flows)) for flows in (ours, theirs, tutorials)],
            "processor_us_per_event": {
                name: {part: round(median(one.spent[part] for one in flows)) for part in flows[0].spent}
                for name, flows in (("ours", ours), ("bare", theirs), ("tutorial", tutorials))
            },
        },
    )


async def _ours(installation: Installation, told: Sequence[Told[Event]]) -> Flow:
    """Put a backlog into the log of boards and look how far reporting has come."""
    flow = Flow(len(told))
    async with (
        installation.database("boards") as log,
        installation.database("reporting") as journal,
        installation.running() as programs,
    ):
        begun = await journal.fetchval("SELECT position FROM reader")
        sent = await log.fetchval("SELECT sent FROM relay") + len(told)
        spending = Spending(
            telling=[programs["boards"].pid],
            hearing=[programs["reporting"].pid],
            postgres=await installation.backends(),
            rabbitmq=named("beam.smp"),
        )
        await facts.append(log, told)
        until = now() + STALLED_AFTER
        while not flow.note(now(), await journal.fetchval("SELECT position FROM reader") - begun):
            if not flow.told_at and await log.fetchval("SELECT sent FROM relay") >= sent:
                flow.told_at = now()
            if now() > until:
                raise TimeoutError(f"{flow.samples[-1][1]} of {len(told)} events arrived")
            await asyncio.sleep(LOOK_EVERY)
        flow.told_at = flow.told_at or now()
        flow.spent = spending.each(len(told))
    return flow


async def _bare(told: Sequence[Told[Event]]) -> Flow:
    """Publish the same bodies and consume them, with nothing else being done."""
    flow = Flow(len(told))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bodies"
        bare.write(file, [one.body for one in told])
        async with (
            rival_queue() as name,
            running("benchmarks.rivals.bare", "consume", RABBITMQ, name) as consumer,
            running("benchmarks.rivals.bare", "publish", RABBITMQ, name, str(file)) as publisher,
        ):
            await consumer.heard()
            await publisher.heard()
            spending = Spending(telling=[publisher.pid], hearing=[consumer.pid], rabbitmq=named("beam.smp"))
            publisher.tell("begin")
            (began,) = await publisher.heard()
            flow.note(float(began), 0)
            await _arrive(consumer, flow)
            flow.spent = spending.each(len(told))
            (ended,) = await publisher.heard()
            flow.told_at = float(ended)
    return flow


async def _tutorial(installation: Installation, count: int) -> Flow:
    """File petitions over HTTP, and consume what the handler publishes."""
    flow = Flow(count)
    asks = [
        load.Ask("/petitions", {**_petition(one), "id": str(one.id), "unit": one.unit, "filed": str(one.on)})
        for one in facts.some(count)
    ]
    port = str(nodes.free_port())
    async with (
        rival_queue() as name,
        installation.scratch(tutorial.TABLES) as database,
        running("benchmarks.rivals.tutorial", "consume", database, RABBITMQ, name) as consumer,
        running("benchmarks.rivals.tutorial", "serve", database, RABBITMQ, name, port) as server,
        load.client(f"http://127.0.0.1:{port}", asks, CLIENTS) as client,
    ):
        await consumer.heard()
        await server.heard()
        spending = Spending(telling=[server.pid], hearing=[consumer.pid])
        flow.note(now(), 0)
        client.tell("begin")
        await _arrive(consumer, flow)
        flow.spent = spending.each(count)
        loaded = await load.outcome(client)
        assert not loaded.failed
        flow.told_at = loaded.ended
    return flow


def _petition(told: Told[Event]) -> dict[str, object]:
    said = told.event.data()
    building = said.get("building") or (said.get("building_ids") or [facts.NOWHERE])[0]
    return {"building": str(building), "said": said}


async def _arrive(consumer: Program, flow: Flow) -> None:
    began = flow.samples[0][0]
    while True:
        moment, heard = await consumer.heard()
        if float(moment) >= began and flow.note(float(moment), int(heard)):
            return
        if float(moment) > began + STALLED_AFTER:
            raise TimeoutError(f"{heard} of {flow.count} messages arrived")


@asynccontextmanager
async def rival_queue() -> AsyncIterator[str]:
    """Name a queue, and remove it at the end."""
    name = f"bench_{uuid4().hex[:8]}.rival"
    try:
        yield name
    finally:
        async with await aio_pika.connect(RABBITMQ) as connection, connection.channel() as channel:
            await channel.queue_delete(name)
