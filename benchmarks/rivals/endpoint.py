"""A bare endpoint that inserts one row: `python -m benchmarks.rivals.endpoint POSTGRES PORT`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from benchmarks.rivals.bare import say

TABLES = """
CREATE TABLE petition (id uuid PRIMARY KEY, received date NOT NULL, kind text NOT NULL, topic text NOT NULL,
                       channel text NOT NULL, unit text NOT NULL)
"""


class Petition(BaseModel):
    """What is filed."""

    petition_id: UUID
    on: date
    kind: str
    topic: str
    channel: str
    unit: str


def application(postgres: str) -> FastAPI:
    """Return the application."""
    pools: list[asyncpg.Pool[asyncpg.Record]] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(postgres) as pool:
            pools.append(pool)
            say("ready")
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/v1/petitions", status_code=201)
    async def file(petition: Petition) -> Petition:
        await pools[0].execute(
            "INSERT INTO petition (id, received, kind, topic, channel, unit) VALUES ($1, $2, $3, $4, $5, $6)",
            petition.petition_id,
            petition.on,
            petition.kind,
            petition.topic,
            petition.channel,
            petition.unit,
        )
        return petition

    return app


if __name__ == "__main__":
    uvicorn.run(application(sys.argv[1]), port=int(sys.argv[2]), log_level="warning", loop="uvloop")
