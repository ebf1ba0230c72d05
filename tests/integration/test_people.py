"""People in the vault: sealed, looked at only for a recorded purpose, told of apart, and forgotten for good."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.boards.domain.person import Profile
from services.boards.store import participation, vault
from shared.consumers import Delivery
from shared.database import Record
from shared.events import Event, ParticipationErased, ParticipationRecorded, PeriodDeclared
from tests.conftest import Serve, Served
from tests.examples import (
    BOARD,
    BUILDING,
    DAY,
    DISTRICT,
    HEAD,
    MEMBER,
    OTHER_WARD,
    PERIOD,
    WARD,
    WARD_ID,
    board_formed,
    bodies,
    building_registered,
    made,
    told,
    unit_established,
)

PERIOD_FROM, PERIOD_TO = date(2025, 9, 30), date(2026, 3, 31)
CANARY = "Chim Hoàng Yến 0400999888"


async def hears(served: Served, *events: Event) -> None:
    await served.process.service.consumers.settle(
        served.database, [Delivery(body) for body in bodies([told(event) for event in events])]
    )


@pytest.fixture
async def boards(serve: Serve) -> Served:
    """A service that knows places, a period, and a board of three."""
    served = await serve("boards")
    await hears(
        served,
        unit_established("HN"),
        unit_established(DISTRICT),
        unit_established(WARD),
        unit_established(OTHER_WARD),
        building_registered(on=date(2020, 1, 1)),
        PeriodDeclared(
            subject=PERIOD,
            unit=DISTRICT,
            on=DAY,
            report="thong-tri-05",
            period_from=PERIOD_FROM,
            period_to=PERIOD_TO,
            name="Kỳ minh họa",
        ),
    )
    formed = board_formed(on=DAY)
    body = {
        "board_id": str(BOARD),
        "building_ids": [str(BUILDING)],
        "decision": json.loads(formed.decision.model_dump_json()),
        "members": [json.loads(member.model_dump_json()) for member in formed.members],
    }
    batch = {"takeover_id": str(uuid4()), "name": "Hồ sơ cũ minh họa", "unit": "Q004", "document": body["decision"]}
    assert (await served.client.post("/v1/takeovers", json=batch)).status_code == 201
    answer = await served.client.post("/v1/boards", json={**body, "takeover": batch["takeover_id"]})
    assert answer.status_code == 201, answer.text
    return served


async def post(served: Served, path: str, **body: Any) -> Any:
    return await served.client.post(path, json=body)


async def person(served: Served, person_id: UUID = HEAD, **more: Any) -> None:
    answer = await post(
        served, "/v1/people", person_id=str(person_id), unit=WARD_ID, name=CANARY, purpose="RECOGNITION", **more
    )
    assert answer.status_code == 201, answer.text


async def member(served: Served, person_id: UUID = HEAD) -> None:
    answer = await post(
        served,
        f"/v1/people/{person_id}/ties",
        kind="PARTY_MEMBERSHIP",
        tie_id=str(made(f"membership {person_id}")),
        category="RESIDENT_PARTY_MEMBER",
        since="2020-05-04",
        purpose="REVIEW",
    )
    assert answer.status_code == 201, answer.text


async def introduced(served: Served, person_id: UUID = HEAD, on: str = "2026-01-05") -> None:
    answer = await post(
        served,
        f"/v1/people/{person_id}/ties",
        kind="INTRODUCTION",
        tie_id=str(made(f"introduction {person_id}")),
        ward=WARD_ID,
        categories=["RESIDENT_PARTY_MEMBER"],
        on=on,
        purpose="REVIEW",
    )
    assert answer.status_code == 201, answer.text


async def restricted(served: Served) -> list[Record]:
    assert served.process.restricted is not None
    async with served.process.restricted.database.transaction() as tx:
        return await tx.fetch("SELECT * FROM event_log ORDER BY pos")


async def everything(served: Served) -> str:
    """Return all that the service's database holds, both parts of it."""
    held = []
    assert served.process.restricted is not None
    for database, schema in ((served.database, "public"), (served.process.restricted.database, "restricted")):
        async with database.transaction() as tx:
            tables = await tx.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
            for table in tables:
                for row in await tx.fetch(f'SELECT * FROM "{table["tablename"]}"'):
                    # Bytes as they are: PostgreSQL would write them in hexadecimal, in which no word is found.
                    held += [one.decode(errors="replace") if isinstance(one, bytes) else str(one) for one in row]
    return "\n".join(held)


