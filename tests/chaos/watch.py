"""Watches an installation while it runs: cursors that may never go back, and how often an event came again."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import asyncpg
import httpx

from ops.services import SERVICES

EVERY = 0.4
_CURSORS = {
    "reporting": """SELECT 'relay.sent' AS name, sent AS value FROM relay UNION ALL SELECT 'relay.numbered', numbered FROM relay
                     UNION ALL SELECT 'reader.position', position FROM reader
                     UNION ALL SELECT 'source.complete ' || name, complete FROM source"""
}
_OF_ALL = "SELECT 'relay.sent' AS name, sent AS value FROM relay UNION ALL SELECT 'relay.numbered', numbered FROM relay"
_REPEATED = re.compile(r"^chungcu_events_repeated_total (\S+)", re.MULTILINE)


class Watch:
    """Looks several times a second, past every fault of the wires: it asks the servers themselves."""

    def __init__(self, database: Callable[[str], str], addresses: Callable[[], Iterable[str]]) -> None:
        """`database` gives the address of a service's database, `addresses` every process that has figures."""
        self._database = database
        self._addresses = addresses
        self._highest: dict[tuple[str, str], int] = {}
        self._counted: dict[str, float] = defaultdict(float)
        self._tasks: list[asyncio.Task[None]] = []
        self.back: list[str] = []
        """Cursors that were seen below what they had been."""
        self.looks = 0
        self.repeated = 0
        """Events that were delivered although they had been applied, by the services' own count."""

    def begin(self) -> None:
        """Watch until the end."""
        self._tasks = [asyncio.create_task(self._cursors(service)) for service in SERVICES]
        self._tasks.append(asyncio.create_task(self._figures()))

    async def end(self) -> None:
        """Watch no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def look(self, service: str, cursor: str, value: int) -> None:
        """Note where a cursor stands."""
        self.looks += 1
        before = self._highest.get((service, cursor), 0)
        if value < before:
            self.back.append(f"{service} {cursor}: {before} → {value}")
        self._highest[service, cursor] = max(before, value)

    def forgive_relays(self) -> None:
        """Begin anew with what a database that crashed may forget: how far its relay had come."""
        self._highest = {key: value for key, value in self._highest.items() if not key[1].startswith("relay.")}

    async def _cursors(self, service: str) -> None:
        question = _CURSORS.get(service, _OF_ALL)
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection: Any = await asyncpg.connect(
                    self._database(service), timeout=5, server_settings={"application_name": "chaos"}
                )
                try:
                    while True:
                        for row in await connection.fetch(question, timeout=5):
                            self.look(service, row["name"], row["value"])
                        await asyncio.sleep(EVERY)
                finally:
                    connection.terminate()
            await asyncio.sleep(EVERY)

    async def _figures(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=1.0) as client:
            while True:
                for address in list(self._addresses()):
                    with suppress(httpx.HTTPError):
                        answer = await client.get(f"{address}/metrics")
                        if found := _REPEATED.search(answer.text):
                            self._count(address, float(found[1]))
                await asyncio.sleep(EVERY)

    def _count(self, address: str, value: float) -> None:
        # A process that was started anew counts from zero.
        before = self._counted[address] if value >= self._counted[address] else 0.0
        self.repeated += int(value - before)
        self._counted[address] = value
