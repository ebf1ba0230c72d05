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
from shared.settings import Settings, restricted_role
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


def migrations(service: str, *, restricted: bool = False) -> list[Migration]:
    """Return a service's migrations: the plumbing's first, each in the order of its number.

    Those of a restricted part are the plumbing's, in the part's own schema, and what lies in a folder of their own.
    """
    found = []
    own = ("migrations", "restricted") if restricted else ("migrations",)
    for owner, package, folder in (("shared", "shared", ("migrations",)), (service, f"services.{service}", own)):
        room = files(package).joinpath(*folder)
        found += [
            Migration(f"{owner}/{file.name.removesuffix('.sql')}", file.read_text())
            for file in sorted(room.iterdir(), key=lambda file: file.name)
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
            role = settings.named(hearing.service)
            await _create_role(admin, role, _password(passwords, hearing.service))
            if hearing.restricted is not None:
                name = restricted_role(hearing.service)
                await _create_role(admin, restricted_role(role), _password(passwords, name))
            await _create_database(admin, role)
    finally:
        await admin.close()
    planned = topology.plan(hearings)
    for hearing in hearings:
        applied = await apply(_admin(settings, settings.named(hearing.service)), settings, hearing, planned)
        for name in applied:
            say(f"{hearing.service}: {name}")
    async with await aio_pika.connect(settings.broker(), timeout=10) as connection:
        await topology.declare(connection, settings, planned)


async def apply(address: str, settings: Settings, hearing: Hearing, planned: dict[str, object]) -> list[str]:
    """Apply a service's migrations to one database, as its administrator, and return the names of the new ones."""
    connection = await asyncpg.connect(address)
    role = settings.named(hearing.service)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(f'SET ROLE "{role}"')
        new = await _apply(connection, migrations(hearing.service), planned)
        if hearing.restricted is None:
            return new
        apart, schema = restricted_role(role), topology.RESTRICTED_SCHEMA
        await connection.execute("RESET ROLE")
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION "{apart}"')
        await connection.execute(f'SET ROLE "{apart}"')
        await connection.execute(f"SET search_path = {schema}")
        own = await _apply(connection, migrations(hearing.service, restricted=True), planned)
        return [*new, *(f"{schema}/{name}" for name in own)]
    finally:
        await connection.close()


async def _apply(
    connection: "asyncpg.Connection[asyncpg.Record]", wanted: Sequence[Migration], planned: dict[str, object]
) -> list[str]:
    await connection.execute(
        """CREATE TABLE IF NOT EXISTS schema_migration (
               name text PRIMARY KEY, checksum bytea NOT NULL, applied timestamptz NOT NULL DEFAULT now())"""
    )
    known = {row["name"]: row["checksum"] for row in await connection.fetch("SELECT * FROM schema_migration")}
    new = []
    for one in wanted:
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


async def pending(settings: Settings, services: Iterable[str]) -> list[str]:
    """Return what `migrate` would still do, in words."""
    missing = []
    for service in services:
        missing += await _pending(settings.database(service), service, migrations(service))
        if files(f"services.{service}").joinpath("migrations", "restricted").is_dir():
            apart = migrations(service, restricted=True)
            schema = topology.RESTRICTED_SCHEMA
            missing += await _pending(settings.restricted_database(service), service, apart, schema)
    return missing


async def _pending(address: str, service: str, wanted: Sequence[Migration], schema: str = "public") -> list[str]:
    try:
        connection = await asyncpg.connect(address, server_settings={"search_path": schema})
    except asyncpg.InvalidCatalogNameError:
        return [f"{service}: no database"]
    except asyncpg.InvalidAuthorizationSpecificationError:
        return [f"{service}: no role"]
    try:
        known = {row["name"]: row["checksum"] for row in await connection.fetch("SELECT * FROM schema_migration")}
    except asyncpg.UndefinedTableError:
        known = {}
    finally:
        await connection.close()
    return [one.name for one in wanted if known.get(one.name) != one.checksum]


async def drop(settings: Settings, services: Sequence[str]) -> None:
    """Remove everything of this installation from both servers."""
    admin = await asyncpg.connect(_admin(settings))
    try:
        for service in services:
            name = settings.named(service)
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            for role in (name, restricted_role(name)):
                await admin.execute(f'DROP ROLE IF EXISTS "{role}"')
    finally:
        await admin.close()
    async with await aio_pika.connect(settings.broker(), timeout=10) as connection:
        await topology.remove(connection, settings, topology.plan([Hearing(service, ()) for service in services]))


async def _create_role(admin: "asyncpg.Connection[asyncpg.Record]", name: str, password: str | None) -> None:
    if not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name):
        await admin.execute(f'CREATE ROLE "{name}" LOGIN')
    if password is not None:
        quoted = await admin.fetchval("SELECT quote_literal($1::text)", password)
        await admin.execute(f'ALTER ROLE "{name}" PASSWORD {quoted}')
    # An administrator who is no superuser must be a member of the role it hands a database or a schema to.
    await admin.execute(f'GRANT "{name}" TO CURRENT_USER')


async def _create_database(admin: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
    if not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
        # Both sort by code point; but of C alone the server knows it, and so indexes ids and kinds in half the time.
        await admin.execute(
            f"""CREATE DATABASE "{name}" OWNER "{name}" TEMPLATE template0
                ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"""
        )


def _password(folder: Path | None, service: str) -> str | None:
    return folder.joinpath(f"{service}_password").read_text().strip() if folder else None


def _admin(settings: Settings, database: str = "postgres") -> str:
    parts = urlsplit(settings.postgres_url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))
