"""What a process says of itself: whether it lives, whether it is ready, its figures, and a line for each request."""

import asyncio
import time
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.base import RequestResponseEndpoint

from shared.http.asking import CONFIDENTIAL
from shared.service.declaration import Part
from shared.telemetry import log

if TYPE_CHECKING:
    from shared.service.process import Process


def install(process: "Process") -> None:
    """Give a process's application its health and its figures."""
    app = process.app

    @app.get("/livez", include_in_schema=False)
    async def livez() -> Response:
        dead = [task for task in process.workers if task.done()]
        deaf = any(listener.deaf for listener in process.listeners)
        return _verdict(alive=not dead and not deaf, workers=len(process.workers), dead=len(dead))

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        try:
            async with asyncio.timeout(2), process.database.transaction() as tx:
                await tx.value("SELECT 1")
            answers = True
        except Exception:  # noqa: BLE001 (whatever the fault, the answer is the same)
            answers = False
        relays = [
            process.relay,
            *([process.restricted.relay] if process.restricted and process.service.tells_restricted else []),
        ]
        telling = all(relay.connected or relay.standby for relay in relays)
        hearing = all(listener.connected for listener in process.listeners)
        apart = process.part is Part.API
        broker = "connected" if apart or (telling and hearing) else "degraded"
        instance = process.settings.instance
        return _verdict(
            alive=answers, instance=instance, database=answers, broker=broker, telling=telling, hearing=hearing
        )

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        process.metrics.broker.labels("listener").set(process.listener.connected)
        return Response(generate_latest(process.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.middleware("http")
    async def observe(request: Request, answer: RequestResponseEndpoint) -> Response:
        began = time.perf_counter()
        response = await answer(request)
        route = request.scope.get("route")
        path = CONFIDENTIAL if getattr(route, "name", "") == CONFIDENTIAL else getattr(route, "path", "none")
        seconds = time.perf_counter() - began
        process.metrics.requests.labels(request.method, path, response.status_code).observe(seconds)
        if path not in ("/livez", "/readyz", "/metrics"):
            log.info(
                "request",
                method=request.method,
                path=path,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        return response


def _verdict(*, alive: bool, **details: Any) -> Response:
    return Response(
        orjson.dumps({"status": "ok" if alive else "failing", **details}),
        200 if alive else 503,
        media_type="application/json",
    )
