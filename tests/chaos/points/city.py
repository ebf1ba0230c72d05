"""One service alone, with its database, a broker, and the traffic of a working day; it lives, dies and lives again."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import aio_pika
import asyncpg
import httpx

from ops.private import nodes
from ops.services import SERVICES
from shared import migrate, topology
from shared.settings import Environment, Settings
from tests.chaos.points.faults import ROOT
from tests.chaos.points.life import Life, Seen, Wire
from tests.chaos.points.work import WORK, Work
from tests.conftest import POSTGRES, RABBITMQ, Keys
from tests.examples import told

WITNESSED = """
SET ROLE "{role}";
CREATE TABLE chaos_applied (event uuid, place text);
CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.chaos_applied VALUES (NEW.event, TG_TABLE_NAME);
    RETURN NEW;
END $$;
{triggers}
RESET ROLE
"""
"""A trigger before the row sees every application, also one that `ON CONFLICT DO NOTHING` would swallow."""


class City:
    """A service's installation, and the people and services around it."""

    def __init__(
        self, service: str, home: Path, broken: str = "", servers: tuple[str, str] = (POSTGRES, RABBITMQ)
    ) -> None:
        """Prepare; nothing is made before `open`. `broken` names a guard that the service lives without."""
        self._postgres, rabbitmq = servers
        self.service = service
        self.work: Work = WORK[service]()
        self.seen = Seen()
        self.answered: dict[str, tuple[str, int]] = {}
        """Events whose command was answered, with subject and version."""
        self.published: set[str] = set()
        self.groundwork: set[str] = set()
        """Facts that commands rest on; they leave their rows elsewhere."""
        self.poisoned = 0
        self.settings = Settings(
            env=Environment.DEVELOPMENT,
            instance=f"points_{uuid4().hex[:8]}",
            postgres_url=self._postgres,
            rabbitmq_url=rabbitmq,
        )
        self._home = home
        self._broken = {"CHAOS_BREAK": broken} if broken else {}
        self._keys = Keys(home)
        self._wire = Wire(self.settings.broker())
        self._opened = AsyncExitStack()
        self._quiet = asyncio.Event()
        self.admin: asyncpg.Connection[asyncpg.Record]

    @asynccontextmanager
    async def open(self) -> AsyncIterator["City"]:
        """Make everything, and remove it again."""
        hearing = SERVICES[self.service].hearing
        await migrate.migrate(self.settings, [hearing], lambda _: None)
        async with self._opened:
            self._opened.push_async_callback(migrate.drop, self.settings, [self.service])
            at = urlsplit(self._postgres)._replace(path=f"/{self.settings.named(self.service)}")
            self.admin = await asyncpg.connect(urlunsplit(at))
            self._opened.push_async_callback(self.admin.close)
            triggers = "\n".join(
                f"CREATE TRIGGER chaos BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION chaos_note();"
                for table in {self.work.memory, self.work.witness}
            )
            await self.admin.execute(WITNESSED.format(role=self.settings.named(self.service), triggers=triggers))
            self._broker = await self._opened.enter_async_context(await aio_pika.connect(self.settings.broker()))
            self._channel = await self._broker.channel(publisher_confirms=True, on_return_raises=True)
            self._events = await self._channel.get_exchange(self.settings.on_the_bus(topology.EVENTS))
            tap = await self._channel.declare_queue(self.settings.on_the_bus("tap"), exclusive=True)
            await tap.bind(self._events, routing_key=f"{self.service}.#")
            # Whoever tells apart must find somebody bound there, as reporting is.
            await tap.bind(self.settings.on_the_bus(topology.RESTRICTED), routing_key="#")
            await tap.consume(self._note, no_ack=True)
            self._address = await self._wire.lay()
            self._opened.push_async_callback(self._wire.close)
            self._port = nodes.free_port()
            yield self

    async def _note(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        number = message.headers.get("logseq")
        if isinstance(number, int):
            subject, version = self.work.subject_of(message.body)
            self.seen.messages.append((number, str(message.message_id), subject, version))

    async def begin(
        self, *, kill_at: str = "", trace: Path | None = None, beside: bool = False, first: str = ""
    ) -> Life:
        """Start the service, armed or traced; `beside` another one that has its usual port.

        `first` is what its process is to do before it is the service.
        """
        port = nodes.free_port() if beside else self._port
        if not beside:
            # As on a broker that was never told anything, so that every life passes the places where it is marked.
            await self.admin.execute("UPDATE relay SET marked = false")
            await self._channel.exchange_delete(topology.marked_as(self.settings, topology.EVENTS, self.service))
        armed = {"CHAOS_KILL_AT": kill_at} if kill_at else {"CHAOS_TRACE": str(trace)} if trace else {}
        around = {name: value for name, value in os.environ.items() if not name.startswith(("CHUNGCU_", "CHAOS_"))}
        at = urlsplit(self._postgres)
        with (self._home / f"{self.service}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(
                    ("-c", f"{first}\nimport services.{self.service}.__main__")
                    if first
                    else ("-m", f"services.{self.service}")
                ),
                cwd=ROOT,
                env={
                    **around,
                    **self._broken,
                    **armed,
                    "PYTHONPATH": str(Path(__file__).parent),
                    "CHUNGCU_ENV": "development",
                    "CHUNGCU_INSTANCE": self.settings.instance,
                    "CHUNGCU_POSTGRES_URL": urlunsplit(at._replace(netloc=at.netloc.rpartition("@")[2])),
                    "CHUNGCU_RABBITMQ_URL": self._address,
                    "CHUNGCU_JWKS": str(self._keys.file),
                    "CHUNGCU_MASTER_KEY_FILE": str(self._keys.master_key),
                    "CHUNGCU_PORT": str(port),
                },
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        life = Life(process, f"http://127.0.0.1:{port}")
        self._opened.push_async_callback(life.end)
        return life

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Let the day go on around the service, whatever becomes of it."""
        going = [asyncio.create_task(one) for one in (self._ask(), self._tell())]
        try:
            yield
        finally:
            self._quiet.set()
            await asyncio.gather(*going)

    async def _ask(self) -> None:
        """Give commands as a client does: the same again, under the same key, until there is an answer."""
        bearer = {"Authorization": f"Bearer {self._keys.token()}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}", trust_env=False, timeout=10) as client:
            for method, path, body in self.work.commands():
                key = {"Idempotency-Key": str(uuid4())}
                while not self._quiet.is_set():
                    with suppress(httpx.HTTPError):
                        answer = await client.request(method, path, json=body, headers={**bearer, **key})
                        if answer.status_code == httpx.codes.CREATED:
                            self.answered[answer.headers["Chungcu-Position"]] = self.work.subject_of(answer.content)
                            break
                        if answer.status_code not in {409, 503}:
                            raise AssertionError(f"{path}: {answer.status_code} {answer.text}")
                    await asyncio.sleep(0.05)
                if self._quiet.is_set():
                    return
                await asyncio.sleep(0.02)

    async def _tell(self) -> None:
        """Tell what other services tell; every third fact twice."""
        for nth, fact in enumerate(self.work.facts()):
            for _ in range(2 if nth % 3 == 0 else 1):
                await self._publish(f"{fact.type}.{fact.unit}", fact.body, nth)
            self.published.add(str(fact.id))
            if nth < self.work.known_first:
                self.groundwork.add(str(fact.id))
            else:
                await asyncio.sleep(0.1)
            if self._quiet.is_set():
                return

    async def _publish(self, key: str, body: bytes, logseq: int, queue: str | None = None) -> None:
        headers: dict[str, Any] = {"logseq": logseq + 1, "logsource": "elsewhere"}
        message = aio_pika.Message(body, headers=headers, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        where = self._channel.default_exchange if queue else self._events
        await where.publish(message, routing_key=queue or key)

    async def poison(self) -> None:
        """Send what cannot be read, what cannot be applied, and an innocent fact that the broker gave up."""
        own = self.settings.on_the_bus(self.service)
        innocent = told(next(self.work.applied()), 1, str(uuid4()))
        await self._publish("", innocent.body, 0, f"{own}.dead")
        self.published.add(str(innocent.id))
        for body in self.work.poison():
            await self._publish("", body, 0, own)
            self.poisoned += 1

    def cut(self) -> None:
        """Cut every connection to the broker."""
        self._wire.cut()

    @asynccontextmanager
    async def without_a_broker(self) -> AsyncIterator[None]:
        """Let nobody connect to the broker meanwhile."""
        self._wire.refuses = True
        try:
            yield
        finally:
            self._wire.refuses = False

    async def terminate(self) -> None:
        """End every session that the service has in its database, with a batch and a parked event in the middle."""
        async with self.admin.transaction():
            await self.admin.execute(f"LOCK TABLE {self.work.witness}, parked IN EXCLUSIVE MODE")
            await self._publish("", next(iter(self.work.poison())), 0, self.settings.on_the_bus(f"{self.service}.dead"))
            self.poisoned += 1
            await asyncio.sleep(0.5)
            await self.admin.execute(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
            )

    async def until(self, true: Callable[[], Any], seconds: float) -> bool:
        """Wait until something holds; tell whether it came to it."""
        end = time.monotonic() + seconds
        while not await true():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.1)
        return True
