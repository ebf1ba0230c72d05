"""A service is killed before and after every place where it waits; nothing is lost, done twice, disordered or stuck."""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.chaos.points import faults
from tests.chaos.points.city import City
from tests.chaos.points.faults import SIDES, Point, Side
from tests.chaos.points.life import Life
from tests.conftest import POSTGRES, RABBITMQ

CALM = 2.5
"""Seconds of an ordinary life after it became ready, within which an ordinary place is reached."""
SHORT = 0.4
COLD = 3.0
"""Seconds for which a process that was started finds no broker."""
DRAINED_WITHIN = 120.0
"""Seconds for the last life to finish; other users of a server may hold the line for a while."""
LANES = 2
"""Copies of the service that is tried whole, each with its own database and its share of the places."""
SAMPLED = {"buildings": 4, "notifications": 4, "reporting": 16}
"""Sides tried of each service that is not tried whole; reporting has an inbox of its own."""


@dataclass(frozen=True, slots=True)
class Try:
    """One side of one place: in which life it was to be met, and what came of it."""

    service: str
    point: Point
    side: Side
    stage: str
    """An ordinary life; one that is told to stop; one that began without its broker; one whose broker and database are
    cut off; one beside another."""
    passing: int = 1
    killed: bool = False
    back_after: float | None = None
    """Seconds from the death until the next life was ready, where it lived that long."""


@dataclass
class Result:
    """What was tried, and what it did."""

    listed: int = 0
    tried: list[Try] = field(default_factory=list)
    reached: set[tuple[Point, Side]] = field(default_factory=set)
    """Sides that some life met, of whichever service."""
    left_out: list[tuple[str, Point, Side]] = field(default_factory=list)
    """Sides for which there was no time."""
    lost: int = 0
    twice: int = 0
    order: int = 0
    stuck: int = 0
    cursor_back: int = 0
    answered: int = 0
    heard: int = 0
    duplicates_seen: int = 0

    @property
    def never_reached(self) -> list[tuple[Point, Side]]:
        """Return the sides that no life met: ways out of faults that were not made to happen, errands of operators."""
        return [(point, side) for point in faults.listed() for side in SIDES if (point, side) not in self.reached]

    @property
    def killed(self) -> int:
        """Return how many deaths there were."""
        return sum(one.killed for one in self.tried)

    @property
    def recovery_seconds(self) -> list[float]:
        """Return how long it took to be back, for the lives that came to it."""
        return sorted(one.back_after for one in self.tried if one.back_after is not None)

    @property
    def holds(self) -> bool:
        """Tell whether something died and nothing came of it."""
        return self.killed > 0 and not (self.lost or self.twice or self.order or self.stuck or self.cursor_back)

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        yield (
            f"{self.listed} chỗ chờ · places, ×2; {len(self.tried)} đã thử · tried, {self.killed} lần chết · deaths,"
            f" {len(self.never_reached)} không tới · never reached, {len(self.left_out)} hết giờ · no time for"
        )
        yield (
            f"mất · lost {self.lost}, hai lần · twice {self.twice}, sai thứ tự · out of order {self.order}, kẹt · stuck"
            f" {self.stuck}, con trỏ lùi · cursor back {self.cursor_back}; {self.answered} lệnh · commands,"
            f" {self.heard} dữ kiện · facts, {self.duplicates_seen} bản lặp · duplicates seen"
        )
        if back := self.recovery_seconds:
            yield f"trở lại sau · back after {statistics.median(back):.1f} s, {back[-1]:.1f} s nhiều nhất · at most"


