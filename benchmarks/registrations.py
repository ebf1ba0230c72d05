"""B8: ten thousand registrations and their read model, here and in the `eventsourcing` library."""

import asyncio
from datetime import datetime
from uuid import uuid4

from benchmarks import load
from benchmarks.figures import Figure
from benchmarks.installation import Installation
from benchmarks.load import Ask
from benchmarks.processes import now, running
from shared.caller import HANOI

REGISTRATIONS = 10_000
CLIENTS = 8
LOOK_EVERY = 0.05
ARRIVES_WITHIN = 300.0
PLACES = (("Q001", "DISTRICT", "HN"), *((f"Q001-{nth:05}-v1", "WARD", "Q001") for nth in range(1, 13)))
ARRIVED = "SELECT count(*) FROM journal WHERE type = 'buildings.building_registered.v1'"


async def measure(quick: bool) -> Figure:
    """Register buildings over HTTP and wait for reporting; then in the library, and wait for its projection."""
    count = REGISTRATIONS // (10 if quick else 1)
    async with Installation("buildings", "reporting") as installation:
        ours, answered = await _ours(installation, count)
        theirs = await _library(installation, count)
    return Figure(
        "B8",
        f"{count:,} registrations over HTTP until the last stands in the report",
        ours,
        "registrations/s",
        beside={"eventsourcing": theirs},
        ratio={"eventsourcing": ours / theirs},
        targets=(),
        more={"answered_per_second": round(answered)},
    )


async def _ours(installation: Installation, count: int) -> tuple[float, float]:
    token = {"Authorization": f"Bearer {installation.token()}"}
    async with installation.running(), installation.database("reporting") as journal:
        url = installation.urls["buildings"]
        units = [_unit(*place, token) for place in PLACES]
        established = await load.asked(url, units)
        assert not established.failed, established.statuses
        until = now() + ARRIVES_WITHIN
        async with load.client(url, [_building(nth, token) for nth in range(count)], CLIENTS) as client:
            client.tell("begin")
            while await journal.fetchval(ARRIVED) < count:
                await asyncio.sleep(LOOK_EVERY)
                if now() > until:
                    raise TimeoutError("registrations did not arrive")
            ended = now()
            loaded = await load.outcome(client)
    assert not loaded.failed, loaded.statuses
    return count / (ended - loaded.began), loaded.per_second


async def _library(installation: Installation, count: int) -> float:
    module = "benchmarks.rivals.library"
    async with (
        installation.scratch() as database,
        running(module, "project", database, str(count)) as follower,
    ):
        await follower.heard()
        async with running(module, "register", database, str(count)) as application:
            await application.heard()
            application.tell("begin")
            (began,) = await application.heard()
            while True:
                moment, heard = await follower.heard()
                if int(heard) >= count:
                    return count / (float(moment) - float(began))
                if float(moment) > float(began) + ARRIVES_WITHIN:
                    raise TimeoutError(f"{heard} of {count} registrations were followed")


def _unit(unit_id: str, kind: str, parent: str, token: dict[str, str]) -> Ask:
    asked = {
        "unit_id": unit_id,
        "on": _today(),
        "name": f"Đơn vị minh họa {unit_id}",
        "kind": kind,
        "official_code": unit_id,
        "parent": parent,
    }
    return Ask("/v1/units", asked, token)


def _building(nth: int, token: dict[str, str]) -> Ask:
    building = uuid4()
    asked = {
        "building_id": str(building),
        "on": _today(),
        "ward": f"Q001-{nth % 12 + 1:05}-v1",
        "name": f"Nhà chung cư minh họa {building}",
        "address": f"Số {nth} đường Minh Họa",
        "blocks": 1,
        "storeys": 15,
        "apartments": 180,
        "lift": True,
        "built_year": 2010,
        "owners": "MULTIPLE",
    }
    return Ask("/v1/buildings", asked, token)


def _today() -> str:
    return datetime.now(HANOI).date().isoformat()
