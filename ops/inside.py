"""A service's database, for the operator's tools: from this checkout's note, or from inside a container."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ops.console import Fault
from ops.running import PORTS, Running
from shared.database import Database
from shared.settings import Settings


def settings(service: str) -> Settings:
    """Return the settings under which a service runs."""
    running = Running.noted()
    if running and service in running.environments:
        noted = running.environments[service]
        needed = {name: noted.get(f"CHUNGCU_{name.upper()}") for name in ("instance", "postgres_url", "password_file")}
        return Settings.model_validate({name: value for name, value in needed.items() if value is not None})
    if "CHUNGCU_POSTGRES_URL" in os.environ:
        return Settings()
    raise Fault(
        "Không biết cơ sở dữ liệu của dịch vụ · The service's database is not known here",
        f"make up\ndocker compose exec {service} chungcu …",
    )


@asynccontextmanager
async def database(service: str) -> AsyncIterator[Database]:
    """Open a service's database."""
    opened = Database(settings(service).database(service), "chungcu operator")
    try:
        await opened.open(largest=2)
    except OSError as error:
        raise Fault(f"Cơ sở dữ liệu của {service} không trả lời · Its database does not answer", "make up") from error
    try:
        yield opened
    finally:
        await opened.close()


def known(service: str | None) -> list[str]:
    """Return the services to look at: the one named, or all."""
    if service is None:
        return list(PORTS)
    if service not in PORTS:
        raise Fault(f"Không có dịch vụ · No such service: {service}", ", ".join(PORTS))
    return [service]
