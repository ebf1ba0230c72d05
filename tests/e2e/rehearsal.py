"""The story played inside a test: real services on real databases, with no processes and no broker between them.

Of every change, the steps that it takes away are played last and one change at a time, and then those that it adds.
What the services told is kept by change, so reporting can be let hear the whole year as if a row had not been there,
or as if there were one more; a transaction that is never committed then makes it forget.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ops.stories import Step, Story
from shared.consumers import Delivery
from shared.database import Connection, Database, Transaction
from tests.conftest import Serve, Served
from tests.e2e.changes import Change

SERVICES = ("buildings", "boards", "notifications", "reporting")
TELLING = "telling"
"""The phase that makes boards tell restricted facts."""
PERIOD = {"period": "thong-tri-05-2022"}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Told:
    """What was told: the ids of ordinary events, their bytes, and those of restricted facts."""

    ids: set[UUID] = field(default_factory=set)
    ordinary: list[Delivery] = field(default_factory=list)
    restricted: list[Delivery] = field(default_factory=list)

    def add(self, other: "Told") -> "Told":
        """Take in what else was told."""
        self.ids |= other.ids
        self.ordinary += other.ordinary
        self.restricted += other.restricted
        return self


class Passing(Database):
    """A database in which nothing lasts: its transactions are parts of one that is never committed."""

    def __init__(self, connection: Connection) -> None:
        """Work on a connection on which a transaction has begun."""
        self._connection = connection

    @asynccontextmanager
    async def transaction(self, *, snapshot: bool = False) -> AsyncIterator[Transaction]:  # noqa: ARG002 (one moment)
        """Begin a part of the transaction."""
        async with self._connection.transaction():
            yield Transaction(self._connection)


@asynccontextmanager
async def passing(connection: Connection) -> AsyncIterator[Passing]:
    """Give a database in which nothing lasts."""
    begun = connection.transaction()
    await begun.start()
    await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    try:
        yield Passing(connection)
    finally:
        await begun.rollback()


class Rehearsal:
    """The services, and what they told for each change."""

    def __init__(self, told: Story, services: dict[str, Served]) -> None:
        """Nothing has been played yet."""
        self._story = told
        self._services = services
        self._carried: Counter[tuple[str, str]] = Counter()
        self.left_out: dict[str, Told] = {}
        self.brought: dict[str, Told] = {}

    async def play(self, changes: Iterable[Change]) -> None:
        """Play the story, last of all what changes take away; then what they add, as if it came on top."""
        steps = {change.name: change.steps(self._story) for change in changes}
        held = {step.key for gone, _ in steps.values() for step in gone}
        await self._hear(await self._carry())
        for phase in self._story.phases:
            await self._give([step for step in self._story.steps(phase) if step.key not in held], heard=True)
        for name, (gone, _) in steps.items():
            self.left_out[name] = await self._told_of(gone)
        for name, (_, come) in steps.items():
            self.brought[name] = await self._told_of(come)

    def names(self, change: Change) -> set[str]:
        """Return the ids of a change's events, and of the things that its steps are about."""
        gone, come = change.steps(self._story)
        said = " ".join(f"{step.path} {step.body}" for step in (*gone, *come))
        told = self.left_out[change.name].ids | self.brought[change.name].ids
        about = {str(self._story.id(name)) for name in change.about}
        return set(_ID.findall(said)) | {str(one) for one in told} | about

    async def _told_of(self, steps: Sequence[Step]) -> Told:
        if not steps:
            return Told()
        (phase,) = (one for one in self._story.phases if one.name == TELLING)
        return await self._give([*steps, *self._story.steps(phase)], heard=False)

    async def _give(self, steps: Sequence[Step], *, heard: bool) -> Told:
        """Give commands; before one goes to another service, that one hears what the others told."""
        told = Told()
        for nth, step in enumerate(steps):
            if nth and step.service != steps[nth - 1].service:
                told.add(await self._carry())
            answer = await self._services[step.service].client.request(step.method, step.path, json=step.body)
            assert answer.status_code == 201, f"{step.phase}/{step.name}: {answer.text}"
        told.add(await self._carry())
        if heard:
            await self._hear(told)
        return told

    async def _carry(self) -> Told:
        """Let all but reporting hear what the others told since the last time, and return it."""
        told = Told()
        for name, served in self._services.items():
            new = await self._new(name, "event_log", served.database)
            told.add(new)
            for other in self._services.values():
                if other is not served and other is not self._services["reporting"] and new.ordinary:
                    await other.process.service.consumers.settle(other.database, new.ordinary)
        boards = self._services["boards"].process
        assert boards.restricted is not None
        apart = await self._new("boards", "restricted", boards.restricted.database)
        return told.add(Told(restricted=apart.ordinary))

    async def _new(self, service: str, log: str, database: Database) -> Told:
        async with database.transaction() as tx:
            rows = await tx.fetch(
                "SELECT pos, id, body FROM event_log WHERE pos > $1 ORDER BY pos", self._carried[service, log]
            )
        if rows:
            self._carried[service, log] = rows[-1]["pos"]
        return Told({row["id"] for row in rows}, [Delivery(str(row["body"]).encode()) for row in rows])

    async def _hear(self, told: Told, database: Database | None = None, apart: Database | None = None) -> None:
        """Let reporting hear."""
        process = self._services["reporting"].process
        assert process.restricted is not None
        assert process.service.restricted is not None
        if told.ordinary:
            new = await process.service.consumers.settle(database or process.database, told.ordinary)
            assert new == len(told.ordinary)
        if told.restricted:
            await process.service.restricted.settle(apart or process.restricted.database, told.restricted)

    @asynccontextmanager
    async def asking(self, change: Change | None = None) -> AsyncIterator["Asking"]:
        """Give reporting to ask that has heard the whole year, or the year with a change."""
        process = self._services["reporting"].process
        assert process.restricted is not None
        heard = Told()
        for name, told in self.left_out.items():
            if change is None or name != change.name:
                heard.add(told)
        if change is not None:
            heard.add(self.brought[change.name])
        async with (
            process.database.pool.acquire() as here,
            process.restricted.database.pool.acquire() as there,
            passing(here) as database,
            passing(there) as apart,
        ):
            state, lasting = process.app.state, (process.app.state.database, process.app.state.restricted)
            state.database, state.restricted = database, apart
            try:
                await self._hear(heard, database, apart)
                yield Asking(self._services["reporting"])
            finally:
                state.database, state.restricted = lasting


class Asking:
    """Asks reporting for the review of the year."""

    def __init__(self, reporting: Served) -> None:
        """Ask this one."""
        self._reporting = reporting

    async def lines(self) -> dict[str, dict[str, Any]]:
        """Return the lines of the review, by code."""
        answer = await self._reporting.client.get("/v1/reports/thong-tri-05", params=PERIOD)
        assert answer.status_code == 200, answer.text
        return {line["code"]: line for line in answer.json()["lines"]}

    async def explained(self, line: str) -> dict[str, Any]:
        """Return what made a line."""
        answer = await self._reporting.client.get(f"/v1/reports/thong-tri-05/lines/{line}/explain", params=PERIOD)
        assert answer.status_code == 200, answer.text
        explained: dict[str, Any] = answer.json()
        return explained


@asynccontextmanager
async def rehearsing(serve: Serve, told: Story, changes: Iterable[Change]) -> AsyncIterator[Rehearsal]:
    """Play a story with changes."""
    rehearsal = Rehearsal(told, {name: await serve(name) for name in SERVICES})
    await rehearsal.play(changes)
    yield rehearsal