def points(
    seed: int,
    seconds_limit: float,
    say: Callable[[str], None],
    whole: str | None = "boards",
    sampled: Mapping[str, int] | None = None,
    broken: str = "",
    servers: tuple[str, str] = (POSTGRES, RABBITMQ),
) -> Result:
    """Kill one service at every side of every place, and others at some that the seed chooses.

    `sampled` names how many sides of a service are tried; by default some of every service that is not tried whole.
    `broken` names a guard that the service is to live without; `servers` are PostgreSQL and RabbitMQ, which come to no
    harm.
    """
    some = sampled if sampled is not None else SAMPLED
    end = time.monotonic() + seconds_limit
    result = Result(listed=len(list(faults.listed())))
    say(f"{result.listed} chỗ chờ trong dây chuyền · places where the conveyor waits")

    async def killing(service: str, count: int | None, lane: int = 0) -> None:
        dice = random.Random(f"{seed} {service} {lane}")
        with tempfile.TemporaryDirectory(prefix="chungcu-points-") as home:
            city = City(service, Path(home), broken, servers)
            await _Killing(city, count, lane, end, dice, Path(home), say, result).run()

    async def one_after_the_other() -> None:
        # The samples come first: a limit cuts the many short, not the few.
        for service, count in some.items():
            await killing(service, count)
        if whole:
            async with asyncio.TaskGroup() as lanes:
                for lane in range(LANES):
                    lanes.create_task(killing(whole, None, lane))

    asyncio.run(one_after_the_other())
    for line in result.lines():
        say(line)
    return result


