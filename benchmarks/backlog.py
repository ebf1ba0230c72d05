"""B7: a long backlog is drained without growing, and without keeping anybody waiting."""

import asyncio
from collections import defaultdict
from statistics import mean

import asyncpg

from benchmarks import facts, growth, load
from benchmarks.commands import petitions
from benchmarks.figures import Figure, Target
from benchmarks.installation import Installation
from benchmarks.load import Ask, Loaded
from benchmarks.processes import memory, now

EVENTS = 300_000
TEMPLATE = 10_000
LOOK_EVERY = 0.5
ASKS_A_SECOND = 20
SPELL = 5
"""Seconds for which one client asks before the next takes over."""
LONGEST = 200.0
"""Seconds after which what was drained until then must do."""
MOST_GROWTH, MOST_MS = 0.10, 50.0

# The same lives told again under other ids: six digits differ from copy to copy.
REPEAT = """
INSERT INTO event_log (id, type, subject, version, unit, recorded, body)
SELECT (lpad(to_hex(k), 6, '0') || substr(id::text, 7))::uuid, type, lpad(to_hex(k), 6, '0') || substr(subject, 7),
       version, unit, recorded,
       replace(replace(body::text, subject, lpad(to_hex(k), 6, '0') || substr(subject, 7)),
               id::text, lpad(to_hex(k), 6, '0') || substr(id::text, 7))::json
  FROM generate_series($1::int, $1::int) AS k, template ORDER BY pos
"""


async def measure(quick: bool) -> Figure:
    """Let boards tell and reporting hear a backlog while petitions are filed and asked for."""
    count = EVENTS // (10 if quick else 1)
    async with Installation("boards", "reporting") as installation:
        await growth.hear(installation, "boards", facts.ground(facts.wards()))
        async with installation.database("boards") as log, installation.database("reporting") as journal:
            await _fill(log, count)
            async with installation.running() as programs:
                sizes: dict[str, list[float]] = defaultdict(list)
                drained = asyncio.Event()
                answering = asyncio.create_task(_ask(installation, drained))
                began, heard = now(), 0
                while heard < count and now() < began + LONGEST:
                    for name, program in programs.items():
                        sizes[name].append(memory(program.pid))
                    await asyncio.sleep(LOOK_EVERY)
                    heard = await journal.fetchval("SELECT position FROM reader")
                ended = now()
                drained.set()
                answers = await answering
    meanwhile = [ms for loaded in answers for ms in loaded.milliseconds]
    growths = {name: _growth(each) for name, each in sizes.items()}
    value, p99 = heard / (ended - began), load.percentile(meanwhile, 0.99)
    return Figure(
        "B7",
        f"draining a backlog of {count:,} events while {ASKS_A_SECOND} requests/s are answered",
        value,
        "events/s",
        beside={},
        ratio={"memory at the end over the beginning": 1 + max(growths.values())},
        targets=(
            Target(f"memory grows < {MOST_GROWTH:.0%}", max(growths.values()) < MOST_GROWTH),
            Target(f"API p99 ≤ {MOST_MS:.0f} ms", p99 <= MOST_MS),
        ),
        more={
            "drained": heard,
            "API_p50_ms": round(load.percentile(meanwhile, 0.5), 1),
            "API_p99_ms": round(p99, 1),
            "MB": {name: [round(each[0]), round(max(each)), round(each[-1])] for name, each in sizes.items()},
            "growth": {name: round(one, 3) for name, one in growths.items()},
        },
    )


async def _fill(log: "asyncpg.Connection[asyncpg.Record]", count: int) -> None:
    """Put a backlog into a log."""
    await log.execute("CREATE TEMP TABLE template (LIKE event_log INCLUDING DEFAULTS)")
    await log.execute("CREATE TEMP SEQUENCE nth")
    await log.execute("ALTER TABLE template ALTER pos DROP IDENTITY IF EXISTS, ALTER pos SET DEFAULT nextval('nth')")
    await facts.append(log, facts.some(min(TEMPLATE, count)), "template")
    for k in range(1, max(count // TEMPLATE, 1) + 1):
        await log.execute(REPEAT, k)


async def _ask(installation: Installation, drained: asyncio.Event) -> list[Loaded]:
    """File petitions and list them, in turn, until the backlog is drained."""
    token = installation.token()
    question = Ask("/v1/petitions?limit=20", headers={"Authorization": f"Bearer {token}"})
    answers: list[Loaded] = []
    while not drained.is_set():
        asks = [ask for one in petitions(ASKS_A_SECOND * SPELL // 2, token) for ask in (one, question)]
        loaded = await load.asked(installation.urls["boards"], asks, ASKS_A_SECOND, ASKS_A_SECOND)
        assert not loaded.failed, loaded.statuses
        answers.append(loaded)
    return answers


def _growth(megabytes: list[float]) -> float:
    """Compare the last quarter with the second: the first warms up."""
    quarter = max(len(megabytes) // 4, 1)
    return mean(megabytes[-quarter:]) / mean(megabytes[quarter : 2 * quarter] or megabytes[-1:]) - 1
