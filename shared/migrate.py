"""Databases, roles, numbered SQL and the broker's topology: made once, in order, by one process at a time."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import asyncpg
import orjson

from shared import topology
from shared.settings import Settings
from shared.topology import Hearing

LOCK = 0x63_68_75_6D
"""The advisory lock of migrations."""


class Changed(RuntimeError):
    """A migration that has been applied was edited; write a new one instead."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: `shared/0001_plumbing`, and its text."""

    name: str
    sql: str

    @property
    def checksum(self) -> bytes:
        """Return the fingerprint of the text."""
        return hashlib.sha256(self.sql.encode()).digest()


def migrations(service: str) -> list[Migration]:
    """Return a service's migrations: the plumbing's first, each in the order of its number."""
    found = []
    for owner, package in (("shared", "shared"), (service, f"services.{service}")):
        folder = files(package).joinpath("migrations")
        found += [
            Migration(f"{owner}/{file.name.removesuffix('.sql')}", file.read_text())
            for file in sorted(folder.iterdir(), key=lambda file: file.name)
            if file.name.endswith(".sql")
        ]
    return found


async def migrate(
    settings: Settings, hearings: Sequence[Hearing], say: Callable[[str], None], passwords: Path | None = None
) -> None:
    """Make what is missing: roles and databases as the server's administrator, tables, topology.

    `passwords` is a folder with one `<service>_password` file each, for servers that ask for one.
    """
    admin = await asyncpg.connect(_admin(settings))
    try:
        # Of the whole server: two migrations at once would both create the role.
        await admin.execute("SELECT pg_advisory_lock($1)", LOCK)
        for hearing in hearings:
            await _create(admin, settings.named(hearing.service), _password(passwords, hearing.service))
    finally:
        await admin.close()
    planned = topology.plan(hearings)
    for hearing in hearings:
        applied = await apply(_admin(settings, settings.named(hearing.service)), settings, hearing.service, planned)
        for name in applied:
            say(f"{hearing.service}: {name}")
    async with await aio_pika.connect(settings.broker(), timeout=10) as connection:
        await topology.declare(connection, settings, planned)


async def apply(address: str, settings: Settings, service: str, planned: dict[str, object]) -> list[str]:
    """Apply a service's migrations to one database and return the names of the new ones."""
    connection = await asyncpg.connect(address)
    role = settings.named(service)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(f'SET ROLE "{role}"')
        await connection.execute(
            """CREATE TABLE IF NOT EXISTS schema_migration (
                   name text PRIMARY KEY, checksum bytea NOT NULL, applied timestamptz NOT NULL DEFAULT now())"""
        )
        known = {row["name"]: row["checksum"] for row in await connection.fetch("SELECT * FROM schema_migration")}
        new = []
        for one in migrations(service):
            if one.name in known:
                if known[one.name] != one.checksum:
                    raise Changed(one.name)
                continue
            async with connection.transaction():
                await connection.execute(one.sql)
                await connection.execute("INSERT INTO schema_migration VALUES ($1, $2)", one.name, one.checksum)
            new.append(one.name)
        await connection.execute(
            "INSERT INTO topology (plan) VALUES ($1) ON CONFLICT (one) DO UPDATE SET plan = excluded.plan",
            orjson.dumps(planned).decode(),
        )
        return new
    finally:
        await connection.close()


async def pending(settings: Settings, services: Iterable[str]) -> list[str]:
    """Return what `migrate` would still do, in words."""
    missing = []
    for service in services:
        try:
            connection = await asyncpg.connect(settings.database(service))
        except asyncpg.InvalidCatalogNameError:
            missing.append(f"{service}: no database")
            continue
        except asyncpg.InvalidAuthorizationSpecificationError:
            missing.append(f"{service}: no role")
            continue
        try:
            known = {row["name"]: row["checksum"] for row in await connection.fetch("SELECT * FROM schema_migration")}
        except asyncpg.UndefinedTableError:
            known = {}
        finally:
            await connection.close()
        missing += [one.name for one in migrations(service) if known.get(one.name) != one.checksum]
    return missing


async def drop(settings: Settings, services: Sequence[str]) -> None:
    """Remove everything of this installation from both servers."""
    admin = await asyncpg.connect(_admin(settings))
    try:
        for service in services:
            name = settings.named(service)
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await admin.execute(f'DROP ROLE IF EXISTS "{name}"')
    finally:
        await admin.close()
    async with await aio_pika.connect(settings.broker(), timeout=10) as connection:
        await topology.remove(connection, settings, topology.plan([Hearing(service, ()) for service in services]))


async def _create(admin: "asyncpg.Connection[asyncpg.Record]", name: str, password: str | None) -> None:
    if not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name):
        await admin.execute(f'CREATE ROLE "{name}" LOGIN')
    if password is not None:
        quoted = await admin.fetchval("SELECT quote_literal($1::text)", password)
        await admin.execute(f'ALTER ROLE "{name}" PASSWORD {quoted}')
    # An administrator who is no superuser must be a member of the role it hands a database to.
    await admin.execute(f'GRANT "{name}" TO CURRENT_USER')
    if not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
        await admin.execute(
            f"""CREATE DATABASE "{name}" OWNER "{name}" TEMPLATE template0
                ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"""
        )


def _password(folder: Path | None, service: str) -> str | None:
    return folder.joinpath(f"{service}_password").read_text().strip() if folder else None


def _admin(settings: Settings, database: str = "postgres") -> str:
    parts = urlsplit(settings.postgres_url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))
