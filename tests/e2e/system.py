"""A whole system of its own for tests from outside: the shipped command, four processes, real servers."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import asyncpg
import httpx

from ops import secrets
from ops.running import Running
from ops.stories import Story, load, player, story
from tests.year import the_year

ROOT = Path(__file__).resolve().parents[2]
STORY = "long_bien_2022"
REPORT = "/v1/reports/thong-tri-05"
REVIEW = {"unit": "Q004", "from": "2021-09-30", "to": "2022-12-01"}
PATIENCE = 40.0
PAPER = {"symbol": "minh-hoa-1/KH-UBND", "date": "2026-01-05", "issuer": "UBND (minh họa)"}
"""The paper behind a batch of old paper."""


class System:
    """One installation: its own folder, instance, databases, queues and ports."""

    def __init__(self, home: Path, **environment: str) -> None:
        """`environment` is what its operator would export."""
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHUNGCU_")},
            "CHUNGCU_RUN": str(home),
            "CHUNGCU_INSTANCE": f"e2e_{uuid4().hex[:8]}",
            **environment,
        }

    def chungcu(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the shipped command."""
        done = subprocess.run(
            [sys.executable, "-m", "ops", *arguments],
            cwd=ROOT,
            env={**self.environment, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        if check:
            assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def up(self, **environment: str) -> "System":
        """Start it, or start it anew with other settings."""
        self.environment.update(environment)
        self.chungcu("up")
        return self

    def remove(self) -> None:
        """Stop it and remove all it made."""
        self.chungcu("clean", check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def running(self) -> Running:
        """Return what its operator's note says."""
        noted = json.loads((self.home / "state.json").read_text())
        return Running(**{**noted, "secrets": Path(noted["secrets"])})

    @property
    def pids(self) -> dict[str, int]:
        """Return the processes of the services."""
        services = json.loads((self.home / "pids.json").read_text())["services"]
        return {name: one["pid"] for name, one in services.items() if one["pid"]}

    def kill(self, service: str) -> None:
        """End a service without warning; its supervisor starts it again."""
        os.kill(self.pids[service], signal.SIGKILL)

    def logs(self) -> str:
        """Return everything that was logged."""
        return "".join(file.read_text() for file in sorted((self.home / "log").glob("*.log")))

    def token(self, *permissions: str, units: tuple[str, ...] = ("HN",)) -> str:
        """Return a token; without permissions named, one with all ordinary ones."""
        return secrets.mint(self.running.secrets, list(permissions or secrets.ORDINARY), list(units))

    def ask(self, service: str, method: str, path: str, *, token: str | None = None, **more: Any) -> httpx.Response:
        """Ask a service over HTTP; `token` empty means none at all."""
        bearer = self.token() if token is None else token
        headers = {**({"Authorization": f"Bearer {bearer}"} if bearer else {}), **more.pop("headers", {})}
        return httpx.request(
            method, f"{self.running.urls[service]}{path}", headers=headers, timeout=15, trust_env=False, **more
        )

    def ready(self, service: str) -> bool:
        """Tell whether a service answers and has its database."""
        try:
            return self.ask(service, "GET", "/readyz", token="").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def tell(self, service: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Give a command and return what was told; news that is still on its way is waited for."""
        until = time.monotonic() + PATIENCE
        while True:
            answer = self.ask(service, "POST", path, json=dict(body))
            if answer.status_code == 201:
                told: dict[str, Any] = answer.json()
                return told
            assert answer.headers.get("Retry-After"), f"{path}: {answer.text}"
            assert time.monotonic() < until, f"{path}: {answer.text}"
            time.sleep(0.2)

    def answered(self, service: str, path: str, **more: Any) -> httpx.Response:
        """Ask until it is no longer said to ask again later: news is on its way, or a database comes back."""
        until = time.monotonic() + PATIENCE
        while True:
            answer = self.ask(service, "GET", path, **more)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > until:
                return answer
            time.sleep(0.2)

    def review(self, **asked: Any) -> dict[str, Any]:
        """Return the review, as somebody sees it who may see all of it."""
        permitted = self.token(*secrets.ORDINARY, "reports.participation")
        answer = self.answered("reporting", REPORT, token=permitted, params={**REVIEW, **asked})
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    def figures(self, **asked: Any) -> dict[str, Any]:
        """Return the review's numbers as printed, by line."""
        return {line["code"]: line["display"] for line in self.review(**asked)["lines"]}

    def play(self, told: Story | None = None) -> None:
        """Play a story with the shipped command, or a changed copy of one with the same player."""
        if told is None:
            self.chungcu("story", "play", STORY)
            return
        outcome = asyncio.run(player.play(told, self.running))
        assert not outcome.failed, [str(one) for one in outcome.failed[:5]]

    async def fetch(self, service: str, question: str, *values: object) -> list[asyncpg.Record]:
        """Look into a service's database as its administrator."""
        connection = await asyncpg.connect(self.database(service))
        try:
            return list(await connection.fetch(question, *values))
        finally:
            await connection.close()

    def database(self, service: str) -> str:
        """Return the address of a service's database, as the administrator."""
        server, instance = self.running.postgres_url.rpartition("/"), self.running.instance
        base = server[0] if self.running.postgres_url.count("/") > 2 else self.running.postgres_url
        return f"{base}/{instance}_{service}"

    @property
    def broker(self) -> str:
        """Return the address of its broker."""
        return self.running.rabbitmq_url

    def bus(self, name: str) -> str:
        """Return the name of an exchange or queue of this installation."""
        return f"{self.running.instance}.{name}"


class Foreign:
    """A consumer that is not ours: plain aio-pika, with queues of its own."""

    def __init__(self, system: System) -> None:
        """Listen to a system."""
        self._system = system

    async def bind(self, name: str, pattern: str, exchange_name: str = "chungcu.events") -> None:
        """Bind a queue to the public exchange, or another one."""
        async with await aio_pika.connect(self._system.broker) as connection, connection.channel() as channel:
            exchange = await channel.get_exchange(self._system.bus(exchange_name))
            queue = await channel.declare_queue(self._system.bus(name), durable=True)
            await queue.bind(exchange, routing_key=pattern)

    async def messages(self, name: str) -> list[aio_pika.abc.AbstractIncomingMessage]:
        """Take everything from a queue."""
        async with await aio_pika.connect(self._system.broker) as connection, connection.channel() as channel:
            queue = await channel.get_queue(self._system.bus(name))
            taken = []
            while message := await queue.get(no_ack=True, fail=False):
                taken.append(message)
            return taken

    async def remove(self, *names: str) -> None:
        """Delete the queues."""
        async with await aio_pika.connect(self._system.broker) as connection, connection.channel() as channel:
            for name in names:
                await channel.queue_delete(self._system.bus(name))


def changed_story(folder: Path, **tables: Callable[[list[str]], list[str]]) -> Story:
    """Return the story with some tables changed: each function gets and returns the lines below the header."""
    original = story(STORY).folder
    copied = folder / STORY
    shutil.copytree(original, copied)
    for name, change in tables.items():
        file = copied / f"{name}.csv"
        header, *lines = file.read_text(encoding="utf-8").splitlines()
        kept = change(lines)
        assert kept != lines, f"{name}.csv was not changed"
        file.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    return load(copied)


def people_with_a_tie() -> set[str]:
    """Return who in the story is a member of a residential party cell or holds an office in a group."""
    year = the_year()
    return {str(year.told.id(person)) for person, what in year.ties.items() if what - {"REG_213"}}


async def until(true: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < end, "it did not come true in time"
        await asyncio.sleep(0.2)


def wait_for(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.2)
