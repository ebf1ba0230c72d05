"""B3: a read model of a million events is derived again, counted and proved."""

import asyncio
import sys
from math import ceil
from pathlib import Path

import asyncpg

from benchmarks import growth
from benchmarks.figures import Figure, Target
from benchmarks.growth import Copies
from benchmarks.installation import Installation
from benchmarks.processes import Ended, now
from ops.running import ROOT

EVENTS = 1_000_000
DISTRICT_HOLDS = 10_000
LONGEST = 300.0
LEAST = 100_000


async def measure(quick: bool) -> Figure:
    """Rebuild a grown journal by the operator's command, then copy its rows into a table with the same indexes."""
    wanted = EVENTS // (10 if quick else 1)
    async with Installation("boards", "reporting") as installation:
        await growth.district(installation, DISTRICT_HOLDS)
        async with installation.database("reporting") as server:
            copies = Copies(server, within=False)
            await copies.begin()
            await copies.grow(ceil(wanted / await server.fetchval("SELECT count(*) FROM journal")))
            events = await server.fetchval("SELECT count(*) FROM journal")
            began = now()
            await _rebuild(installation)
            seconds = now() - began
            copied = await _copied(server, installation.folder / "journal.copy")
    value, beside = events / seconds, events / copied
    return Figure(
        "B3",
        f"events of {events:,} derived again by `chungcu rebuild reporting`, counts and digest included",
        value,
        "events/s",
        beside={"COPY of the same rows": beside},
        ratio={"COPY of the same rows": value / beside},
        targets=(Target(f"≥ {LEAST:,} events/s", value >= LEAST),),
        more={"seconds": round(seconds, 1), "seconds_of_COPY": round(copied, 1)},
    )


async def _rebuild(installation: Installation) -> None:
    environment = {**installation.environment("reporting"), "CHUNGCU_RUN": str(installation.folder / "run")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ops",
        "rebuild",
        "reporting",
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    if process.returncode:
        raise Ended(f"chungcu rebuild reporting: {process.returncode} {said.decode()[-500:]}")


async def _copied(server: "asyncpg.Connection[asyncpg.Record]", file: Path) -> float:
    """Return how many seconds COPY takes for the rows of the journal."""
    await server.copy_from_table("journal", output=file, format="binary")
    await server.execute("CREATE TABLE twin (LIKE journal INCLUDING ALL)")
    began = now()
    await server.copy_to_table("twin", source=file, format="binary")
    return now() - began