class _Killing:
    """The deaths of one service, one after the other."""

    def __init__(
        self,
        city: City,
        count: int | None,
        lane: int,
        end: float,
        dice: random.Random,
        home: Path,
        say: Callable[[str], None],
        result: Result,
    ) -> None:
        self._city, self._service, self._count, self._lane = city, city.service, count, lane
        self._end, self._dice = end, dice
        self._home, self._say, self._result = home, say, result
        self._cursor = (0, 0)
        self._died_at: float | None = None

    async def run(self) -> None:
        """Look which places a life passes, die at each, and see what is left of the day."""
        async with self._city.open() as city:
            async with city.busy():
                passed = await self._looked()
                for one in self._chosen(passed):
                    if time.monotonic() > self._end:
                        self._result.left_out.append((one.service, one.point, one.side))
                        continue
                    await self._try(one)
            await self._settle()

    def _chosen(self, passed: dict[tuple[str, int, Side], tuple[str, int]]) -> list[Try]:
        found = []
        for nth, point in enumerate(faults.listed()):
            first = self._dice.choice(SIDES)
            for side in SIDES:
                stage, passings = passed.get((point.module, point.n, side), ("", 0))
                if not passings:
                    continue
                self._result.reached.add((point, side))
                if self._count is not None or nth % LANES == self._lane:
                    one = Try(self._service, point, side, stage, self._dice.randint(1, passings))
                    found.append((one, side != first))
        self._dice.shuffle(found)
        if self._count is None:
            # Should there be no time for all, every place is tried from one side at least.
            found.sort(key=lambda one: one[1])
        else:
            # Of a service that is only sampled, what it alone has comes first.
            found.sort(key=lambda one: self._service not in one[0].point.module)
        return [one for one, _ in found[: self._count]]

    async def _looked(self) -> dict[tuple[str, int, Side], tuple[str, int]]:
        """Live through every stage once, and note in which one each side was first passed, and how often."""
        passed: dict[tuple[str, int, Side], tuple[str, int]] = {}
        trace = self._home / "trace"

        def note(stage: str) -> None:
            for line in trace.read_text().splitlines() if trace.exists() else ():
                module, n, side, passing = Point.sides(line)
                known = passed.get((module, n, side))
                if known is None or known[0] == stage:
                    passed[module, n, side] = (stage, passing)
            trace.unlink(missing_ok=True)

        await self._city.poison()
        life = await self._city.begin(trace=trace)
        await life.lasts(CALM)
        note("calm")
        life.told_to_stop()
        await life.ends(10)
        note("leaving")
        await life.end()
        if self._count is not None:
            return passed
        for stage in ("cold", "upset", "standby"):
            beside = await self._beside(stage)
            life = await self._city.begin(trace=trace, beside=beside is not None)
            await self._live(life, stage)
            note(stage)
            for every in (life, beside):
                if every is not None:
                    await every.end()
        return passed

    async def _beside(self, stage: str) -> Life | None:
        if stage != "standby":
            return None
        first = await self._city.begin()
        await first.lasts(0)
        return first

    async def _live(self, life: Life, stage: str) -> None:
        """Let a life go through what it is to meet."""
        match stage:
            case "calm":
                await life.lasts(CALM)
            case "leaving":
                await life.lasts(SHORT)
                life.told_to_stop()
                await life.ends(10)
            case "cold":
                async with self._city.without_a_broker():
                    await life.ends(COLD)
                await life.lasts(SHORT)
            case "upset":
                await life.lasts(SHORT)
                self._city.cut()
                await life.ends(1.5)
                await self._city.terminate()
                await life.ends(1.5)
            case "standby":
                await life.ends(6)

    async def _try(self, one: Try) -> None:
        await self._city.poison()
        beside = await self._beside(one.stage)
        died_at = self._died_at
        life = await self._city.begin(kill_at=one.point.at(one.side, one.passing), beside=beside is not None)
        await self._live(life, one.stage)
        killed = life.killed
        self._died_at = time.monotonic()
        for every in (life, beside):
            if every is not None:
                await every.end()
        back = life.ready_at - died_at if life.ready_at and died_at else None
        self._result.tried.append(replace(one, killed=killed, back_after=back))
        if not killed:
            self._say(f"không chết ở · did not die at {one.side} {one.point}, {one.stage} {one.passing}")
        await self._look_at_the_log()
        if not killed and one.passing > 1:
            # It is not passed so often in every life.
            await self._try(replace(one, passing=1))

    async def _look_at_the_log(self) -> None:
        """See what must hold at any moment: what was answered is written, and the cursor goes only on."""
        answered = list(self._city.answered)
        written = await self._city.admin.fetchval("SELECT count(*) FROM event_log WHERE id = ANY ($1)", answered)
        if written < len(answered):
            self._say(f"{len(answered) - written} lệnh đã trả lời mà không có trong sổ · answered and not in the log")
        (row,) = await self._city.admin.fetch("SELECT numbered, sent FROM relay")
        cursor = (row["numbered"], row["sent"])
        if cursor[0] < self._cursor[0] or cursor[1] < self._cursor[1] or cursor[1] > cursor[0]:
            self._result.cursor_back += 1
            self._say(f"con trỏ lùi · the cursor went back: {self._cursor} → {cursor}")
        self._cursor = cursor

    async def _settle(self) -> None:
        """Let a last life finish what is there, and count."""
        city, result = self._city, self._result
        life = await city.begin()
        await life.lasts(0)
        await city.until(self._drained, DRAINED_WITHIN)
        await self._look_at_the_log()
        log = {str(row["id"]) for row in await city.admin.fetch("SELECT id FROM event_log")}
        applied = await self._applied()
        facts = await self._facts()
        result.stuck += len(log - city.seen.ids) + len(facts - applied.keys()) + await self._aside()
        life.told_to_stop()
        if not await life.ends(20):
            result.stuck += 1
        await life.end()
        result.lost += len(city.answered.keys() - log)
        result.twice += sum(times > 1 for event, times in applied.items() if event in facts)
        result.order += city.seen.disordered + await self._versions_out_of_order()
        result.answered += len(city.answered)
        result.heard += len(facts)
        result.duplicates_seen += city.seen.repeated + await city.admin.fetchval(
            "SELECT count(*) - count(DISTINCT event) FROM chaos_applied WHERE place = 'inbox'"
        )

    async def _drained(self) -> bool:
        log = {str(row["id"]) for row in await self._city.admin.fetch("SELECT id FROM event_log")}
        return (
            log <= self._city.seen.ids
            and await self._facts() <= (await self._applied()).keys()
            and not await self._aside()
        )

    async def _facts(self) -> set[str]:
        """Return the facts told that leave a row in the witness."""
        return self._city.published - self._city.groundwork

    async def _applied(self) -> dict[str, int]:
        rows = await self._city.admin.fetch(
            "SELECT event, count(*) FROM chaos_applied WHERE place = $1 GROUP BY event", self._city.work.witness
        )
        return {str(event): times for event, times in rows}

    async def _aside(self) -> int:
        """Return how many poisoned messages were not put aside, each once."""
        return abs(self._city.poisoned - int(await self._city.admin.fetchval("SELECT count(*) FROM parked")))

    async def _versions_out_of_order(self) -> int:
        return int(
            await self._city.admin.fetchval(
                """SELECT count(*) FROM (
                       SELECT l.version - lag(l.version, 1, 0) OVER (PARTITION BY l.subject ORDER BY o.logseq) AS step
                         FROM log_order AS o JOIN event_log AS l USING (pos)) AS s WHERE step <> 1"""
            )
        )


if __name__ == "__main__":
    sys.exit(not points(int(sys.argv[1]), float(sys.argv[2]), print).holds)
