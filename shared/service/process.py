"""A service as a process: opens its database, tells, hears, answers; stops cleanly."""

import argparse
import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime

import asyncpg
import uvicorn
import uvloop

from shared.auth import Gate
from shared.consumers import Due, Listener, Work
from shared.consumers.parking import waiting
from shared.database import Database, is_transient
from shared.relay import Relay
from shared.seal import Seal
from shared.service import health
from shared.service.declaration import Part, Service
from shared.service.restricted import Restricted
from shared.settings import Environment, Settings
from shared.telemetry import Metrics, configure, log

DRAINED_WITHIN = 20.0
"""Seconds that workers have to finish what they began."""


def run(service: Service) -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name}")
    parser.add_argument(
        "--only", type=Part, choices=list(Part), default=Part.ALL, help="the API alone, or all but the API"
    )
    only: Part = parser.parse_args().only
    settings = Settings()
    configure(service.name, settings.instance)
    uvloop.run(Process(service, settings, only).run())


class ClockIsSet(RuntimeError):
    """Đồng hồ đã bị đặt lại; xóa bảng clock_setting. · The clock was set: empty the table clock_setting."""


class Process:
    """A running service."""

    def __init__(self, service: Service, settings: Settings, part: Part = Part.ALL) -> None:
        """Prepare; nothing is opened before `running`."""
        self.service = service
        self.settings = settings
        self.part = part
        self.metrics = Metrics()
        self.database = Database(
            settings.database(service.name), f"chungcu {service.name}", exchanged=service.exchanged
        )
        self.relay = Relay(service.name, self.database, settings, self.metrics)
        self.listener = Listener(service.consumers, self.database, settings, self.metrics)
        self.restricted = Restricted(service, settings) if service.hearing.restricted is not None else None
        apart = (self.restricted,) if self.restricted else ()
        self.organs = health.Organs(
            settings.instance,
            self.database,
            self.metrics,
            listeners=(self.listener, *(one.listener for one in apart if one.listener)),
            relays=(self.relay, *(one.relay for one in apart if service.tells_restricted)),
            carries=part is not Part.API,
        )
        self.app = service.application(answers=part is not Part.WORKER)
        health.install(self.app, self.organs)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain."""
        server = _Server(
            uvicorn.Config(
                self.app,
                host=self.settings.host,
                port=self.settings.port,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=15,
                server_header=False,
            )
        )
        loop = asyncio.get_running_loop()
        me = asyncio.current_task()

        def leave() -> None:
            server.leave()
            if not server.started and me is not None:
                me.cancel()  # nothing is being answered yet: what is waited for may never come

        for told_to_stop in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(told_to_stop, leave)
        try:
            async with self.running():
                stopping = asyncio.create_task(self._deafness(server))
                await server.serve()
                stopping.cancel()
        except asyncio.CancelledError:
            log.info("stopped before it was ready")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open everything, and close it again: hear no more, finish what is in work, tell what was decided."""
        state = self.app.state
        state.gate = Gate(self.settings)
        state.seal = Seal(self.settings.master_key_file) if self.service.seals else None
        await self._open_database()
        state.database, state.settings, state.told = self.database, self.settings, self.relay.told
        state.hears_itself = self.service.hears_itself
        state.now = _now
        state.restricted = self.restricted.database if self.restricted else None
        state.told_restricted = self.restricted.relay.told if self.restricted else None
        work = Work(
            self.database,
            self.settings,
            _now,
            self.relay.told.set,
            self.listener.apply,
            state.seal,
            state.restricted,
            self.restricted.relay.told.set if self.restricted else _nobody,
            self.metrics,
        )
        for first in self.service.consumers.at_starts:
            await first(work)
        log.info("started", port=self.settings.port)
        carriers: list[asyncio.Task[None]] = []
        workers: list[asyncio.Task[None]] = []
        if self.part is not Part.API:
            carriers = [asyncio.create_task(self.relay.run()), asyncio.create_task(self.listener.run())]
            if self.restricted:
                carriers += self.restricted.carry()
            workers = [
                asyncio.create_task(self._every(1.0, self._retry_parked)),
                *(asyncio.create_task(self._every(1.0, relay.watch_age)) for relay in self.organs.relays),
                *(asyncio.create_task(self._due(due, work)) for due in self.service.consumers.dues),
            ]
        self.organs.workers[:] = [*carriers, *workers]
        try:
            yield
        finally:
            await asyncio.gather(*(listener.stop() for listener in self.organs.listeners))
            self._stopping.set()
            self.listener.heard.set()
            if workers:
                # A letter that is on its way is waited for: sent and not noted, it would be sent again.
                await asyncio.wait(workers, timeout=DRAINED_WITHIN)
            for task in self.organs.workers:
                task.cancel()
            await asyncio.gather(*self.organs.workers, return_exceptions=True)
            await self.database.close()
            if self.restricted:
                await self.restricted.database.close()
            log.info("stopped")

    async def _open_database(self) -> None:
        pause = 0.2
        while True:
            try:
                await self.database.open()
                if self.restricted:
                    await self.restricted.database.open(largest=2)
            except (OSError, asyncpg.PostgresError) as error:
                log.warning("database away, waiting for it", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                break
        if self.settings.env is Environment.PRODUCTION:
            async with self.database.transaction() as tx:
                if await tx.value("SELECT EXISTS (SELECT FROM clock_setting)"):
                    raise ClockIsSet(ClockIsSet.__doc__)

    async def _retry_parked(self) -> None:
        while await self.service.consumers.retry(self.database):
            self.listener.heard.set()
        if self.restricted and self.service.restricted:
            while await self.service.restricted.retry(self.restricted.database):
                pass
        async with self.database.transaction() as tx:
            count, oldest = await waiting(tx)
        self.metrics.parked.set(count)
        self.metrics.oldest_parked.set(oldest)

    async def _due(self, due: Due, work: Work) -> None:
        async def once() -> None:
            await due.run(work)

        await self._every(due.every, once, self.listener.heard if due.promptly else None)

    async def _every(
        self, seconds: float, once: Callable[[], Awaitable[None]], sooner: asyncio.Event | None = None
    ) -> None:
        """Do something by time, or sooner when something was heard; a fault of the moment is tried again."""
        waking = sooner or self._stopping
        while not self._stopping.is_set():
            try:
                await once()
            except Exception as error:  # noqa: BLE001 (a worker goes on; what it did was rolled back)
                log.log(logging.WARNING if is_transient(error) else logging.ERROR, "worker interrupted", exc_info=error)
            with suppress(TimeoutError):
                await asyncio.wait_for(waking.wait(), seconds)
                if sooner is not None:
                    sooner.clear()

    async def _deafness(self, server: "_Server") -> None:
        organs = self.organs
        while not any(listener.deaf for listener in organs.listeners) and not any(one.done() for one in organs.workers):
            await asyncio.sleep(5)
        log.error("part of the process does nothing any more: leaving, to be started again")
        server.leave()


class _Server(uvicorn.Server):
    """A server that leaves signals to us: the stock one raises them again at the end, and so never ends with 0."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture nothing."""
        yield

    def leave(self) -> None:
        """Answer what is being answered, then stop."""
        self.should_exit = True


def _nobody() -> None:
    """Wake nobody."""


def _now() -> datetime:
    return datetime.now(UTC)
