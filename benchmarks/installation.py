"""Services of our own for as long as a benchmark lasts: their databases, queues and keys, all removed after."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from benchmarks.processes import Program, now, running
from ops import secrets
from ops.private import nodes
from ops.running import readiness
from ops.services import SERVICES
from shared import migrate
from shared.settings import Environment, Settings, restricted_role

POSTGRES = os.environ.get("CHUNGCU_TEST_POSTGRES_URL", "postgresql://root@localhost:5432")
RABBITMQ = os.environ.get("CHUNGCU_TEST_RABBITMQ_URL", "amqp://guest:guest@localhost:5672/")
READY_WITHIN = 60.0
OK = 200


class Installation:
    """One installation of some services: its topology is theirs alone, so that nobody's queue fills unheard."""

    def __init__(self, *services: str) -> None:
        """Name it so that it meets no other on the servers."""
        self.services: Sequence[str] = services or tuple(SERVICES)
        self.instance = f"bench_{uuid4().hex[:8]}"
        self.settings = Settings(
            env=Environment.DEVELOPMENT, instance=self.instance, postgres_url=POSTGRES, rabbitmq_url=RABBITMQ
        )
        self.urls = {name: f"http://127.0.0.1:{nodes.free_port()}" for name in self.services}
        self.folder = Path()

    async def __aenter__(self) -> Self:
        """Make keys, databases and queues."""
        self.folder = Path(tempfile.mkdtemp(prefix="chungcu-bench-"))
        secrets.make(self.folder)
        try:
            hearings = [SERVICES[name].hearing for name in self.services]
            await migrate.migrate(self.settings, hearings, lambda _: None, self.folder)
        except BaseException:
            await self._remove()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was made."""
        await self._remove()

    async def _remove(self) -> None:
        try:
            await migrate.drop(self.settings, self.services)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def token(self, *permissions: str, units: Sequence[str] = ("HN",)) -> str:
        """Return a token; without permissions named, one with all ordinary ones."""
        return secrets.mint(self.folder, permissions or secrets.ORDINARY, units)

    def address(self, service: str) -> str:
        """Return the address of a service's database, as the server's administrator."""
        return _database(self.settings.named(service))

    @asynccontextmanager
    async def database(self, service: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """Look into a service's database from outside."""
        connection = await asyncpg.connect(self.address(service))
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def scratch(self, tables: str = "SELECT 1") -> AsyncIterator[str]:
        """Make a database for a rival, with its tables, and remove it at the end."""
        name = f"{self.instance}_rival"
        admin = await asyncpg.connect(_database("postgres"))
        try:
            await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            connection = await asyncpg.connect(_database(name))
            await connection.execute(tables)
            await connection.close()
            yield _database(name)
        finally:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await admin.close()

    async def backends(self) -> list[int]:
        """Return the processes of the server that work for this installation."""
        async with self.database(self.services[0]) as connection:
            rows = await connection.fetch(
                "SELECT pid FROM pg_stat_activity WHERE starts_with(datname, $1) AND pid <> pg_backend_pid()",
                self.instance,
            )
        return [row["pid"] for row in rows]

    @asynccontextmanager
    async def running(self, *names: str) -> AsyncIterator[dict[str, Program]]:
        """Run services, by default all, until the block is left; they are ready, broker included."""
        async with AsyncExitStack() as stack:
            started = {
                name: await stack.enter_async_context(
                    running(f"services.{name}", environment=self.environment(name), log=self.folder / f"{name}.log")
                )
                for name in names or self.services
            }
            for name, program in started.items():
                await self._ready(name, program)
            yield started

    async def _ready(self, name: str, program: Program) -> None:
        until = now() + READY_WITHIN
        while True:
            status, words = await asyncio.to_thread(readiness, self.urls[name])
            if status == OK and words.get("instance") == self.instance and words.get("broker") == "connected":
                return
            if now() > until or program.process.returncode is not None:
                raise TimeoutError(f"{name}: {(self.folder / f'{name}.log').read_text()[-2000:]}")
            await asyncio.sleep(0.05)

    def environment(self, name: str) -> dict[str, str]:
        """Return what a service is told."""
        at = urlsplit(POSTGRES)
        return {
            "CHUNGCU_ENV": "development",
            "CHUNGCU_INSTANCE": self.instance,
            "CHUNGCU_POSTGRES_URL": urlunsplit(at._replace(netloc=at.netloc.rpartition("@")[2])),
            "CHUNGCU_PASSWORD_FILE": str(self.folder / f"{name}_password"),
            "CHUNGCU_RESTRICTED_PASSWORD_FILE": str(self.folder / f"{restricted_role(name)}_password"),
            "CHUNGCU_RABBITMQ_URL": RABBITMQ,
            "CHUNGCU_JWKS": str(self.folder / "jwks.json"),
            "CHUNGCU_MASTER_KEY_FILE": str(self.folder / "master_key"),
            "CHUNGCU_FEEDS": json.dumps(self.urls),
            "CHUNGCU_TOKEN_FILE": str(self.folder / "feed_token"),
            "CHUNGCU_RESTRICTED_TOKEN_FILE": str(self.folder / "restricted_feed_token"),
            "CHUNGCU_PORT": str(urlsplit(self.urls[name]).port),
        }


def _database(name: str) -> str:
    parts = urlsplit(POSTGRES)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
