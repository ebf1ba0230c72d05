"""One city for the whole suite: four supervised services behind wires that can be hurt, private servers, a letter box."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
from aiosmtpd.controller import Controller

from ops.private.nodes import alive, free_port
from ops.running import readiness
from ops.services import SERVICES
from tests.chaos.beside import LetterBox, Replica
from tests.chaos.books import queued, read
from tests.chaos.ledger import Books, Verdict, judge
from tests.chaos.load import BUILDINGS, NOTIFICATIONS, WARD, Command, Load
from tests.chaos.proxy import Proxy
from tests.chaos.servers import Servers
from tests.chaos.watch import Watch
from tests.e2e.system import ROOT, System

READY_WITHIN = 60.0
LEASE = "6 minutes"
"""Longer than the lease of a letter whose sender was killed with it in hand: nobody else may try for five minutes."""
SERVER_VARIABLES = {"postgres": "CHUNGCU_POSTGRES_URL", "rabbitmq": "CHUNGCU_RABBITMQ_URL"}


class City:
    """The installation under test, and everything that can be done to it."""

    def __init__(self, home: Path, dice: random.Random, rate: float, say: Callable[[str], None]) -> None:
        """Prepare; nothing runs before it is entered."""
        self.home = home
        self.dice = dice
        self.say = say
        self.rate = rate
        self.box = LetterBox()
        self.wires: dict[tuple[str, str], Proxy] = {}
        self.replicas: list[Replica] = []
        self.parked_on_purpose: dict[str, set[str]] = defaultdict(set)
        self.healed_at = 0.0
        self.notes: list[str] = []
        self.known = Verdict()

    async def __aenter__(self) -> Self:
        """Start everything, by the shipped command, and put the services behind the wires."""
        port = free_port()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._post = Controller(self.box, hostname="127.0.0.1", port=port)
            self._post.start()
        self.system = System(
            self.home,
            CHUNGCU_INSTANCE=f"chaos_{uuid4().hex[:6]}",
            CHUNGCU_SERVERS="private",
            CHUNGCU_GAP_AFTER="5",
            CHUNGCU_SMTP_URL=f"smtp://127.0.0.1:{port}",
        )
        self.servers = Servers(self.system)
        try:
            await asyncio.to_thread(self.system.up)
            await self._behind_wires()
            self.load = Load(self.addresses, self.system.token(), self.dice, self.rate)
            self.watch = Watch(self.system.database, lambda: [url for one in SERVICES for url in self.addresses(one)])
            self.watch.begin()
            await self._somebody_to_tell()
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove all of it."""
        await self._leave()

    async def _leave(self) -> None:
        for name, closing in (("watch", "end"), ("load", "close")):
            if (one := getattr(self, name, None)) is not None:
                await getattr(one, closing)()
        with suppress(Exception):
            await self.restore()
        await asyncio.to_thread(self.system.remove)
        if (supervisor := getattr(self, "_supervisor", None)) is not None:
            await asyncio.to_thread(supervisor.wait, 10)
        for wire in self.wires.values():
            await wire.close()
        await asyncio.to_thread(self._post.stop)

    async def _behind_wires(self) -> None:
        """Write the wires into the note and start the supervisor anew: what it keeps is what the note says."""
        note = self.system.home / "state.json"
        noted = json.loads(note.read_text())
        for service, environment in noted["environments"].items():
            for server, variable in SERVER_VARIABLES.items():
                at = urlsplit(environment[variable])
                assert at.hostname is not None
                assert at.port is not None
                wire = self.wires[service, server] = Proxy(at.hostname, at.port)
                netloc = f"{at.netloc.rpartition('@')[0]}{'@' if at.username else ''}127.0.0.1:{await wire.open()}"
                environment[variable] = at._replace(netloc=netloc).geturl()
        pid = json.loads((self.system.home / "pids.json").read_text())["supervisor"]
        os.kill(pid, signal.SIGTERM)
        while alive(pid):
            await asyncio.sleep(0.1)
        note.write_text(json.dumps(noted))
        self._supervise()
        await self.ready()

    def _supervise(self) -> None:
        with (self.system.home / "log" / "supervisor.log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "ops.supervisor"],
                cwd=ROOT,
                env=self.system.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def _somebody_to_tell(self) -> None:
        person, day = str(uuid4()), self.load.days[0]
        contact = {
            "person": person,
            "unit": WARD,
            "name": "Người Minh Họa",
            "language": "vi",
            "email": "minhhoa@viethung.example",
        }
        await self.load.tell(Command(NOTIFICATIONS, "/v1/contacts", contact))
        await self.load.tell(Command(BUILDINGS, f"/v1/units/{WARD}/liaison", {"person": person, "on": day}))

    # Who answers, and where.

    def addresses(self, service: str) -> list[str]:
        """Return where a service answers: its supervised process, and its other replicas."""
        urls = self.system.running.urls
        return [urls[service], *(one.url for one in self.replicas if one.service == service)]

    def versions(self) -> dict[str, str]:
        """Return what it runs on."""
        servers = self.system.running.servers
        return {"PostgreSQL": servers["postgres"]["version"], "RabbitMQ": servers["rabbitmq"]["version"]}

    async def ready(self, *services: str, within: float = READY_WITHIN) -> None:
        """Wait until the supervised services answer, hear and tell."""
        until = time.monotonic() + within
        for service in services or tuple(SERVICES):
            while not await asyncio.to_thread(self._connected, self.system.running.urls[service]):
                if time.monotonic() > until:
                    message = f"{service} is not ready after {within:.0f} s"
                    raise TimeoutError(message)
                await asyncio.sleep(0.2)

    def _connected(self, url: str) -> bool:
        status, words = readiness(url)
        return status == 200 and words.get("broker") == "connected"

    def noted(self) -> dict[str, Any]:
        """Return what the supervisor noted about the processes it keeps."""
        noted: dict[str, Any] = json.loads((self.system.home / "pids.json").read_text())
        return noted

    async def replica(self, service: str, tree: Path = ROOT) -> Replica:
        """Start another process of a service."""
        environment = self.system.running.environments[service]
        one = Replica(service, environment, self.system.home / "log" / f"{service}-replica.log", tree)
        self.replicas.append(one)
        return one

    async def replicas_ready(self) -> None:
        """Wait until every other process answers."""
        until = time.monotonic() + READY_WITHIN
        for one in self.replicas:
            while not await asyncio.to_thread(self._connected, one.url):
                assert one.process.poll() is None, f"a replica of {one.service} ended with {one.process.returncode}"
                assert time.monotonic() < until, f"a replica of {one.service} is not ready"
                await asyncio.sleep(0.2)

    async def dismiss(self, *replicas: Replica) -> list[int]:
        """Tell replicas to stop, nobody asking them any more, and return how they ended."""
        leaving = replicas or tuple(self.replicas)
        self.replicas = [one for one in self.replicas if one not in leaving]
        return list(await asyncio.gather(*(one.end() for one in leaving)))

    # What can be done to it.

    def kill(self, service: str) -> None:
        """End a supervised service without warning; its supervisor starts it again."""
        pid = self.system.pids.get(service)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wires_to(self, server: str) -> list[Proxy]:
        """Return the wires of all services to one server."""
        return [wire for (_, to), wire in self.wires.items() if to == server]

    async def a_while(self, shortest: float, longest: float) -> None:
        """Let some time pass, by the dice."""
        await asyncio.sleep(self.dice.uniform(shortest, longest))

    def heal(self) -> None:
        """Note that the fault is over: recovery is counted from here."""
        self.healed_at = time.monotonic()

    async def restore(self) -> None:
        """Take back whatever a row has done, also one that failed halfway."""
        for wire in self.wires.values():
            wire.calm()
        for pid in self.system.pids.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        await self.dismiss()
        await asyncio.to_thread(self.servers.start)

    # What has come of it.

    async def recovered(self) -> float:
        """Return how long after healing a new command came end to end: answered, told, heard, in the report."""
        accepted = await self.load.petition()
        assert accepted is not None, "a command after the fault was refused or never answered"
        await self.load.seen(accepted.id)
        return time.monotonic() - self.healed_at

    async def rest(self, patience: float) -> bool:
        """Wait until nothing moves any more, but no longer than this; tell whether it came to rest."""
        until, forward = time.monotonic() + patience, False
        moved_at = time.monotonic()
        while time.monotonic() < until:
            moving = await self._moving()
            if not moving:
                break
            if moving == {"letters"} and not forward and time.monotonic() - moved_at > 2:
                # A sender died with a letter in hand. Its lease is not waited for: the clock of the service is moved.
                await self._clock(f"now() + interval '{LEASE}'")
                forward = True
            elif moving != {"letters"}:
                moved_at = time.monotonic()
            await asyncio.sleep(0.3)
        if forward:
            await self._clock(None)
        return time.monotonic() < until

    async def _clock(self, at: str | None) -> None:
        await self.system.fetch("notifications", "DELETE FROM clock_setting")
        if at:
            await self.system.fetch("notifications", f"INSERT INTO clock_setting VALUES ({at})")

    async def _moving(self) -> set[str]:
        moving: set[str] = set()
        told = 0
        try:
            for service in SERVICES:
                (row,) = await self.system.fetch(
                    service,
                    """SELECT count(*) AS told, (SELECT numbered FROM relay) AS numbered, (SELECT sent FROM relay) AS sent,
                              ARRAY(SELECT id::text FROM parked) AS parked FROM event_log""",
                )
                told += row["told"]
                if row["told"] != row["numbered"] or row["sent"] != row["numbered"]:
                    moving.add("relay")
                if set(row["parked"]) != self.parked_on_purpose[service]:
                    moving.add("parked")
            (row,) = await self.system.fetch(
                "reporting", "SELECT (SELECT count(*) FROM journal) AS heard, (SELECT count(*) FROM hole) AS holes"
            )
            if row["heard"] < told or row["holes"]:
                moving.add("report")
            (row,) = await self.system.fetch(
                "notifications",
                """SELECT (SELECT count(*) FROM delivery WHERE status = 'DUE' AND place = $1)
                        + (SELECT count(*) FROM notice WHERE status = 'OPEN' AND place = $1) AS open""",
                WARD,
            )
            if row["open"]:
                moving.add("letters")
            if any((await queued(self.system)).values()):
                moving.add("queues")
        except (OSError, asyncpg.PostgresError) as error:
            moving.add(type(error).__name__)
        except Exception as error:  # noqa: BLE001 (the broker's page comes up after the broker)
            moving.add(type(error).__name__)
        return moving

    async def books(self) -> Books:
        """Read all there is."""
        return await read(self.system, self.box.ids, self.watch.back)

    async def verdict(self) -> Verdict:
        """Judge all there is, and return what is new since the last time."""
        books = await self.books()
        found = judge(self.load.accounts.accepted, books, self.parked_on_purpose)
        # What should have been parked and is not was named once; the next rows have other things to find.
        for reader, parked in books.parked.items():
            self.parked_on_purpose[reader] &= parked
        new = found.less(self.known)
        self.known = found
        return new


def temporary_home() -> Path:
    """Make a folder that an unprivileged PostgreSQL can reach."""
    home = Path(tempfile.mkdtemp(prefix="chungcu-chaos-"))
    home.chmod(0o755)
    return home
