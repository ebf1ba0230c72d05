"""A service in two processes: one is asked, the other hears and tells; neither does the other's work."""

from datetime import datetime
from uuid import uuid4

import httpx

from ops.services import SERVICES
from shared.caller import HANOI
from shared.service import Part, Process
from shared.settings import Environment
from tests.conftest import RABBITMQ, Databases, Keys, OwnDatabases


def client(process: Process, keys: Keys) -> httpx.AsyncClient:
    bearer = {"Authorization": f"Bearer {keys.token()}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(process.app), base_url="http://service", headers=bearer)


async def test_the_api_answers_and_carries_nothing_and_the_worker_carries_and_answers_nothing(
    databases: Databases, keys: Keys
) -> None:
    settings = OwnDatabases(
        env=Environment.DEVELOPMENT,
        addresses={"buildings": await databases.new("buildings")},
        jwks=str(keys.file),
        rabbitmq_url=RABBITMQ,
        instance=f"parts_{uuid4().hex[:8]}",
    )
    api = Process(SERVICES["buildings"], settings, Part.API)
    worker = Process(SERVICES["buildings"], settings, Part.WORKER)
    group = {"group_id": str(uuid4()), "ward": "HN-00145-2025", "number": "1", "on": f"{datetime.now(HANOI):%Y-%m-%d}"}

    async with api.running(), client(api, keys) as asked, client(worker, keys) as health:
        formed = await asked.post("/v1/groups", json=group)
        ready = await asked.get("/readyz")
        refused = await health.get("/v1/groups")
        alive = await health.get("/livez")

    assert formed.status_code == 201
    assert (ready.status_code, ready.json()["broker"]) == (200, "connected")
    assert refused.status_code == 404
    assert alive.status_code == 200
    assert api.relay.connected is False