async def test_what_is_known_of_a_person_is_sealed_and_shown_for_a_purpose_that_is_recorded(boards: Served) -> None:
    await person(boards, born=1961, phone="0400999888")
    await member(boards)

    shown = await boards.client.get(f"/v1/people/{HEAD}", params={"purpose": "AUDIT"})
    ties = await boards.client.get(f"/v1/people/{HEAD}/profile", params={"purpose": "SUBJECT_REQUEST"})

    assert shown.json() == {"person": str(HEAD), "name": CANARY, "born": 1961, "email": None, "phone": "0400999888"}
    assert [one["category"] for one in ties.json()["ties"]] == ["RESIDENT_PARTY_MEMBER"]
    held = await everything(boards)
    assert "Hoàng Yến" not in held
    assert "0400999888" not in held
    assert "RESIDENT_PARTY_MEMBER" not in held
    assert "SUBJECT_REQUEST" not in held
    assert "board" in held
    accesses = (await boards.client.get("/v1/accesses", params={"person": str(HEAD)})).json()["items"]
    assert [(one["part"], one["action"], one["purpose"]) for one in accesses] == [
        ("PROFILE", "READ", "SUBJECT_REQUEST"),
        ("IDENTITY", "READ", "AUDIT"),
        ("PROFILE", "WRITTEN", "REVIEW"),
        ("IDENTITY", "WRITTEN", "RECOGNITION"),
    ]


async def test_nobody_looks_without_permission_without_purpose_or_from_elsewhere(boards: Served) -> None:
    await person(boards)
    path = f"/v1/people/{HEAD}"

    assert (await boards.client.get(path)).status_code == 422
    for asked, needs in ((path, "people.read"), (f"{path}/profile", "profiles.read")):
        others = tuple(one for one in ("people.read", "profiles.read", "boards.read") if one != needs)
        without = boards.by("HN", permissions=others)
        elsewhere = boards.by("HN.Q009", permissions=(needs,))
        assert (await boards.client.get(asked, params={"purpose": "AUDIT"}, headers=without)).status_code == 403
        assert (await boards.client.get(asked, params={"purpose": "AUDIT"}, headers=elsewhere)).status_code == 404


async def test_who_has_a_tie_looks_like_who_has_none(boards: Served) -> None:
    await person(boards)
    await person(boards, MEMBER)
    await member(boards)
    await introduced(boards)

    async with boards.database.transaction() as tx:
        rows = await tx.fetch("SELECT length(profile) AS profile, length(identity) AS identity FROM person")
        seen = await tx.fetch("SELECT DISTINCT length(access) AS access FROM access")

    assert len({(row["profile"], row["identity"]) for row in rows}) == 1
    assert rows[0]["profile"] > vault.LENGTH[Profile]
    assert len(seen) == 1


async def test_ties_are_told_apart_and_joined_with_nothing(boards: Served) -> None:
    await person(boards)
    await member(boards)
    await introduced(boards)

    answer = await post(boards, "/v1/participation/telling")

    assert answer.json() == {"left": False, "position": 2}
    rows = await restricted(boards)
    assert answer.headers["Chungcu-Restricted-Position"] == "2"
    said = [json.loads(row["body"]) for row in rows]
    assert {one["type"] for one in said} == {ParticipationRecorded.type}
    assert {one["data"]["stage"] for one in said} == {"SERVING", "INTRODUCED"}
    assert {one["unit"] for one in said} == {WARD}
    assert {one["occurredon"] for one in said} == {PERIOD_TO.isoformat()}
    assert {one["time"][10:] for one in said} == {"T00:00:00Z"}
    assert {UUID(one["id"]).version for one in said} == {4}
    assert len({one["subject"] for one in said}) == 2
    assert len({one["correlationid"] for one in said}) == 2
    assert not {"document", "causationid", "traceparent", "takeover", "corrects"} & set().union(*said)
    async with boards.database.transaction() as tx:
        ordinary = "\n".join(row["body"] for row in await tx.fetch("SELECT body FROM event_log"))
    for one in said:
        assert not any(one[name] in ordinary for name in ("id", "subject", "correlationid"))
        assert str(HEAD) not in json.dumps(one)


async def test_telling_again_tells_only_what_changed(boards: Served) -> None:
    await person(boards)
    await member(boards)
    await post(boards, "/v1/participation/telling")

    assert (await post(boards, "/v1/participation/telling")).json()["position"] == 1
    end = {"until": "2025-12-01", "purpose": "REVIEW"}
    await post(boards, f"/v1/people/{HEAD}/ties/{made(f'membership {HEAD}')}/end", **end)
    assert (await post(boards, "/v1/participation/telling")).json()["position"] == 2

    kinds = [row["type"] for row in await restricted(boards)]
    assert kinds == ["boards.participation_recorded.v1", "boards.participation_ended.v1"]


