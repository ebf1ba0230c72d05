"""Databases, bus and feeds, for the operator's tools: from this checkout's note, or from inside a container."""

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ops.console import Fault
from ops.running import PORTS, Running, token
from shared.database import Database, is_transient
from shared.settings import Settings
from shared.topology import RESTRICTED_SCHEMA

RESTRICTED = ".restricted"
"""How the restricted part of a service is named: `reporting.restricted`."""
PARTS = (*PORTS, f"boards{RESTRICTED}", f"reporting{RESTRICTED}")
"""Every service, and every restricted part of one."""


def settings(service: str) -> Settings:
    """Return the settings under which a service runs."""
    running = Running.noted()
    if running and service in running.environments:
        noted = running.environments[service]
        names = ("instance", "postgres_url", "password_file", "restricted_password_file")
        needed = {name: noted.get(f"CHUNGCU_{name.upper()}") for name in names}
        return Settings.model_validate({name: value for name, value in needed.items() if value is not None})
    if "CHUNGCU_POSTGRES_URL" in os.environ:
        return Settings()
    raise Fault(
        "Không biết cơ sở dữ liệu của dịch vụ · The service's database is not known here",
        f"make up\ndocker compose exec {service} chungcu …",
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """The bus and the feeds of an installation, and the token to ask them with."""

    settings: Settings
    feeds: dict[str, str]
    token: str


def reach() -> Reach:
    """Return how bus and feeds are reached."""
    running = Running.load()
    if running and running.ours:
        bus = {"instance": running.instance, "rabbitmq_url": running.rabbitmq_url}
        return Reach(Settings.model_validate(bus), running.urls, token(running))
    if "CHUNGCU_FEEDS" in os.environ:
        given = Settings()
        kept = given.token_file.read_text().strip() if given.token_file else ""
        return Reach(given, given.feeds, os.environ.get("CHUNGCU_TOKEN") or kept)
    raise Fault(
        "Không biết hàng đợi và dịch vụ ở đâu · Bus and services are not known here",
        "make up\ndocker compose exec reporting chungcu …",
    )


@asynccontextmanager
async def database(service: str, exchanged: Iterable[str] = ()) -> AsyncIterator[Database]:
    """Open a service's database, or the restricted part of it; a snapshot holds on to tables that may be exchanged."""
    opened = _part(service, exchanged)
    try:
        await opened.open(largest=2)
    except Exception as error:
        if not is_transient(error):
            raise
        raise Fault(f"Cơ sở dữ liệu của {service} không trả lời · Its database does not answer", "make up") from error
    try:
        yield opened
    finally:
        await opened.close()


def known(service: str | None) -> list[str]:
    """Return the services to look at, and their restricted parts: the one named, or all."""
    if service is None:
        return list(PARTS)
    if service not in PARTS:
        raise Fault(f"Không có dịch vụ · No such service: {service}", ", ".join(PARTS))
    return [service]


def _part(name: str, exchanged: Iterable[str]) -> Database:
    service = name.removesuffix(RESTRICTED)
    given = settings(service)
    if service == name:
        return Database(given.database(service), "chungcu operator", exchanged=exchanged)
    return Database(given.restricted_database(service), "chungcu operator", RESTRICTED_SCHEMA)
