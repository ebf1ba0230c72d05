"""A process of the same libraries that does nothing: `python -m benchmarks.rivals.empty RABBITMQ QUEUE PORT`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from faststream.rabbit import RabbitBroker

from benchmarks.rivals.bare import queue, say


def application(rabbitmq: str, name: str) -> FastAPI:
    """Return an application with one endpoint and one subscriber."""
    broker = RabbitBroker(rabbitmq, logger=None)

    @broker.subscriber(queue(name))
    async def nothing(_: bytes) -> None:
        """Take a message."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await broker.start()
        say("ready")
        yield
        await broker.stop()

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def root() -> dict[str, str]:
        return {}

    return app


if __name__ == "__main__":
    rabbitmq, name, port = sys.argv[1:]
    uvicorn.run(application(rabbitmq, name), port=int(port), log_level="warning", loop="uvloop")
