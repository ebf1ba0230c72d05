"""The way tutorials show: a handler that inserts and publishes, a consumer that takes one message per transaction.

`python -m benchmarks.rivals.tutorial serve|consume POSTGRES RABBITMQ QUEUE [PORT]`
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

import asyncpg
import orjson
import uvicorn
import uvloop
from fastapi import FastAPI
from faststream.rabbit import RabbitBroker
from pydantic import BaseModel

from benchmarks.processes import now
from benchmarks.rivals.bare import SAY_EVERY, say

TABLES = """
CREATE TABLE petition (id uuid PRIMARY KEY, building uuid NOT NULL, unit text NOT NULL, filed date NOT NULL,
                       said json NOT NULL);
CREATE TABLE entry (id uuid PRIMARY KEY, building uuid NOT NULL, unit text NOT NULL, filed date NOT NULL,
                    said json NOT NULL);
CREATE TABLE total (building uuid, month date, value int NOT NULL, PRIMARY KEY (building, month));
"""


class Petition(BaseModel):
    """What is filed, and told."""

    id: UUID
    building: UUID
    unit: str
    filed: date
    said: dict[str, object]


async def serve(postgres: str, rabbitmq: str, queue: str, port: str) -> None:
    """Answer on a port until ended."""
    broker = RabbitBroker(rabbitmq, logger=None)
    pools: list[asyncpg.Pool[asyncpg.Record]] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(postgres) as pool:
            pools.append(pool)
            await broker.start()
            say("ready")
            yield
            await broker.stop()

    app = FastAPI(lifespan=lifespan)

    @app.post("/petitions", status_code=201)
    async def file(petition: Petition) -> Petition:
        async with pools[0].acquire() as connection:
            await connection.execute(
                "INSERT INTO petition (id, building, unit, filed, said) VALUES ($1, $2, $3, $4, $5)",
                petition.id,
                petition.building,
                petition.unit,
                petition.filed,
                orjson.dumps(petition.said).decode(),
            )
        await broker.publish(petition, queue=queue)
        return petition

    await uvicorn.Server(uvicorn.Config(app, port=int(port), log_level="warning")).serve()


async def consume(postgres: str, rabbitmq: str, queue: str) -> None:
    """Enter each petition and add it to the sum of its building's month."""
    broker = RabbitBroker(rabbitmq, logger=None)
    heard = 0
    async with asyncpg.create_pool(postgres) as pool:

        @broker.subscriber(queue)
        async def enter(petition: Petition) -> None:
            nonlocal heard
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    "INSERT INTO entry (id, building, unit, filed, said) VALUES ($1, $2, $3, $4, $5)",
                    petition.id,
                    petition.building,
                    petition.unit,
                    petition.filed,
                    orjson.dumps(petition.said).decode(),
                )
                await connection.execute(
                    """INSERT INTO total (building, month, value) VALUES ($1, $2, 1)
                       ON CONFLICT (building, month) DO UPDATE SET value = total.value + 1""",
                    petition.building,
                    petition.filed.replace(day=1),
                )
            heard += 1

        await broker.start()
        say("ready")
        while True:
            say(now(), heard)
            await asyncio.sleep(SAY_EVERY)


PROGRAMS: dict[str, Callable[..., Coroutine[None, None, None]]] = {"serve": serve, "consume": consume}

if __name__ == "__main__":
    uvloop.run(PROGRAMS[sys.argv[1]](*sys.argv[2:]))
