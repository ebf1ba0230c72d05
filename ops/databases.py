"""Databases, roles and the broker's topology of this checkout: made, brought up to date, removed."""

import asyncio
import os
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from ops import secrets, servers
from ops.console import step
from ops.running import PORTS, SECRETS, Running, instance
from ops.servers import Servers
from shared.settings import Environment, Settings


def migrate(settings: Settings, passwords: Path | None) -> None:
    """Bring databases, roles and the broker's topology to where the code wants them."""
    from ops.services import SERVICES  # noqa: PLC0415 (imports all four services)
    from shared.migrate import migrate as apply  # noqa: PLC0415

    done: list[str] = []
    with step("Cập nhật cơ sở dữ liệu · Migrating") as doing:
        hearings = [service.hearing for service in SERVICES.values()]
        asyncio.run(apply(settings, hearings, done.append, passwords))
        doing.note(f"{len(done)} mới · new" if done else "không có gì mới · nothing new")


def migrate_alone(passwords: Path | None) -> None:
    """Migrate without starting anything: on the server the environment names, else on this checkout's own."""
    url = os.environ.get(servers.VARIABLES["postgres"])
    if url and servers.forced() in {None, servers.Way.ENV}:
        settings = Settings(instance=instance(), postgres_url=_as_administrator(url))
        migrate(settings, passwords or (SECRETS if SECRETS.is_dir() else None))
        return
    with step("Tìm máy chủ · Finding servers") as doing:
        before = Running.noted()
        found = servers.find(Servers.noted(before.servers) if before else None, doing.note)
        doing.note(found.told())
    secrets.make(SECRETS)
    migrate(settings_for(found), passwords or SECRETS)


def settings_for(found: Servers) -> Settings:
    """Return the settings of this checkout on some servers, as their administrator."""
    return Settings(
        env=Environment.DEVELOPMENT,
        instance=instance(),
        postgres_url=found.postgres.url,
        rabbitmq_url=found.rabbitmq.url,
    )


async def drop(name: str, used: dict[str, str]) -> None:
    """Remove what one installation has on two servers."""
    from shared.migrate import drop as remove  # noqa: PLC0415

    settings = Settings(
        env=Environment.DEVELOPMENT, instance=name, postgres_url=used["postgres"], rabbitmq_url=used["rabbitmq"]
    )
    await remove(settings, list(PORTS))


def _as_administrator(url: str) -> str:
    """Add the administrator's password, which comes as a file, to the server's address."""
    file = os.environ.get("CHUNGCU_ADMIN_PASSWORD_FILE")
    if not file:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    password = quote(Path(file).read_text().strip(), safe="")
    return urlunsplit(parts._replace(netloc=f"{parts.username or 'postgres'}:{password}@{host}"))
