"""Whoever gives a command and asks at once sees it: where its service answers from what it decided, or has heard."""

from shared.consumers import Delivery
from tests.conftest import Serve, Served

PERIOD = {"report": "thong-tri-05", "unit": "HN", "from": "2022-01-01", "to": "2022-12-31", "name": "Năm 2022"}


async def reporting_that_knows_units(serve: Serve) -> Served:
    buildings, reporting = await serve("buildings"), await serve("reporting")
    await hear(reporting, buildings)
    return reporting


async def hear(served: Served, teller: Served) -> None:
    async with teller.database.transaction() as tx:
        told = [Delivery(str(row["body"]).encode()) for row in await tx.fetch("SELECT body FROM event_log")]
    await served.process.service.consumers.settle(served.database, told)


async def test_reporting_knows_what_it_told_once_it_has_heard_itself(serve: Serve) -> None:
    reporting = await reporting_that_knows_units(serve)
    declared = await reporting.client.put("/v1/periods/nam-2022", json=PERIOD)
    asked = {"period": "nam-2022", "min_position": declared.headers["Chungcu-Position"]}

    early = await reporting.client.get("/v1/reports/thong-tri-05", params=asked)
    await hear(reporting, reporting)
    late = await reporting.client.get("/v1/reports/thong-tri-05", params=asked)

    assert (early.status_code, early.json()["type"]) == (503, "not-yet-here")
    assert late.status_code == 200


async def test_a_service_that_does_not_hear_itself_knows_at_once_what_it_told(serve: Serve) -> None:
    buildings = await serve("buildings")
    group = {"group_id": "6a0a55a8-2f0e-4c77-8d4a-0f3c7a5f2f11", "ward": "HN-00145-2025", "number": "1"}
    day = buildings.process.app.state.now().date().isoformat()
    formed = await buildings.client.post("/v1/groups", json={**group, "on": day})

    asked = {"min_position": formed.headers["Chungcu-Position"]}
    shown = await buildings.client.get(f"/v1/groups/{group['group_id']}", params=asked)

    assert (formed.status_code, shown.status_code) == (201, 200)
