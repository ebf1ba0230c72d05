"""A service as a process: opens its database, tells, hears, answers; stops cleanly."""

import argparse
import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from typing import Any

import asyncpg
import orjson
import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.base import RequestResponseEndpoint

from shared import feed, topology
from shared.auth import Gate
from shared.consumers import Consumers, Due, Listener, Work
from shared.consumers.parking import waiting
from shared.database import Database, is_transient
from shared.http import problems
from shared.http.asking import CONFIDENTIAL
from shared.http.pages import DOOR, DRESS, Pages
from shared.relay import Relay
from shared.seal import Seal
from shared.settings import Environment, Settings
from shared.telemetry import Metrics, configure, log

OPEN = frozenset({"/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/oauth2-redirect"})
"""What answers without a token: health, figures, and the service's description of itself."""
OPEN_WITH_PAGES = frozenset({DOOR, DRESS})
"""What answers without a token besides, where there are pages: the door, and what pages are dressed in."""


DRAINED_WITHIN = 20.0
"""Seconds that workers have to finish what they began."""


class ClockIsSet(RuntimeError):
    """Đồng hồ đã bị đặt lại; xóa bảng clock_setting. · The clock was set: empty the table clock_setting."""


class Part(StrEnum):
    """What a process of a service does."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Service:
    """One service, as its `app.py` declares it."""

    name: str
    router: APIRouter
    consumers: Consumers
    seals: bool = False
    """Whether it keeps people's data, and so cannot start without the master key."""
    tells_restricted: bool = False
    """Whether it has a restricted log."""
    restricted: Consumers | None = None
    """Readers of restricted events, where it has any."""
    pages: Pages | None = None
    """Pages for people, where it has any."""

    @property
    def hears_itself(self) -> bool:
        """Tell whether what it tells comes back to it over the bus, and is known to it only then."""
        return any(event.source == self.name for event in self.consumers.hears)

    @property
    def hearing(self) -> topology.Hearing:
        """Return what the service's queues are bound to."""
        apart = self.restricted.patterns if self.restricted else () if self.tells_restricted else None
        return topology.Hearing(self.consumers.service, self.consumers.patterns, apart)

    def application(self, *, answers: bool = True) -> FastAPI:
        """Return the HTTP application; it answers once it has been given a running process's state.

        Without `answers` it has nothing to ask: a worker says only how it is.
        """
        app = FastAPI(
            title=f"chungcu · {self.name}",
            version="1",
            description=import_module(f"services.{self.name}").__doc__ or "",
            openapi_url="/openapi.json",
            docs_url="/docs",
            redoc_url=None,
        )
        app.state.pages = self.pages
        problems.install(app)
        if answers:
            app.include_router(self.router)
            app.include_router(feed.router)
            if self.tells_restricted:
                app.include_router(feed.restricted_router)
            if self.pages:
                app.get(DOOR, include_in_schema=False)(self.pages.enter)
                app.get(DRESS, include_in_schema=False)(self.pages.dress)
        return app

    def main(self) -> None:
        """Run until told to stop."""
        parser = argparse.ArgumentParser(prog=f"python -m services.{self.name}")
        parser.add_argument(
            "--only", type=Part, choices=list(Part), default=Part.ALL, help="the API alone, or all but the API"
        )
        only: Part = parser.parse_args().only
        settings = Settings()
        configure(self.name, settings.instance)
        uvloop.run(Process(self, settings, only).run())


