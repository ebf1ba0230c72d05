"""Servers for tests: a fresh migrated database for each test, a service that answers on it, tokens for it."""

import asyncio
import base64
import json
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import httpx
import jwt
import pytest
import pytest_asyncio
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from shared import migrate, telemetry
from shared.auth import DEVELOPMENT_KEY, PERMISSIONS
from shared.database import Database
from shared.service import Part, Process
from shared.settings import Environment, Settings, restricted_role
from shared.topology import plan

POSTGRES = os.environ.get("CHUNGCU_TEST_POSTGRES_URL", "postgresql://root@localhost:5432")
RABBITMQ = os.environ.get("CHUNGCU_TEST_RABBITMQ_URL", "amqp://guest:guest@localhost:5672/")
PREFIX = "chungcu_test_"
ABANDONED = 3600
"""Seconds after which what an interrupted run left behind is nobody's."""
DROPPED_AT_ONCE = 8


def _address(name: str, role: str | None = None) -> str:
    """Return a database's address: logged in as the administrator, working as a role."""
    parts = urlsplit(POSTGRES)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", f"role={role}" if role else parts.query, ""))


@asynccontextmanager
async def _administrator() -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(_address("postgres"))
    try:
        yield connection
    finally:
        await connection.close()


SYSTEMS = "tests/e2e/"
"""Where the tests of whole systems are."""


class OneProcessForSystems(LoadScopeScheduling):
    """Whole systems are tried one after the other in one process, and the tests of each file in one.

    Systems share what has heard the story, and two of them with their tests already take half of a server's connections.
    """

    def _split_scope(self, nodeid: str) -> str:
        return SYSTEMS if nodeid.startswith(SYSTEMS) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneProcessForSystems:
    """Give tests to processes in this way."""
    return OneProcessForSystems(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole systems: they take longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(SYSTEMS))


class Databases:
    """The databases of one run: a template for each service, made when first asked for, and copies of it."""

    def __init__(self) -> None:
        """Name them by the moment, so that a later run sees how old they are."""
        self.instance = f"{PREFIX}{int(time.time()):x}{uuid4().hex[:4]}"
        self._templates: dict[str, asyncio.Task[str]] = {}
        self._copies = 0

    async def new(self, service: str) -> str:
        """Make a fresh migrated database for a service and return its address."""
        if service not in self._templates:
            self._templates[service] = asyncio.create_task(self._template(service))
        template = await self._templates[service]
        self._copies += 1
        name = f"{template}_{self._copies}"
        async with _administrator() as admin:
            await admin.execute(f'CREATE DATABASE "{name}" OWNER "{template}" TEMPLATE "{template}"')
        return _address(name, template)

    async def _template(self, service: str) -> str:
        from ops.services import SERVICES  # noqa: PLC0415 (unit tests need no service)

        name = f"{self.instance}_{service}"
        settings = Settings(env=Environment.DEVELOPMENT, instance=self.instance, postgres_url=POSTGRES)
        async with _administrator() as admin:
            await migrate._create_role(admin, name, None)
            hearing = SERVICES[service].hearing
            if hearing.restricted is not None:
                await migrate._create_role(admin, restricted_role(name), None)
            await migrate._create_database(admin, name)
        await migrate.apply(_address(name), settings, hearing, plan([hearing]))
        return name

    async def drop(self) -> None:
        """Remove what this run made, and what runs left behind that did not come to their end."""
        async with _administrator() as admin:
            names = await _ours(admin, "SELECT datname FROM pg_database", self.instance)
            roles = await _ours(admin, "SELECT rolname FROM pg_roles", self.instance)
        at_once = asyncio.Semaphore(DROPPED_AT_ONCE)

        async def drop(name: str) -> None:
            async with at_once, _administrator() as own:
                await own.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

        await asyncio.gather(*map(drop, names))
        async with _administrator() as admin:
            for role in roles:
                await admin.execute(f'DROP ROLE IF EXISTS "{role}"')


async def _ours(admin: "asyncpg.Connection[asyncpg.Record]", question: str, instance: str) -> list[str]:
    return [name for (name,) in await admin.fetch(question) if name.startswith(instance) or _abandoned(name)]


def _abandoned(name: str) -> bool:
    made = re.match(rf"{PREFIX}([0-9a-f]{{8}})", name)
    return made is not None and int(made[1], 16) < time.time() - ABANDONED


