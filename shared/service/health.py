"""What a process says of itself: whether it lives, whether it is ready, its figures, and a line for each request."""

import asyncio
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.consumers import Listener
from shared.database import Database
from shared.http.asking import CONFIDENTIAL
from shared.relay import Relay
from shared.telemetry import Metrics, log

LATE = 60.0
"""Seconds for which an event may wait to be told before a process says that it does not tell."""

UNSAID = frozenset({"/livez", "/readyz", "/metrics"})
"""What is asked every few seconds, and not worth a line."""


@dataclass(frozen=True, slots=True)
class Organs:
    """What a process lives by."""

    instance: str
    database: Database
    metrics: Metrics
    listeners: tuple[Listener, ...]
    relays: tuple[Relay, ...]
    carries: bool
    """Whether it tells and hears, or only answers."""
    workers: list[asyncio.Task[None]] = field(default_factory=list)


def install(app: FastAPI, organs: Organs) -> None:
    """Give a process's application its health and its figures."""

    @app.get("/livez", include_in_schema=False)
    async def livez() -> Response:
        dead = [task for task in organs.workers if task.done()]
        deaf = any(listener.deaf for listener in organs.listeners)
        return _verdict(alive=not dead and not deaf, workers=len(organs.workers), dead=len(dead))

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        try:
            async with asyncio.timeout(2), organs.database.transaction() as tx:
                await tx.value("SELECT 1")
            answers = True
        except Exception:  # noqa: BLE001 (whatever the fault, the answer is the same)
            answers = False
        telling = all((relay.connected or relay.standby) and relay.age < LATE for relay in organs.relays)
        hearing = all(listener.connected for listener in organs.listeners)
        broker = "degraded" if organs.carries and not (telling and hearing) else "connected"
        return _verdict(
            alive=answers, instance=organs.instance, database=answers, broker=broker, telling=telling, hearing=hearing
        )

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        organs.metrics.broker.labels("listener").set(organs.listeners[0].connected)
        return Response(generate_latest(organs.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    app.add_middleware(Observed, metrics=organs.metrics)


class Observed:
    """Every request is counted, timed and said in a line; plain ASGI, since a middleware of functions costs a task."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap an application."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and note what was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        somebody_asks = scope["path"] not in UNSAID
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with self._metrics.answering if somebody_asks else nullcontext():
                await self._app(scope, receive, noting)
        finally:
            route = scope.get("route")
            path = CONFIDENTIAL if getattr(route, "name", "") == CONFIDENTIAL else getattr(route, "path", "none")
            seconds = time.perf_counter() - began
            self._metrics.requests.labels(scope["method"], path, status).observe(seconds)
            if path not in UNSAID:
                log.info("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 1))


def _verdict(*, alive: bool, **details: Any) -> Response:
    return Response(
        orjson.dumps({"status": "ok" if alive else "failing", **details}),
        200 if alive else 503,
        media_type="application/json",
    )
