"""What a process must be told from outside; read once, at the start, from `CHUNGCU_…` variables."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """Where we run: production refuses development's keys and its movable clock."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class Settings(BaseSettings):
    """The settings of one process. Secrets come as files, never as values."""

    model_config = SettingsConfigDict(env_prefix="CHUNGCU_", frozen=True)

    env: Environment = Environment.PRODUCTION
    instance: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,30}$")] = ""
    """Prefix of databases, roles, exchanges and queues, so that two installations never meet."""
    postgres_url: str = "postgresql://localhost:5432"
    """The server; services connect as their own role to their own database on it."""
    password_file: Path | None = None
    """File with the password of this service's own database role."""
    restricted_password_file: Path | None = None
    """File with the password of the role of this service's restricted part."""
    participation: bool = True
    """Whether political participation is kept here at all; when off, its lines say so and nothing of it is told."""
    rabbitmq_url: str = "amqp://guest:guest@localhost:5672/"
    rabbitmq_password_file: Path | None = None
    jwks: str = ""
    """File or https address of the keys that sign tokens."""
    issuer: str = "chungcu-development"
    audience: str = "chungcu"
    master_key_file: Path | None = None
    """File with 32 bytes in base64 that wrap the keys of people."""
    smtp_url: str | None = None
    """smtp://[user@]host:port; without it, e-mail waits."""
    smtp_from: str = "chungcu@localhost"
    smtp_password_file: Path | None = None
    feeds: dict[str, str] = {}
    """Where the feeds of other services are: name → base address."""
    token_file: Path | None = None
    """File with this service's own token, for the feeds of the others."""
    restricted_token_file: Path | None = None
    """File with this service's own token for the feed of restricted facts; reporting alone has one."""
    gap_after: Annotated[float, Field(gt=0)] = 60.0
    """Seconds after which an event that has not been heard counts as missing."""
    host: str = "127.0.0.1"
    port: int = 8000

    def named(self, name: str) -> str:
        """Return the name of a database or role of this installation."""
        return f"{self.instance}_{name}" if self.instance else name

    def on_the_bus(self, name: str) -> str:
        """Return the name of an exchange or queue of this installation."""
        return f"{self.instance}.{name}" if self.instance else name

    def database(self, service: str) -> str:
        """Return the address of a service's database, as that service's role."""
        return self._database(service, self.named(service), self.password_file)

    def restricted_database(self, service: str) -> str:
        """Return the address of a service's database, as the role of its restricted part."""
        return self._database(service, restricted_role(self.named(service)), self.restricted_password_file)

    def _database(self, service: str, role: str, password_file: Path | None) -> str:
        parts = urlsplit(self.postgres_url)
        password = f":{quote(_secret(password_file), safe='')}" if password_file else ""
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(("postgresql", f"{role}{password}@{host}", f"/{self.named(service)}", parts.query, ""))

    def broker(self) -> str:
        """Return the address of the broker; a dead connection is noticed after about 18 seconds."""
        parts = urlsplit(self.rabbitmq_url)
        netloc = parts.netloc
        if self.rabbitmq_password_file:
            user, host = (parts.username or "guest"), netloc.rpartition("@")[2]
            netloc = f"{user}:{quote(_secret(self.rabbitmq_password_file), safe='')}@{host}"
        return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query or "heartbeat=5", ""))


def restricted_role(role: str) -> str:
    """Return the role that owns the restricted part of a service's database."""
    return f"{role}_restricted"


def _secret(file: Path) -> str:
    return file.read_text().strip()
