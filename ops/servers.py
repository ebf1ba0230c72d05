"""PostgreSQL and RabbitMQ: found where they already are, else started for this checkout alone."""

import asyncio
import getpass
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import asyncpg

from ops import containers, private
from ops.console import Fault, say

KINDS = ("postgres", "rabbitmq")
NAMES = {"postgres": "PostgreSQL", "rabbitmq": "RabbitMQ"}
VARIABLES = {"postgres": "CHUNGCU_POSTGRES_URL", "rabbitmq": "CHUNGCU_RABBITMQ_URL"}
OLDEST_POSTGRES = 14
STARTS_WITHIN = 60.0


class Way(StrEnum):
    """How a server is come by, in the order in which ways are tried."""

    ENV = "env"
    LOCAL = "local"
    DOCKER = "docker"
    PRIVATE = "private"


@dataclass(frozen=True)
class Server:
    """One server: how it was come by, where it answers, and where a person may look at it."""

    way: Way
    url: str
    ui: str = ""
    version: str = ""

    @property
    def shared(self) -> bool:
        """Tell whether it belongs to somebody else: we may only ever remove what bears our name."""
        return self.way in {Way.ENV, Way.LOCAL}

    @property
    def place(self) -> str:
        """Return its host and port, without names and passwords."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


@dataclass(frozen=True)
class Servers:
    """The two servers everything stands on."""

    postgres: Server
    rabbitmq: Server

    @classmethod
    def noted(cls, note: dict[str, Any]) -> "Servers | None":
        """Read them back from a note."""
        return (
            cls(**{kind: Server(**{**note[kind], "way": Way(note[kind]["way"])}) for kind in KINDS}) if note else None
        )

    def to_note(self) -> dict[str, Any]:
        """Return them as a note."""
        return asdict(self)

    def each(self) -> Iterable[tuple[str, Server]]:
        """Return both with what they are."""
        return (("postgres", self.postgres), ("rabbitmq", self.rabbitmq))

    def told(self) -> str:
        """Say in one line what was found."""
        return " · ".join(f"{NAMES[kind]} {one.version} {one.place} ({one.way})" for kind, one in self.each())


def forced() -> Way | None:
    """Return the one way CHUNGCU_SERVERS allows, or none for all of them in order."""
    asked = os.environ.get("CHUNGCU_SERVERS") or "auto"
    if asked == "auto":
        return None
    try:
        return Way(asked)
    except ValueError:
        raise Fault(
            f"CHUNGCU_SERVERS={asked}: không có cách này · there is no such way",
            f"Chọn · Choose: auto, {', '.join(Way)}",
        ) from None


def agree(servers: Servers) -> bool:
    """Tell whether servers found earlier are still those the environment asks for."""
    only = forced()
    for kind, server in servers.each():
        given = os.environ.get(VARIABLES[kind])
        wanted = given if given and only in {None, Way.ENV} else None
        if (only and server.way is not only) or (wanted and server.url != wanted):
            return False
        if server.way is Way.ENV and not wanted:
            return False
    return True


def find(before: Servers | None = None, note: Callable[[str], None] = lambda _: None) -> Servers:
    """Find both servers or start them; what was used before comes first, so that data is found again."""
    only = forced()
    found: dict[str, Server] = {}
    for way in [only] if only else list(Way):
        missing = [kind for kind in KINDS if kind not in found]
        if way is Way.LOCAL and before and only is None:
            missing = [kind for kind in missing if getattr(before, kind).way in {Way.ENV, Way.LOCAL}]
        elif way is Way.DOCKER and before and only is None:
            missing = [kind for kind in missing if getattr(before, kind).way is not Way.PRIVATE]
        if missing:
            note(f"{way}…")
            found |= _FINDERS[way](missing, forced=only is not None)
    lacking = [kind for kind in KINDS if kind not in found]
    if lacking:
        raise Fault(*_not_found(only, lacking))
    return Servers(**found)


async def login_postgres(url: str) -> str:
    """Log in as the administrator and return the version; a server that cannot serve is a fault in words."""
    database = urlsplit(url).path.strip("/") or "postgres"
    connection = await asyncpg.connect(url, database=database, timeout=5)
    try:
        may = await connection.fetchval(
            "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles WHERE rolname = current_user"
        )
        version = str(await connection.fetchval("SHOW server_version")).partition(" ")[0]
    finally:
        await connection.close(timeout=5)
    if int(version.partition(".")[0]) < OLDEST_POSTGRES:
        raise Fault(f"PostgreSQL {version} quá cũ · is too old", f"Cần · Needed: {OLDEST_POSTGRES}+")
    if not may:
        raise Fault(
            "Tài khoản PostgreSQL không được tạo cơ sở dữ liệu và vai trò · "
            "The PostgreSQL account may not create databases and roles",
            "ALTER ROLE … CREATEDB CREATEROLE",
        )
    return version


async def login_rabbitmq(url: str) -> str:
    """Log in and return the version."""
    connection = await aio_pika.connect(url, timeout=5)
    try:
        transport = connection.transport
        told = transport.connection.server_properties if transport else {}
        return str(told.get("version", ""))
    finally:
        await connection.close()


LOGINS = {"postgres": login_postgres, "rabbitmq": login_rabbitmq}
SILENT = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, aio_pika.exceptions.AMQPError)
"""What a server that is not there, or not for us, makes of a login."""


def version(kind: str, url: str) -> str:
    """Log in once and return the version; raises one of `SILENT` or a fault."""
    return asyncio.run(LOGINS[kind](url))


def _from_environment(kinds: Sequence[str], *, forced: bool) -> dict[str, Server]:
    del forced
    found = {}
    for kind in kinds:
        url = os.environ.get(VARIABLES[kind])
        if not url:
            continue
        try:
            found[kind] = Server(Way.ENV, url, version=version(kind, url))
        except SILENT as error:
            raise Fault(
                f"{VARIABLES[kind]}: {NAMES[kind]} không cho vào · does not let us in: {error or type(error).__name__}",
                f"Sửa hoặc bỏ biến · Correct or unset {VARIABLES[kind]}",
            ) from error
    return found


def _on_localhost(kinds: Sequence[str], *, forced: bool) -> dict[str, Server]:
    candidates = {
        "postgres": [f"postgresql://{user}@127.0.0.1:5432/postgres" for user in (getpass.getuser(), "postgres")],
        "rabbitmq": ["amqp://guest:guest@127.0.0.1:5672/"],
    }
    found: dict[str, Server] = {}
    for kind in kinds:
        for url in candidates[kind]:
            try:
                found.setdefault(kind, Server(Way.LOCAL, url, version=version(kind, url)))
            except SILENT:
                continue
            except Fault:
                # It is there but cannot serve us: another way may, unless this one was asked for.
                if forced and url is candidates[kind][-1]:
                    raise
    return found


def _in_docker(kinds: Sequence[str], *, forced: bool) -> dict[str, Server]:
    if not containers.engine_answers():
        return {}
    try:
        return _started(Way.DOCKER, containers.start(kinds))
    except Fault as fault:
        if forced:
            raise
        say(f"Docker không giúp được, thử cách khác · Docker was no help, trying another way: {fault.wrong}")
        return {}


def _as_private_nodes(kinds: Sequence[str], *, forced: bool) -> dict[str, Server]:
    del forced
    absent = [kind for kind in kinds if not private.installed(kind)]
    if absent:
        private.install(absent)
    return _started(Way.PRIVATE, private.start(kinds))


def _started(way: Way, addresses: dict[str, dict[str, str]]) -> dict[str, Server]:
    """Wait until servers just started let us in."""
    return {
        kind: Server(way, address["url"], address.get("ui", ""), asyncio.run(_admitted(kind, address["url"])))
        for kind, address in addresses.items()
    }


async def _admitted(kind: str, url: str) -> str:
    async with asyncio.timeout(STARTS_WITHIN):
        while True:
            try:
                return await LOGINS[kind](url)
            except SILENT:
                await asyncio.sleep(0.2)


_FINDERS: dict[Way, Callable[..., dict[str, Server]]] = {
    Way.ENV: _from_environment,
    Way.LOCAL: _on_localhost,
    Way.DOCKER: _in_docker,
    Way.PRIVATE: _as_private_nodes,
}


def _not_found(only: Way | None, lacking: Sequence[str]) -> tuple[str, str]:
    names = ", ".join(NAMES[kind] for kind in lacking)
    remedies = {
        Way.ENV: " ".join(f"{VARIABLES[kind]}=…" for kind in lacking),
        Way.LOCAL: "PostgreSQL 127.0.0.1:5432 (trust), RabbitMQ 127.0.0.1:5672 (guest/guest)",
        Way.DOCKER: "docker info",
    }
    remedy = remedies.get(only, "CHUNGCU_SERVERS=private") if only else "CHUNGCU_SERVERS=private"
    return f"Không tìm thấy máy chủ · Not found ({only or 'auto'}): {names}", f"Kiểm tra · Check: {remedy}"