async def test_a_forgotten_person_cannot_be_read_from_anywhere_and_is_told_of_as_erased(boards: Served) -> None:
    await person(boards, email="minhhoa@example.com")
    await member(boards)
    await post(boards, "/v1/participation/telling")
    participant = (await restricted(boards))[0]["subject"]

    answer = await post(boards, f"/v1/people/{HEAD}/erasure")
    assert answer.status_code == 201, answer.text
    await post(boards, "/v1/participation/telling")

    assert answer.json()["type"] == "boards.person_erased.v1"
    assert [row["type"] for row in await restricted(boards)][-1] == ParticipationErased.type
    assert participant not in answer.text
    assert (await boards.client.get(f"/v1/people/{HEAD}", params={"purpose": "AUDIT"})).status_code == 404
    again = await post(boards, "/v1/people", person_id=str(HEAD), unit=WARD_ID, name=CANARY, purpose="RECOGNITION")
    assert again.json()["type"] == "person-was-erased"
    assert (await post(boards, f"/v1/people/{HEAD}/erasure")).json()["type"] == "person-was-erased"
    assert (await boards.client.get("/v1/accesses", params={"person": str(HEAD)})).json()["items"] == []
    async with boards.database.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM person WHERE id = $1", HEAD) == 0


async def test_the_role_of_the_service_cannot_read_the_restricted_part_nor_the_other_way(boards: Served) -> None:
    assert boards.process.restricted is not None
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with boards.database.transaction() as tx:
            await tx.fetch("SELECT * FROM restricted.participation")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with boards.process.restricted.database.transaction() as tx:
            await tx.fetch("SELECT * FROM public.person")


async def test_a_tie_names_a_ward_and_a_group_within_the_callers_units(boards: Served) -> None:
    await person(boards)
    path = f"/v1/people/{HEAD}/ties"
    introduction = {"kind": "INTRODUCTION", "categories": ["REG_213"], "on": "2026-01-05", "purpose": "REVIEW"}
    office = {"kind": "OFFICE", "office": "GROUP_HEAD", "since": "2020-05-04", "purpose": "REVIEW"}

    for ward in ("Q004", "NOSUCH"):
        answer = await post(boards, path, tie_id=str(uuid4()), ward=ward, **introduction)
        assert (answer.status_code, answer.json()["type"]) == (409, "unit-not-yet-known")
    unknown = await post(boards, path, tie_id=str(uuid4()), group=str(uuid4()), **office)
    assert unknown.json()["type"] == "group-not-yet-known"
    malformed = await post(boards, path, tie_id=str(uuid4()), **{**introduction, "categories": []}, ward=WARD_ID)
    assert malformed.json()["pointer"] == "/categories"


async def test_a_tie_that_was_withdrawn_is_told_no_more_and_no_cache_keeps_an_answer(boards: Served) -> None:
    await person(boards)
    await member(boards)
    await post(boards, "/v1/participation/telling")

    path = f"/v1/people/{HEAD}/ties/{made(f'membership {HEAD}')}/withdrawal"
    answer = await post(boards, path, purpose="REVIEW")
    await post(boards, "/v1/participation/telling")

    assert answer.headers["Cache-Control"] == "no-store"
    assert [row["type"] for row in await restricted(boards)][-1] == "boards.participation_ended.v1"


async def test_what_is_asked_in_confidence_is_counted_as_one(boards: Served) -> None:
    await person(boards)
    await member(boards)

    counted = (await boards.client.get("/metrics")).text

    assert 'path="confidential"' in counted
    assert "/v1/people" not in counted


async def test_it_is_noted_how_far_it_was_looked_and_never_backwards(boards: Served) -> None:
    assert boards.process.restricted is not None
    for day in (DAY, date(2026, 3, 3), DAY):
        async with boards.process.restricted.database.transaction() as tx:
            await participation.looked(tx, day)

    async with boards.process.restricted.database.transaction() as tx:
        assert await participation.last_day(tx) == date(2026, 3, 3)


async def test_restricted_facts_have_a_feed_of_their_own(boards: Served) -> None:
    await person(boards)
    await member(boards)
    await post(boards, "/v1/participation/telling")

    without = boards.by("HN", permissions=("events.read",))
    assert (await boards.client.get("/events/restricted", headers=without)).status_code == 403
    answer = await boards.client.get("/events/restricted")
    assert answer.status_code == 200
    assert "participation" not in (await boards.client.get("/events")).text
