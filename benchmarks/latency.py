"""B2: milliseconds from the answer of a command to its event standing in the report."""

import asyncio
from collections import defaultdict

from benchmarks import facts, growth, load
from benchmarks.commands import petitions
from benchmarks.figures import Figure, Target
from benchmarks.installation import RABBITMQ, Installation
from benchmarks.load import Ask, percentile
from benchmarks.processes import now, running
from benchmarks.throughput import rival_queue

RATES = (50, 200)
ROUNDS = 2
SECONDS = 5
CLIENTS = 64
LOOK_EVERY = 0.003
ARRIVES_WITHIN = 60.0
MOST = 100.0


async def measure(quick: bool) -> Figure:
    """Give commands at two rates, look when they stand in the report, and send as many bare messages in turn."""
    ours: dict[int, list[float]] = defaultdict(list)
    bare: dict[int, list[float]] = defaultdict(list)
    async with Installation("boards", "reporting") as installation:
        for service in ("boards", "reporting"):
            await growth.hear(installation, service, facts.ground(facts.wards()))
        async with installation.running():
            for _ in range(1 if quick else ROUNDS):
                for rate in RATES:
                    count = rate * SECONDS // (10 if quick else 1)
                    ours[rate] += await _visible(installation, petitions(count, installation.token()), rate)
                    bare[rate] += await _trip(count, rate)
    last = RATES[-1]
    value, beside = percentile(ours[last], 0.99), percentile(bare[last], 0.99)
    return Figure(
        "B2",
        f"from the answer 201 to the report, p99 at {last} commands/s",
        value,
        "ms",
        beside={"bare round trip": beside},
        ratio={"bare round trip": value / beside},
        targets=(Target(f"p99 ≤ {MOST:.0f} ms at {last}/s", value <= MOST),),
        more={
            f"{rate}/s": {
                f"p{share:.0f}": [round(percentile(each[rate], share / 100), 1) for each in (ours, bare)]
                for share in (50, 99)
            }
            for rate in RATES
        },
    )


async def _visible(installation: Installation, asks: list[Ask], rate: int) -> list[float]:
    """Return how many milliseconds after its answer each petition stood in journal, entries and sums."""
    missing = {str(one.body["petition_id"]): nth for nth, one in enumerate(asks)}
    seen = [0.0] * len(asks)
    async with (
        installation.database("reporting") as journal,
        load.client(installation.urls["boards"], asks, CLIENTS, rate) as client,
    ):
        position = await journal.fetchval("SELECT position FROM reader")
        answer = asyncio.create_task(load.outcome(client))
        client.tell("begin")
        until = now() + len(asks) / rate + ARRIVES_WITHIN
        while missing:
            rows = await journal.fetch("SELECT seq, subject FROM journal WHERE seq > $1", position)
            moment = now()
            for row in rows:
                position = max(position, row["seq"])
                if (nth := missing.pop(row["subject"], None)) is not None:
                    seen[nth] = moment
            if moment > until:
                raise TimeoutError(f"{len(missing)} petitions not seen: {(await answer).statuses[-5:]}")
            await asyncio.sleep(LOOK_EVERY)
        loaded = await answer
    return [max(moment - at, 0.0) * 1000 for moment, at in zip(seen, loaded.answered, strict=True)]


async def _trip(count: int, rate: int) -> list[float]:
    async with (
        rival_queue() as name,
        running("benchmarks.rivals.bare", "trip", RABBITMQ, name, str(count), str(rate)) as program,
    ):
        await program.heard()
        program.tell("begin")
        return [float(one) for one in await program.heard()]
