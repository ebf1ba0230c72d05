"""A command answered 201 is committed, once; anything else has left nothing behind."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared import event_log
from shared.caller import HANOI
from shared.database import Record
from shared.relay import NUMBER
from tests.conftest import Serve, Served

TODAY = datetime.now(HANOI).date()
PAPER = {"symbol": "minh-hoa-1/KH-UBND", "date": TODAY.isoformat(), "issuer": "UBND (minh họa)"}
WARD, ELSEWHERE = "HN-00145-2025", "HN.HN-00367-2025"
"""Units of today: districts ended in 2025."""


@pytest.fixture
async def buildings(serve: Serve) -> Served:
    return await serve("buildings")


def group(group_id: UUID, number: str = "7", on: date | None = None, **more: Any) -> dict[str, Any]:
    return {"group_id": str(group_id), "ward": WARD, "number": number, "on": (on or TODAY).isoformat(), **more}


async def form(served: Served, body: dict[str, Any], key: str | None = None, **headers: str) -> httpx.Response:
    given = {"Idempotency-Key": key, **headers} if key else headers
    return await served.client.post("/v1/groups", json=body, headers=given)


async def rows(served: Served, sql: str, *values: object) -> list[Record]:
    async with served.database.transaction() as tx:
        return await tx.fetch(sql, *values)


async def told_of(served: Served, subject: UUID) -> list[str]:
    return [row["body"] for row in await rows(served, "SELECT body FROM event_log WHERE subject = $1", str(subject))]


async def kept(served: Served, group_id: UUID) -> int:
    return len(await rows(served, "SELECT FROM residential_group WHERE id = $1", group_id))


async def nothing_of(served: Served, group_id: UUID) -> bool:
    return not await told_of(served, group_id) and not await kept(served, group_id)


async def test_a_command_saves_a_fact_and_tells_it(buildings: Served) -> None:
    one = uuid4()
    document = {"symbol": "minh-hoa-03/QĐ-UBND", "date": TODAY.isoformat(), "issuer": "UBND quận minh họa"}

    answer = await form(buildings, group(one, document=document))

    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/cloudevents+json"
    assert await told_of(buildings, one) == [answer.text]
    assert await kept(buildings, one) == 1
    said = answer.json()
    assert (said["subject"], said["version"], said["document"]) == (str(one), 1, document)
    assert (answer.headers["Chungcu-Position"], answer.headers["ETag"]) == (said["id"], '"1"')


async def test_the_relay_is_woken_by_a_commit_and_not_by_a_refusal(buildings: Served) -> None:
    one = uuid4()

    buildings.process.relay.told.clear()
    await form(buildings, group(one))
    assert buildings.process.relay.told.is_set()
    buildings.process.relay.told.clear()
    assert (await form(buildings, group(one))).status_code == 409

    assert not buildings.process.relay.told.is_set()


# The same again.


async def test_asked_again_under_its_key_a_command_gives_its_first_answer(buildings: Served) -> None:
    one = uuid4()

    first = await form(buildings, group(one), key="k")
    again = await form(buildings, group(one), key="k")

    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await told_of(buildings, one)) == 1


async def test_without_a_key_the_same_command_is_refused_for_what_it_is(buildings: Served) -> None:
    one = uuid4()
    await form(buildings, group(one))

    again = await form(buildings, group(one))

    assert (again.status_code, again.json()["type"]) == (409, "group-already-formed")


@pytest.mark.parametrize("path", ["/v1/groups", "/v1/takeovers"])
async def test_the_same_key_for_another_request_is_refused(buildings: Served, path: str) -> None:
    one, other = uuid4(), uuid4()
    await form(buildings, group(one), key="k")

    body = (
        group(other, "8")
        if path == "/v1/groups"
        else {"takeover_id": str(other), "name": "x", "unit": WARD, "document": PAPER}
    )
    answer = await buildings.client.post(path, json=body, headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["type"]) == (422, "key-used-for-another")
    assert await nothing_of(buildings, other)


async def test_a_key_is_its_callers_own(buildings: Served) -> None:
    one, other = uuid4(), uuid4()
    await form(buildings, group(one), key="k")

    answer = await form(buildings, group(other, "8"), key="k", **buildings.by(actor="somebody else"))

    assert answer.status_code == 201
    assert len(await told_of(buildings, other)) == 1


async def test_a_refusal_is_not_kept_under_the_key(buildings: Served) -> None:
    one = uuid4()

    refused = await form(buildings, group(one, ward="HN"), key="k")
    mended = await form(buildings, group(one), key="k")

    assert (refused.status_code, refused.json()["type"], mended.status_code) == (422, "not-a-ward", 201)


async def test_a_twin_in_flight_waits_and_gets_the_same_answer(buildings: Served) -> None:
    one = uuid4()
    connection = await buildings.database.connect()
    async with connection.transaction():
        await connection.execute("SELECT event_log_lock($1)", [str(one)])
        twins = [asyncio.create_task(form(buildings, group(one), key="k")) for _ in range(2)]
        await asyncio.sleep(0.3)
        assert not any(twin.done() for twin in twins)
    await connection.close()

    first, second = await asyncio.wait_for(asyncio.gather(*twins), 10)

    assert (first.status_code, second.status_code, first.content) == (201, 201, second.content)
    assert sorted("Idempotency-Replayed" in one.headers for one in (first, second)) == [False, True]
    assert len(await told_of(buildings, one)) == 1


async def test_of_many_who_form_the_same_number_one_does(buildings: Served) -> None:
    asked = await asyncio.gather(*(form(buildings, group(uuid4(), "9")) for _ in range(8)))

    assert sorted(one.status_code for one in asked) == [201] + [409] * 7
    assert {one.json()["type"] for one in asked if one.status_code == 409} == {"number-taken"}


# Two officers at one thing.


async def end(served: Served, group_id: UUID, etag: str) -> httpx.Response:
    return await served.client.post(
        f"/v1/groups/{group_id}/dissolution", json={"on": TODAY.isoformat()}, headers={"If-Match": etag}
    )


async def test_who_read_an_earlier_version_is_refused_and_changes_nothing(buildings: Served) -> None:
    one = uuid4()
    await form(buildings, group(one, on=TODAY - timedelta(days=2)))
    read = await buildings.client.get(f"/v1/groups/{one}")
    await buildings.client.post(f"/v1/groups/{one}/liaison", json={"on": TODAY.isoformat(), "person": str(uuid4())})

    refused = await end(buildings, one, read.headers["ETag"])

    assert (read.headers["ETag"], refused.status_code, refused.json()["type"]) == ('"1"', 412, "changed")
    assert refused.json()["version"] == 2
    assert len(await told_of(buildings, one)) == 2
    assert await rows(buildings, "SELECT FROM residential_group WHERE dissolved IS NOT NULL") == []


async def test_who_read_the_present_version_goes_on(buildings: Served) -> None:
    one = uuid4()
    await form(buildings, group(one, on=TODAY - timedelta(days=2)))
    read = await buildings.client.get(f"/v1/groups/{one}")

    assert (await end(buildings, one, read.headers["ETag"])).status_code == 201


# Old paper and days to come.


async def test_old_paper_needs_an_open_batch(buildings: Served) -> None:
    one, batch = uuid4(), uuid4()
    old = TODAY - timedelta(days=31)

    outside = await form(buildings, group(one, on=old))
    unopened = await form(buildings, group(one, on=old, takeover=str(batch)))
    assert (outside.status_code, outside.json()["type"]) == (409, "too-long-ago")
    assert (unopened.status_code, unopened.json()["type"]) == (409, "takeover-not-open")
    assert await nothing_of(buildings, one)
    opened = await buildings.client.post(
        "/v1/takeovers", json={"takeover_id": str(batch), "name": "Hồ sơ cũ minh họa", "unit": WARD, "document": PAPER}
    )
    inside = await form(buildings, group(one, on=old, takeover=str(batch)))

    assert (opened.status_code, inside.status_code) == (201, 201)
    assert json.loads(inside.content)["takeover"] == str(batch)


@pytest.mark.parametrize(
    ("days", "status", "kind"),
    [(0, 201, None), (-30, 201, None), (-31, 409, "too-long-ago"), (1, 422, "in-the-future")],
)
async def test_a_fact_is_entered_within_thirty_days_and_never_ahead(
    buildings: Served, days: int, status: int, kind: str | None
) -> None:
    one = uuid4()

    answer = await form(buildings, group(one, on=TODAY + timedelta(days=days)))

    assert (answer.status_code, answer.json()["type"] if kind else None) == (status, kind)
    assert await nothing_of(buildings, one) == (status != 201)


async def test_what_lies_outside_the_callers_units_is_not_told(buildings: Served) -> None:
    one = uuid4()

    answer = await form(buildings, group(one), **buildings.by(ELSEWHERE))

    assert (answer.status_code, answer.json()["type"]) == (403, "outside-your-units")
    assert await nothing_of(buildings, one)


async def test_who_lacks_the_permission_is_refused(buildings: Served) -> None:
    one = uuid4()

    answer = await form(buildings, group(one), **buildings.by(permissions=("buildings.write",)))

    assert (answer.status_code, answer.json()["type"]) == (403, "not-permitted")
    assert await nothing_of(buildings, one)


async def test_a_malformed_request_is_pointed_at(buildings: Served) -> None:
    answer = await form(buildings, {**group(uuid4()), "number": "a\u0000b"})

    said = answer.json()
    assert (answer.status_code, said["type"], said["pointer"]) == (422, "malformed", "/number")
    assert answer.headers["content-type"] == "application/problem+json"


# What fails at the very end.

AT_COMMIT = """
CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'not now' USING ERRCODE = '{code}';
END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON event_log
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit();
"""


@pytest.mark.parametrize(("code", "status"), [("P0001", 500), ("40001", 503)], ids=["a fault", "a conflict"])
async def test_a_commit_that_fails_is_never_answered_201(buildings: Served, code: str, status: int) -> None:
    one = uuid4()
    async with buildings.database.transaction() as tx:
        await tx.execute(AT_COMMIT.format(code=code))
    buildings.process.relay.told.clear()

    failed = await form(buildings, group(one), key="k")

    assert failed.status_code == status
    assert failed.headers["content-type"] == "application/problem+json"
    assert await nothing_of(buildings, one)
    assert not buildings.process.relay.told.is_set()
    async with buildings.database.transaction() as tx:
        await tx.execute("DROP TRIGGER at_commit ON event_log")
    assert (await form(buildings, group(one), key="k")).status_code == 201


async def test_what_was_told_can_be_read_at_once(buildings: Served) -> None:
    one = uuid4()
    told = await form(buildings, group(one))

    read = await buildings.client.get(f"/v1/groups/{one}?min_position={told.headers['Chungcu-Position']}")

    assert read.status_code == 200
    assert read.json()["history"] == [told.json()]


async def test_what_has_not_come_is_waited_for_and_then_said(buildings: Served) -> None:
    answer = await buildings.client.get(f"/v1/groups?min_position={uuid4()}")

    assert (answer.status_code, answer.json()["type"], answer.headers["Retry-After"]) == (503, "not-yet-here", "1")


async def test_the_feed_gives_the_bytes_as_told_within_the_scope(buildings: Served) -> None:
    one = uuid4()
    told = await form(buildings, group(one))
    async with asyncio.timeout(20):
        while not await rows(
            buildings, "SELECT FROM log_order JOIN event_log USING (pos) WHERE subject = $1", str(one)
        ):
            async with buildings.database.transaction() as tx:
                await tx.execute(NUMBER, 1000)

    inside = await buildings.client.get("/events?types=buildings.residential_group_formed.v1")
    outside = await buildings.client.get(
        "/events?types=buildings.residential_group_formed.v1", headers=buildings.by(ELSEWHERE)
    )

    (line,) = inside.content.splitlines()
    assert line.endswith(b'"event":' + told.content + b"}")
    assert (outside.status_code, outside.content) == (200, b"")


async def test_a_day_begins_in_ha_noi_for_lists_too(buildings: Served) -> None:
    one = uuid4()
    buildings.process.app.state.now = lambda: datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
    told = await form(buildings, group(one, on=date(2026, 3, 3)))

    listed = await buildings.client.get("/v1/groups")

    assert told.status_code == 201
    assert [found["id"] for found in listed.json()["items"]] == [str(one)]


async def test_a_list_is_followed_page_by_page(buildings: Served) -> None:
    made = {str(uuid4()) for _ in range(5)}
    for nth, one in enumerate(sorted(made)):
        await form(buildings, group(UUID(one), str(nth)))

    found, address = [], "/v1/groups?limit=2"
    while address:
        answer = await buildings.client.get(address)
        found.append([one["id"] for one in answer.json()["items"]])
        address = answer.links.get("next", {}).get("url", "")

    assert [len(part) for part in found] == [2, 2, 1]
    assert {one for part in found for one in part} == made


async def test_history_shows_every_event_of_a_thing(buildings: Served) -> None:
    one = uuid4()
    await form(buildings, group(one, on=TODAY - timedelta(days=2)))
    await buildings.client.post(f"/v1/groups/{one}/dissolution", json={"on": TODAY.isoformat()})

    async with buildings.database.transaction() as tx:
        told = [json.loads(body)["type"] for body in await event_log.history(tx, one)]

    assert told == ["buildings.residential_group_formed.v1", "buildings.residential_group_dissolved.v1"]