class Process:
    """A running service."""

    def __init__(self, service: Service, settings: Settings, part: Part = Part.ALL) -> None:
        """Prepare; nothing is opened before `running`."""
        self.service = service
        self.settings = settings
        self.part = part
        self.metrics = Metrics()
        self.database = Database(settings.database(service.name), f"chungcu {service.name}")
        self.relay = Relay(service.name, self.database, settings, self.metrics)
        self.listener = Listener(service.consumers, self.database, settings, self.metrics)
        self.restricted = _Restricted(service, settings) if service.hearing.restricted is not None else None
        self.app = service.application(answers=part is not Part.WORKER)
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._health()

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
                asyncio.create_task(self._every(1.0, self.relay.watch_age)),
                *(asyncio.create_task(self._due(due, work)) for due in self.service.consumers.dues),
            ]
        self._workers = [*carriers, *workers]
        try:
            yield
        finally:
            await asyncio.gather(*(listener.stop() for listener in self._listeners))
            self._stopping.set()
            self.listener.heard.set()
            if workers:
                # A letter that is on its way is waited for: sent and not noted, it would be sent again.
                await asyncio.wait(workers, timeout=DRAINED_WITHIN)
            for task in self._workers:
                task.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)
            await self.database.close()
            if self.restricted:
                await self.restricted.database.close()
            log.info("stopped")

    @property
    def _listeners(self) -> list[Listener]:
        return [self.listener, *([self.restricted.listener] if self.restricted and self.restricted.listener else [])]

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
            self.metrics.parked.set(await waiting(tx))

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
        while not any(listener.deaf for listener in self._listeners):
            await asyncio.sleep(5)
        log.error("connected, yet nothing is consumed: leaving, to be started again")
        server.leave()

    def _health(self) -> None:
        @self.app.get("/livez", include_in_schema=False)
        async def livez() -> Response:
            dead = [task for task in self._workers if task.done()]
            deaf = any(listener.deaf for listener in self._listeners)
            return _verdict(alive=not dead and not deaf, workers=len(self._workers), dead=len(dead))

        @self.app.get("/readyz", include_in_schema=False)
        async def readyz() -> Response:
            try:
                async with asyncio.timeout(2), self.database.transaction() as tx:
                    await tx.value("SELECT 1")
                answers = True
            except Exception:  # noqa: BLE001 (whatever the fault, the answer is the same)
                answers = False
            relays = [
                self.relay,
                *([self.restricted.relay] if self.restricted and self.service.tells_restricted else []),
            ]
            telling = all(relay.connected or relay.standby for relay in relays)
            hearing = all(listener.connected for listener in self._listeners)
            apart = self.part is Part.API
            broker = "connected" if apart or (telling and hearing) else "degraded"
            instance = self.settings.instance
            return _verdict(
                alive=answers, instance=instance, database=answers, broker=broker, telling=telling, hearing=hearing
            )

        @self.app.get("/metrics", include_in_schema=False)
        async def metrics() -> Response:
            self.metrics.broker.labels("listener").set(self.listener.connected)
            return Response(generate_latest(self.metrics.registry), media_type=CONTENT_TYPE_LATEST)

        @self.app.middleware("http")
        async def observe(request: Request, answer: RequestResponseEndpoint) -> Response:
            began = time.perf_counter()
            response = await answer(request)
            route = request.scope.get("route")
            path = CONFIDENTIAL if getattr(route, "name", "") == CONFIDENTIAL else getattr(route, "path", "none")
            seconds = time.perf_counter() - began
            self.metrics.requests.labels(request.method, path, response.status_code).observe(seconds)
            if path not in ("/livez", "/readyz", "/metrics"):
                log.info(
                    "request",
                    method=request.method,
                    path=path,
                    status=response.status_code,
                    ms=round(seconds * 1000, 1),
                )
            return response


class _Restricted:
    """The restricted part of a process: its own role, schema, log and queue, so that nothing of it joins the rest.

    Every part has a log, for its tables are those of any service; where nothing is told into it, it stays empty.
    """

    def __init__(self, service: Service, settings: Settings) -> None:
        """Prepare; nothing is opened yet."""
        self.database = Database(
            settings.restricted_database(service.name),
            f"chungcu {service.name} restricted",
            topology.RESTRICTED_SCHEMA,
        )
        metrics = Metrics()  # how many restricted events there were is no figure to be seen by everybody
        self.relay = Relay(service.name, self.database, settings, metrics, topology.RESTRICTED)
        self.listener = Listener(service.restricted, self.database, settings, metrics) if service.restricted else None
        self._tells = service.tells_restricted

    def carry(self) -> list[asyncio.Task[None]]:
        """Begin to tell and to hear."""
        tasks = [asyncio.create_task(self.listener.run())] if self.listener else []
        return [*tasks, asyncio.create_task(self.relay.run())] if self._tells else tasks


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


def _verdict(*, alive: bool, **details: Any) -> Response:
    return Response(
        orjson.dumps({"status": "ok" if alive else "failing", **details}),
        200 if alive else 503,
        media_type="application/json",
    )
