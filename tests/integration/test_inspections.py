"""Inspections and violations as asked over HTTP: told where the building lay that day, shown, or refused."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import Serve, Served
from tests.examples import BUILDING, DAY, NOW, made
from tests.integration.test_programme import DECISION, TODAY, ask, nothing_of, refusal, shown, tell

INSPECTION, VIOLATION = made("inspection"), made("violation")
LEFT, NOW_IN = "HN-00145-2025", "HN-00118-2025"
"""Units of that day: districts ended in 2025."""


def ago(days: int) -> str:
    return (DAY - timedelta(days=days)).isoformat()


@pytest.fixture
async def buildings(serve: Serve) -> Served:
    """A service that knows a building, which moved to another ward ten days ago."""
    served = await serve("buildings")
    served.process.app.state.now = lambda: NOW
    facts = {"blocks": 1, "storeys": 9, "apartments": 90, "lift": True, "owners": "MULTIPLE"}
    named = {"name": "Nhà chung cư minh họa", "address": "Phố Minh Họa"}
    registered = {"building_id": str(BUILDING), "ward": LEFT, "on": ago(25), **named, **facts}
    await tell(served, "/v1/buildings", registered)
    await tell(served, f"/v1/buildings/{BUILDING}/assignments", {"ward": NOW_IN, "on": ago(10)})
    return served


def inspection(days_ago: int = 20, **changed: Any) -> dict[str, Any]:
    said = {"inspection_id": str(INSPECTION), "on": ago(days_ago), "building": str(BUILDING), "topic": "FIRE_SAFETY"}
    return {**said, **changed}


def violation(days_ago: int = 15, **changed: Any) -> dict[str, Any]:
    said = {"violation_id": str(VIOLATION), "on": ago(days_ago), "building": str(BUILDING), "code": "OCCUPY_COMMON"}
    return {**said, **changed}


async def test_an_inspection_and_a_violation_are_told_where_the_building_lay_and_shown(buildings: Served) -> None:
    decision = {**DECISION, "date": ago(5)}

    conducted = await tell(buildings, "/v1/inspections", inspection())
    recorded = await tell(buildings, "/v1/violations", violation(inspection=str(INSPECTION)))
    decided = await tell(buildings, f"/v1/violations/{VIOLATION}/decision", {"decision": decision})
    remedied = await tell(buildings, f"/v1/violations/{VIOLATION}/remedy", {"on": ago(12)})

    assert [
        (one["type"], one["unit"], one["occurredon"], one["data"]) for one in (conducted, recorded, decided, remedied)
    ] == [
        (
            "buildings.inspection_conducted.v1",
            f"HN.{LEFT}",
            ago(20),
            {"building": str(BUILDING), "topic": "FIRE_SAFETY"},
        ),
        (
            "buildings.violation_recorded.v1",
            f"HN.{LEFT}",
            ago(15),
            {"building": str(BUILDING), "inspection": str(INSPECTION), "code": "OCCUPY_COMMON"},
        ),
        ("buildings.violation_decided.v1", f"HN.{NOW_IN}", ago(5), {"decision": decision}),
        ("buildings.violation_remedied.v1", f"HN.{LEFT}", ago(12), {}),
    ]
    assert decided["document"] == decision
    assert await shown(buildings, f"/v1/inspections/{INSPECTION}") == {
        "id": str(INSPECTION),
        "unit": f"HN.{LEFT}",
        "building": str(BUILDING),
        "inspected": ago(20),
        "topic": "FIRE_SAFETY",
        "history": [conducted],
    }
    assert await shown(buildings, f"/v1/violations/{VIOLATION}") == {
        "id": str(VIOLATION),
        "unit": f"HN.{LEFT}",
        "building": str(BUILDING),
        "inspection": str(INSPECTION),
        "code": "OCCUPY_COMMON",
        "recorded": ago(15),
        "decided": ago(5),
        "symbol": decision["symbol"],
        "issuer": decision["issuer"],
        "remedied": ago(12),
        "history": [recorded, decided, remedied],
    }


async def test_a_building_shows_its_inspections_and_violations(buildings: Served) -> None:
    await tell(buildings, "/v1/inspections", inspection())
    await tell(buildings, "/v1/violations", violation())

    said = await shown(buildings, f"/v1/buildings/{BUILDING}")

    assert (said["inspections"], said["violations"]) == (
        [{"inspection": str(INSPECTION), "inspected": ago(20), "topic": "FIRE_SAFETY"}],
        [
            {
                "violation": str(VIOLATION),
                "code": "OCCUPY_COMMON",
                "recorded": ago(15),
                "decided": None,
                "remedied": None,
            }
        ],
    )


@pytest.mark.parametrize(
    ("refused", "path", "body"),
    [
        ((409, "inspection-already-recorded", None), "/v1/inspections", inspection()),
        (
            (409, "building-not-yet-known", "/building"),
            "/v1/inspections",
            inspection(inspection_id=str(uuid4()), building=str(uuid4())),
        ),
        ((409, "before-its-registration", "/on"), "/v1/inspections", inspection(26, inspection_id=str(uuid4()))),
        ((409, "building-not-yet-known", "/building"), "/v1/violations", violation(building=str(uuid4()))),
        ((409, "inspection-not-yet-known", "/inspection"), "/v1/violations", violation(inspection=str(uuid4()))),
        ((409, "before-its-inspection", "/on"), "/v1/violations", violation(21, inspection=str(INSPECTION))),
        ((404, "not-found", None), f"/v1/violations/{VIOLATION}/decision", {"decision": DECISION}),
        ((404, "not-found", None), f"/v1/violations/{VIOLATION}/remedy", {"on": TODAY}),
    ],
)
async def test_what_is_refused_of_inspections_leaves_nothing_behind(
    buildings: Served, refused: tuple[int, str, str | None], path: str, body: dict[str, Any]
) -> None:
    await tell(buildings, "/v1/inspections", inspection())

    assert await refusal(buildings, path, body) == refused
    assert await nothing_of(buildings, VIOLATION)


async def test_the_inspection_of_another_building_did_not_find_a_violation_here(buildings: Served) -> None:
    other = {"building_id": str(uuid4()), "ward": LEFT, "on": ago(25), "name": "N2", "address": "Phố Minh Họa"}
    facts = {"blocks": 1, "storeys": 9, "apartments": 90, "lift": True, "owners": "MULTIPLE"}
    await tell(buildings, "/v1/buildings", {**other, **facts})
    await tell(buildings, "/v1/inspections", inspection(building=other["building_id"]))

    said = await refusal(buildings, "/v1/violations", violation(inspection=str(INSPECTION)))

    assert said == (409, "inspection-not-yet-known", "/inspection")


async def test_a_violation_is_decided_upon_once_and_put_right_once_and_not_before(buildings: Served) -> None:
    await tell(buildings, "/v1/violations", violation())
    decision, remedy = f"/v1/violations/{VIOLATION}/decision", f"/v1/violations/{VIOLATION}/remedy"
    early = {**DECISION, "date": ago(16)}

    assert await refusal(buildings, decision, {"decision": early}) == (
        409,
        "before-it-was-put-on-record",
        "/decision/date",
    )
    assert await refusal(buildings, remedy, {"on": ago(16)}) == (409, "before-it-was-put-on-record", "/on")
    await tell(buildings, decision, {"decision": DECISION})
    await tell(buildings, remedy, {"on": TODAY})

    assert await refusal(buildings, decision, {"decision": DECISION}) == (409, "violation-already-decided", None)
    assert await refusal(buildings, remedy, {"on": TODAY}) == (409, "already-remedied", None)


@pytest.mark.parametrize(
    ("unit", "seen", "remedied"),
    [(f"HN.{LEFT}", 200, 403), (f"HN.{NOW_IN}", 200, 201), ("HN.HN-00367-2025", 404, 404)],
    ids=["where it lay", "where it lies", "elsewhere"],
)
async def test_inspections_are_seen_where_the_building_lay_and_where_it_lies(
    buildings: Served, unit: str, seen: int, remedied: int
) -> None:
    await tell(buildings, "/v1/inspections", inspection())
    await tell(buildings, "/v1/violations", violation())
    who = buildings.by(unit)

    for path, one in (("/v1/inspections", INSPECTION), ("/v1/violations", VIOLATION)):
        listed = await shown(buildings, f"{path}?building={BUILDING}", **who)
        page = await buildings.client.get(f"{path}/{one}", headers=who)
        assert [each["id"] for each in listed["items"]] == [str(one)] * (seen == 200)
        assert page.status_code == seen
    remedy = await ask(buildings, f"/v1/violations/{VIOLATION}/remedy", {"on": TODAY}, **who)

    # It is put right where the building lies now: the ward that it left may look, and may not say so.
    assert remedy.status_code == remedied


async def test_who_may_not_inspect_may_not_record_it(buildings: Served) -> None:
    who = buildings.by(permissions=("buildings.write",))

    assert await refusal(buildings, "/v1/inspections", inspection(), **who) == (403, "not-permitted", None)
    assert await refusal(buildings, "/v1/violations", violation(), **who) == (403, "not-permitted", None)
