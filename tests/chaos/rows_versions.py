"""Rows in which two editions of the code run side by side, and in which the report is made anew meanwhile."""

import asyncio
import shutil
import tempfile
from functools import partial
from pathlib import Path

from tests.chaos import rows_points
from tests.chaos.city import City
from tests.chaos.ledger import Fault, Verdict
from tests.chaos.rows import Figures, row
from tests.e2e.system import ROOT

BESIDE = 5.0
TRIES = 25
POINTS_WITHIN = 1200.0
"""Seconds for all the deaths; those for which there was no time are counted and said."""
NEXT = "boards.petition_flagged_complex.v2"
PETITIONS = "shared/events/boards/petition.py"
EDITIONS = (
    # An optional field more: a change of the event.
    (PETITIONS, "    building: UUID | None\n", "    building: UUID | None\n    floor: int | None = 7\n"),
    # Anything else: a new edition beside the old one, which is still read.
    (
        PETITIONS,
        "class PetitionResolved(Event):",
        (
            "FIRST = PetitionFlaggedComplex\n\n\n"
            "class PetitionFlaggedComplex(FIRST):\n"
            '    """A petition was flagged as a complex case, and how urgent it is."""\n\n'
            "    edition = 2\n"
            "    urgency: int = 1\n\n\n"
            "class PetitionResolved(Event):"
        ),
    ),
    (
        "shared/events/__init__.py",
        "    PetitionFlaggedComplex,\n    PetitionResolved,\n    PersonErased,\n    boards.",
        "    PetitionFlaggedComplex,\n    boards.petition.FIRST,\n    PetitionResolved,\n    PersonErased,\n    boards.",
    ),
)
"""What the next edition of the code has and this one has not: file, text, and text in its place."""


def next_edition(folder: Path) -> Path:
    """Make a copy of the services that tells an event with one field more, and one in a new edition."""
    for part in ("shared", "services"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file, text, instead in EDITIONS:
        path = folder / file
        source = path.read_text(encoding="utf-8")
        assert source.count(text) == 1, f"{file} has not what the next edition changes: {text!r}"
        path.write_text(source.replace(text, instead), encoding="utf-8")
    return folder


@row("editions", "bản mới cạnh bản cũ: thêm trường, thêm v2 · the next edition beside this one", "P1 P2 P3", rests=60.0)
async def editions(city: City) -> None:
    """Readers of this edition pass over what they do not know, or leave it to readers of the next; nothing is lost."""
    with tempfile.TemporaryDirectory(prefix="chungcu-next-") as folder:
        tree = await asyncio.to_thread(next_edition, Path(folder))
        writers = [await city.replica("boards", tree)]
        readers = [await city.replica(one, tree) for one in ("reporting", "notifications", "buildings")]
        await city.replicas_ready()
        await asyncio.sleep(BESIDE)
        # Downtime would show as commands that nobody answers; then the new writers leave, the new readers finish.
        assert await city.dismiss(*writers) == [0]
        for _ in range(TRIES):
            parked = await city.system.fetch(
                "reporting", "SELECT DISTINCT fingerprint FROM parked WHERE type = $1", NEXT
            )
            if not parked and not await _unheard(city):
                break
            for one in parked:
                again = ("parked", "retry", "--fingerprint", one["fingerprint"], "-s", "reporting")
                await asyncio.to_thread(partial(city.system.chungcu, *again, check=False))
            # Whoever looks first tries it: at the same moment each time, it might always be the old edition.
            await city.a_while(0.3, 1.6)
        assert not await _unheard(city), "events of the next edition were not heard"
        (told,) = await city.system.fetch("boards", "SELECT count(*) AS n FROM event_log WHERE type = $1", NEXT)
        assert told["n"], "the next edition told nothing"
        city.notes.append(f"{told['n']} {NEXT}")
        city.heal()
        assert not any(await city.dismiss(*readers)), "a replica did not leave well"


async def _unheard(city: City) -> int:
    told = {one["id"] for one in await city.system.fetch("boards", "SELECT id FROM event_log WHERE type = $1", NEXT)}
    heard = {
        one["event"] for one in await city.system.fetch("reporting", "SELECT event FROM journal WHERE type = $1", NEXT)
    }
    return len(told - heard)


@row("rebuild", "lập lại báo cáo trong khi mọi thứ hỏng · the report rebuilt while services die", "P2 P6")
async def rebuild(city: City) -> None:
    """The report is derived anew while events come and services are killed, and equals its journal."""
    rebuilding = asyncio.create_task(_rebuilt(city))
    for service in ("boards", "reporting", "buildings"):
        await city.a_while(0.3, 1.0)
        city.kill(service)
        for wire in city.wires.values():
            wire.reset()
    await rebuilding
    city.heal()


async def _rebuilt(city: City) -> None:
    """Rebuild as an operator does whose command is cut off: again, until it comes to its end."""
    for nth in range(TRIES):
        done = await asyncio.to_thread(partial(city.system.chungcu, "rebuild", "reporting", check=False))
        if done.returncode == 0:
            city.notes.append(f"{nth} lần bị ngắt · interrupted")
            return
    message = f"rebuild ended with {done.returncode}: {done.stderr[-400:]}"
    raise AssertionError(message)


@row(
    "points",
    "kill −9 trước và sau mọi chỗ chờ · killed before and after every await that a life reaches",
    "P1 P2 P3",
    hidden=True,
    within=POINTS_WITHIN + 300,
)
async def points(city: City) -> Figures:
    """Not at random: every place where the conveyor waits, one after the other."""
    running = city.system.running
    servers = (running.postgres_url, running.rabbitmq_url)
    seed = city.dice.randrange(1_000_000)
    found = await asyncio.to_thread(rows_points.points, seed, POINTS_WITHIN, city.say, servers=servers)
    city.notes += list(found.lines())[:1]
    verdict = Verdict()
    for fault, count in (
        (Fault.LOST, found.lost),
        (Fault.TWICE, found.twice),
        (Fault.ORDER, found.order),
        (Fault.STUCK, found.stuck),
        (Fault.CURSOR, found.cursor_back),
    ):
        verdict.wrong[fault] = {f"points {nth}" for nth in range(count)}
    recovered = found.recovery_seconds
    return Figures(
        found.answered, verdict, found.duplicates_seen, recovered[len(recovered) // 2] if recovered else None
    )