@pytest_asyncio.fixture(scope="session")
async def databases() -> AsyncIterator[Databases]:
    """Keep the databases of this run, and drop them together at its end."""
    kept = Databases()
    yield kept
    await kept.drop()


@pytest_asyncio.fixture
async def database(databases: Databases) -> AsyncIterator[Callable[[str], Awaitable[Database]]]:
    """Make fresh migrated databases, each asked for by the name of its service."""
    async with AsyncExitStack() as opened:

        async def new(service: str) -> Database:
            one = Database(await databases.new(service), "chungcu test")
            await one.open()
            opened.push_async_callback(one.close)
            return one

        yield new


class Keys:
    """A key that signs tokens, and the file that says so."""

    def __init__(self, folder: Path) -> None:
        """Make the key."""
        self._key = Ed25519PrivateKey.generate()
        public = json.loads(OKPAlgorithm.to_jwk(self._key.public_key()))
        self.file = folder / "jwks.json"
        self.master_key = folder / "master_key"
        self.master_key.write_text(base64.b64encode(os.urandom(32)).decode())
        self.file.write_text(json.dumps({"keys": [{**public, "kid": DEVELOPMENT_KEY, "use": "sig", "alg": "EdDSA"}]}))

    def token(
        self,
        *units: str,
        permissions: tuple[str, ...] = tuple(PERMISSIONS),
        actor: str = "tester",
        kid: str = DEVELOPMENT_KEY,
        **claims: object,
    ) -> str:
        """Mint a token for units, by default for the whole city and with every permission."""
        said = {
            "iss": "chungcu-development",
            "aud": "chungcu",
            "sub": actor,
            "exp": time.time() + 3600,
            "permissions": list(permissions),
            "units": list(units or ("HN",)),
            **claims,
        }
        return jwt.encode({k: v for k, v in said.items() if v is not None}, self._key, "EdDSA", headers={"kid": kid})


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Make a key that signs tokens."""
    return Keys(tmp_path_factory.mktemp("keys"))


class OwnDatabases(Settings):
    """Settings of a process whose databases are a test's own."""

    addresses: dict[str, str]

    def database(self, service: str) -> str:
        """Return the address of the test's database."""
        return self.addresses[service]

    def restricted_database(self, service: str) -> str:
        """Return the address of the test's database, for the role of its restricted part."""
        return restricted_role(self.addresses[service])


@dataclass(frozen=True)
class Served:
    """A service that answers: its client speaks to the application itself."""

    process: Process
    client: httpx.AsyncClient
    keys: Keys

    @property
    def database(self) -> Database:
        """Return the service's database."""
        return self.process.database

    def by(
        self, *units: str, permissions: tuple[str, ...] = tuple(PERMISSIONS), actor: str = "tester"
    ) -> dict[str, str]:
        """Return the headers of a caller."""
        return {"Authorization": f"Bearer {self.keys.token(*units, permissions=permissions, actor=actor)}"}


Serve = Callable[[str], Awaitable[Served]]


@asynccontextmanager
async def serving(databases: Databases, keys: Keys) -> AsyncIterator[Serve]:
    """Serve the APIs of services, each on a fresh database of its own, without a broker."""
    from ops.services import SERVICES  # noqa: PLC0415 (unit tests need no service)

    logging_as_it_was = structlog.get_config()
    # What structlog does until it is told otherwise draws an error in colours, with every variable: seconds for each.
    structlog.configure(processors=[telemetry._redact, structlog.processors.JSONRenderer()])
    async with AsyncExitStack() as opened:
        opened.callback(structlog.configure, **logging_as_it_was)

        async def new(service: str) -> Served:
            settings = OwnDatabases(
                env=Environment.DEVELOPMENT,
                addresses={service: await databases.new(service)},
                jwks=str(keys.file),
                master_key_file=keys.master_key,
                rabbitmq_url=RABBITMQ,
            )
            process = Process(SERVICES[service], settings, Part.API)
            await opened.enter_async_context(process.running())
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(process.app, raise_app_exceptions=False),
                base_url="http://service",
                headers={"Authorization": f"Bearer {keys.token()}"},
            )
            return Served(process, await opened.enter_async_context(client), keys)

        yield new


@pytest_asyncio.fixture
async def serve(databases: Databases, keys: Keys) -> AsyncIterator[Serve]:
    """Serve the API of a service on a fresh database of its own, without a broker."""
    async with serving(databases, keys) as new:
        yield new
