"""Boards over time, and groups and boards beside each other, as asked over HTTP and as heard in any order."""

import asyncio
import random
from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.boards import store
from services.boards.domain.board import Serving
from shared.consumers import Delivery
from shared.events import BuildingAssignedToUnit, Event, ResidentialGroupDissolved, Told
from tests.conftest import Serve, Served
from tests.examples import (
    BATCH,
    BOARD,
    BUILDING,
    CITY,
    DAY,
    DEPUTY,
    DISTRICT,
    FAR_WARD,
    GROUP,
    HEAD,
    MEMBER,
    NOW,
    OTHER_BUILDING,
    OTHER_GROUP,
    OTHER_WARD,
    OTHER_WARD_ID,
    WARD,
    WARD_ID,
    bodies,
    building_registered,
    group_formed,
    made,
    told,
    unit_established,
)

FAR, LONG_AGO = "HN.Q009", date(2020, 1, 1)
CELL, BODY, SUPERVISION = made("cell"), made("body"), made("supervision")
REGULATION, OVERLAP, CONFLICT = made("regulation"), made("overlap"), made("conflict")
NEW_HEAD, NEW_MEMBER = made("new head"), made("new member")


def day(number: int) -> str:
    """Return a day of February 2026, which is within the limit of back-dating."""
    return date(2026, 2, number).isoformat()


def decided(on: str, number: int = 1) -> dict[str, str]:
    return {"symbol": f"minh-hoa-{number:02}/QĐ-UBND", "date": on, "issuer": "UBND quận minh họa"}


def seats(head: UUID = HEAD, deputy: UUID = DEPUTY, *members: UUID) -> list[dict[str, str]]:
    people = ((head, "HEAD"), (deputy, "DEPUTY"), *((one, "MEMBER") for one in members or (MEMBER,)))
    return [{"person": str(person), "role": role} for person, role in people]


async def hears(served: Served, *events: Event | Told[Any]) -> None:
    heard = [one if isinstance(one, Told) else told(one) for one in events]
    await served.process.service.consumers.settle(served.database, [Delivery(body) for body in bodies(heard)])


@pytest.fixture
async def fresh(serve: Serve) -> Served:
    """A service that knows wards and buildings, and no residential group."""
    served = await serve("boards")
    served.process.app.state.now = lambda: NOW
    await hears(
        served,
        *map(unit_established, (CITY, DISTRICT, WARD, OTHER_WARD, FAR, FAR_WARD)),
        building_registered(BUILDING, on=LONG_AGO),
        building_registered(OTHER_BUILDING, on=LONG_AGO, unit=OTHER_WARD),
    )
    return served


@pytest.fixture
async def boards(fresh: Served) -> Served:
    """A service that knows a board formed on 10 February, and a residential group in each of two wards."""
    other = {"unit": OTHER_WARD, "ward": OTHER_WARD_ID}
    await hears(fresh, group_formed(on=LONG_AGO), group_formed(OTHER_GROUP, on=LONG_AGO).model_copy(update=other))
    await tell(fresh, "/v1/boards", formed())
    return fresh


def formed(board: UUID = BOARD, *on_buildings: UUID, on: str = day(10), **more: Any) -> dict[str, Any]:
    return {
        "board_id": str(board),
        "building_ids": [str(one) for one in on_buildings or (BUILDING,)],
        "decision": decided(on),
        "members": seats(),
        **more,
    }


async def ask(served: Served, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await served.client.post(path, json=body, headers=headers)


async def tell(served: Served, path: str, body: dict[str, Any]) -> Any:
    """Ask a command that succeeds, and return what it told."""
    answer = await ask(served, path, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refusal(served: Served, path: str, body: dict[str, Any], **headers: str) -> tuple[int, str, str | None]:
    """Ask a command that is refused; return the status, the code, and the field pointed at."""
    answer = await ask(served, path, body, **headers)
    return answer.status_code, answer.json()["type"], answer.json().get("pointer")


async def shown(served: Served, path: str, **headers: str) -> Any:
    answer = await served.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(served: Served, path: str, **headers: str) -> list[str]:
    """Return the ids of a list."""
    return [one["id"] for one in (await shown(served, path, **headers))["items"]]


async def told_by(served: Served) -> int:
    """Return how many facts the service has told."""
    async with served.database.transaction() as tx:
        return int(await tx.value("SELECT count(*) FROM event_log"))


async def serving(served: Served, on: date) -> set[tuple[UUID, str, str]]:
    """Return who serves on the board, in which role and ward."""
    async with served.database.transaction() as tx:
        found = await store.board.serving(tx, on)
    assert all(isinstance(one, Serving) and one.board == BOARD for one in found)
    return {(one.person, one.role, one.ward) for one in found}


def envelope(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in ("type", "subject", "unit", "occurredon", "version")}


REVIEWS, CONSOLIDATIONS, DEPARTURES = (
    f"/v1/boards/{BOARD}/{one}" for one in ("reviews", "consolidations", "departures")
)


# Boards in order.


async def test_a_board_is_reviewed_put_in_order_and_left_and_its_page_says_so(boards: Served) -> None:
    reviewed = await tell(boards, REVIEWS, {"on": day(15)})
    consolidated = await tell(
        boards, CONSOLIDATIONS, {"decision": decided(day(20), 2), "members": seats(DEPUTY, NEW_MEMBER)}
    )
    left = await tell(boards, DEPARTURES, {"on": day(25), "person": str(DEPUTY), "reason": "RESIGNED"})
    page = await shown(boards, f"/v1/boards/{BOARD}?on={day(26)}")

    said = {"subject": str(BOARD), "unit": WARD}
    assert envelope(reviewed) == said | {"type": "boards.board_reviewed.v1", "occurredon": day(15), "version": 2}
    assert reviewed["data"] == {}
    assert envelope(consolidated) == said | {
        "type": "boards.board_consolidated.v1",
        "occurredon": day(20),
        "version": 3,
    }
    assert consolidated["document"] == decided(day(20), 2)
    assert consolidated["data"] == {
        "decision": decided(day(20), 2),
        "term_from": day(10),
        "term_to": "2029-02-10",
        "members": seats(DEPUTY, NEW_MEMBER),
    }
    assert envelope(left) == said | {"type": "boards.board_member_ended.v1", "occurredon": day(25), "version": 4}
    assert left["data"] == {"person": str(DEPUTY), "reason": "RESIGNED"}
    assert (page["in_force"], page["reviews"]) == (True, [day(15)])
    assert page["terms"] == [{"term_from": day(10), "term_to": "2029-02-10"}]
    assert {(one["person"], one["role"], one["from_day"], one["until_day"]) for one in page["members"]} == {
        (str(HEAD), "HEAD", day(10), day(20)),
        (str(DEPUTY), "DEPUTY", day(10), day(20)),
        (str(MEMBER), "MEMBER", day(10), None),
        (str(DEPUTY), "HEAD", day(20), day(25)),
        (str(NEW_MEMBER), "DEPUTY", day(20), None),
    }
    assert [one["type"] for one in page["history"]] == [
        f"boards.{one}.v1" for one in ("board_formed", "board_reviewed", "board_consolidated", "board_member_ended")
    ]


async def test_who_serves_on_a_day_follows_the_seats(boards: Served) -> None:
    await tell(boards, CONSOLIDATIONS, {"decision": decided(day(20)), "members": seats(DEPUTY, NEW_MEMBER)})
    await tell(boards, DEPARTURES, {"on": day(25), "person": str(DEPUTY), "reason": "DIED"})
    await tell(boards, f"/v1/boards/{BOARD}/closure", {"on": day(27), "reason": "DISSOLVED"})

    seen = {number: await serving(boards, date(2026, 2, number)) for number in (9, 10, 19, 20, 24, 25, 26, 27)}

    first = {(HEAD, "HEAD", WARD), (DEPUTY, "DEPUTY", WARD), (MEMBER, "MEMBER", WARD)}
    second = {(DEPUTY, "HEAD", WARD), (NEW_MEMBER, "DEPUTY", WARD), (MEMBER, "MEMBER", WARD)}
    third = second - {(DEPUTY, "HEAD", WARD)}
    assert seen == {9: set(), 10: first, 19: first, 20: second, 24: second, 25: third, 26: third, 27: set()}


async def test_who_serves_is_counted_where_the_leading_building_lies_on_the_day(boards: Served) -> None:
    moved = BuildingAssignedToUnit(subject=str(BUILDING), unit=OTHER_WARD, on=date(2026, 2, 20), ward=OTHER_WARD_ID)
    await hears(boards, told(moved, 2))

    assert {ward for _, _, ward in await serving(boards, date(2026, 2, 19))} == {WARD}
    assert {ward for _, _, ward in await serving(boards, date(2026, 2, 20))} == {OTHER_WARD}


async def taken_over(boards: Served) -> None:
    """Let the only board be one whose term ended on 12 February 2026."""
    paper = {"takeover_id": str(BATCH), "name": "Hồ sơ cũ minh họa", "unit": WARD_ID, "document": decided(day(1))}
    await tell(boards, "/v1/takeovers", paper)
    await tell(boards, "/v1/boards", formed(on="2023-02-12", takeover=str(BATCH)))


async def test_edge_case_37_two_decisions_with_symbol_05(fresh: Served) -> None:
    one, two = (
        {"symbol": "05", "date": day(10), "issuer": issuer} for issuer in ("UBND phường một", "UBND phường hai")
    )
    second = made("second board")

    told_first = await tell(fresh, "/v1/boards", formed(decision=one))
    told_second = await tell(fresh, "/v1/boards", formed(second, OTHER_BUILDING, decision=two))

    assert (told_first["document"], told_second["document"]) == (one, two)
    for board, decision in ((BOARD, one), (second, two)):
        page = await shown(fresh, f"/v1/boards/{board}")
        assert [fact["data"]["decision"] for fact in page["history"]] == [decision]


async def test_a_board_from_before_the_law_on_record_is_refused_in_words(boards: Served) -> None:
    paper = {"takeover_id": str(BATCH), "name": "Hồ sơ cũ minh họa", "unit": WARD_ID, "document": decided(day(1))}
    await tell(boards, "/v1/takeovers", paper)
    await hears(boards, building_registered(made("old building"), on=date(2010, 1, 1)))
    early = formed(made("early board"), made("old building"), on="2016-04-01", takeover=str(BATCH))

    assert await refusal(boards, "/v1/boards", early) == (409, "not-in-force", None)


async def test_a_board_whose_term_has_ended_stands_until_a_new_one_is_recognised(fresh: Served) -> None:
    await taken_over(fresh)
    same = {"decision": decided(day(20)), "members": seats()}

    before = await refusal(fresh, CONSOLIDATIONS, same)
    listed_before = [await listed(fresh, f"/v1/boards?{one}={day(19)}") for one in ("on", "in_force_on")]
    again = await tell(fresh, CONSOLIDATIONS, {**same, "new_term": True})
    page = await shown(fresh, f"/v1/boards/{BOARD}?on={day(19)}")

    assert before == (409, "term-ended", "/new_term")
    assert listed_before == [[str(BOARD)], []]
    assert (again["data"]["term_from"], again["data"]["term_to"]) == (day(20), "2029-02-20")
    assert (page["in_force"], page["term_from"], page["term_to"]) == (False, day(20), "2029-02-20")
    assert page["terms"] == [
        {"term_from": "2023-02-12", "term_to": day(12)},
        {"term_from": day(20), "term_to": "2029-02-20"},
    ]
    assert [(one["from_day"], one["until_day"]) for one in page["members"]] == [("2023-02-12", None)] * 3
    assert [bool(await serving(fresh, date(2026, 2, number))) for number in (12, 13, 19, 20)] == [
        True,
        False,
        False,
        True,
    ]
    assert await listed(fresh, f"/v1/boards?in_force_on={day(20)}") == [str(BOARD)]


async def test_a_board_whose_term_has_ended_still_keeps_another_from_being_formed(fresh: Served) -> None:
    await taken_over(fresh)

    refused = await refusal(fresh, "/v1/boards", formed(made("second"), on=day(20)))

    assert refused == (409, "already-has-board", "/building_ids")


async def test_what_was_recorded_of_a_board_is_not_contradicted_afterwards(boards: Served) -> None:
    await tell(boards, DEPARTURES, {"on": day(18), "person": str(MEMBER), "reason": "MOVED"})
    too_early = {"decision": decided(day(17)), "members": seats()}
    on_that_day = {"decision": decided(day(18)), "members": seats(HEAD, DEPUTY, NEW_MEMBER)}

    assert await refusal(boards, CONSOLIDATIONS, too_early) == (409, "changed-since", "/decision/date")
    await tell(boards, CONSOLIDATIONS, on_that_day)
    assert await refusal(boards, CONSOLIDATIONS, on_that_day) == (409, "changed-since", "/decision/date")
    gone = {"person": str(MEMBER), "reason": "MOVED"}
    assert await refusal(boards, DEPARTURES, {"on": day(18), **gone}) == (409, "changed-since", "/on")
    assert await refusal(boards, DEPARTURES, {"on": day(19), **gone}) == (409, "not-a-member", "/person")
    closure = {"on": day(18), "reason": "MERGED"}
    assert await refusal(boards, f"/v1/boards/{BOARD}/closure", closure) == (409, "changed-since", "/on")
    assert await told_by(boards) == 3


async def test_the_size_of_a_board_put_in_order_follows_its_buildings(fresh: Served) -> None:
    people = [made(f"person {nth}") for nth in range(4)]
    both = formed(BOARD, BUILDING, OTHER_BUILDING, members=seats(HEAD, DEPUTY, *people))
    await tell(fresh, "/v1/boards", both)

    refused = await ask(
        fresh, CONSOLIDATIONS, {"decision": decided(day(20)), "members": seats(HEAD, DEPUTY, *people[1:])}
    )

    assert (refused.status_code, refused.json()["type"]) == (422, "too-few-members")
    assert (refused.json()["needed"], refused.json()["given"]) == (6, 5)


async def test_a_board_may_fall_below_its_size_and_stays_in_force(boards: Served) -> None:
    for person in (HEAD, DEPUTY, MEMBER):
        await tell(boards, DEPARTURES, {"on": day(20), "person": str(person), "reason": "NO_LONGER_OWNER"})

    assert (await shown(boards, f"/v1/boards/{BOARD}"))["in_force"]
    assert await serving(boards, date(2026, 2, 20)) == set()


async def test_the_ward_a_building_moved_to_puts_its_board_in_order(boards: Served) -> None:
    moved = BuildingAssignedToUnit(subject=str(BUILDING), unit=OTHER_WARD, on=date(2026, 2, 20), ward=OTHER_WARD_ID)
    await hears(boards, told(moved, 2))
    there, here = boards.by(OTHER_WARD), boards.by(WARD)

    assert await refusal(boards, REVIEWS, {"on": day(21)}, **here) == (403, "outside-your-units", None)
    reviewed = await ask(boards, REVIEWS, {"on": day(21)}, **there)
    earlier = await ask(boards, REVIEWS, {"on": day(19)}, **here)

    assert (reviewed.json()["unit"], earlier.json()["unit"]) == (OTHER_WARD, WARD)
    assert await listed(boards, "/v1/boards", **there) == await listed(boards, "/v1/boards", **here) == [str(BOARD)]


# Every command: within the scope, once under its key.

PAIR = {"group": str(GROUP), "board": str(BOARD)}
COMMANDS: list[tuple[str, dict[str, Any], UUID, str]] = [
    (REVIEWS, {"on": day(12)}, BOARD, "board_reviewed"),
    (CONSOLIDATIONS, {"decision": decided(day(14)), "members": seats(NEW_HEAD)}, BOARD, "board_consolidated"),
    (DEPARTURES, {"on": day(16), "person": str(MEMBER), "reason": "DISMISSED"}, BOARD, "board_member_ended"),
    (f"/v1/cells/{CELL}/links", {"on": day(12), "group": str(GROUP)}, CELL, "party_cell_linked"),
    (f"/v1/cells/{CELL}/unlinks", {"on": day(14), "group": str(GROUP)}, CELL, "party_cell_unlinked"),
    (
        "/v1/bodies",
        {"body_id": str(BODY), "on": day(12), "group": str(GROUP), "body": "ELDERLY"},
        BODY,
        "group_body_established",
    ),
    (f"/v1/bodies/{BODY}/end", {"on": day(14)}, BODY, "group_body_ended"),
    (
        "/v1/supervisions",
        {"supervision_id": str(SUPERVISION), "on": day(12), "ward": WARD_ID},
        SUPERVISION,
        "supervision_assigned",
    ),
    (f"/v1/supervisions/{SUPERVISION}/end", {"on": day(14)}, SUPERVISION, "supervision_ended"),
    (
        "/v1/regulations",
        {"regulation_id": str(REGULATION), "on": day(12), "pairs": [PAIR]},
        REGULATION,
        "coordination_regulation_issued",
    ),
    (
        f"/v1/regulations/{REGULATION}/evaluations",
        {"on": day(14), "finding": "FIT"},
        REGULATION,
        "coordination_regulation_evaluated",
    ),
    (f"/v1/regulations/{REGULATION}/lapse", {"on": day(16)}, REGULATION, "coordination_regulation_lapsed"),
    (
        "/v1/overlaps",
        {"overlap_id": str(OVERLAP), "on": day(12), "topic": "FEES", **PAIR},
        OVERLAP,
        "overlap_issue_raised",
    ),
    (f"/v1/overlaps/{OVERLAP}/resolution", {"on": day(14)}, OVERLAP, "overlap_issue_resolved"),
    (
        "/v1/conflicts",
        {
            "conflict_id": str(CONFLICT),
            "on": day(12),
            "building": str(BUILDING),
            "topic": "NUISANCE",
            "parties": "RESIDENTS",
        },
        CONFLICT,
        "conflict_recorded",
    ),
    (f"/v1/conflicts/{CONFLICT}/settlement", {"on": day(14), "settled_by": "GROUP"}, CONFLICT, "conflict_settled"),
]
PAGES = [
    f"/v1/boards/{BOARD}",
    f"/v1/cells/{CELL}",
    f"/v1/bodies/{BODY}",
    f"/v1/supervisions/{SUPERVISION}",
    f"/v1/regulations/{REGULATION}",
    f"/v1/overlaps/{OVERLAP}",
    f"/v1/conflicts/{CONFLICT}",
]


async def test_every_command_is_refused_to_another_ward_and_told_once_under_its_key(boards: Served) -> None:
    elsewhere, reader = boards.by(OTHER_WARD), boards.by(permissions=("boards.read", "petitions.read"))
    versions: dict[UUID, int] = {BOARD: 1}
    for nth, (path, body, subject, word) in enumerate(COMMANDS):
        before = await told_by(boards)
        assert (await ask(boards, path, body, **reader)).status_code == 403, path
        foreign = await ask(boards, path, body, **elsewhere)
        assert foreign.status_code in {403, 404, 409}, (path, foreign.text)
        assert await told_by(boards) == before, path

        key = {"Idempotency-Key": f"key {nth}"}
        first, again = await ask(boards, path, body, **key), await ask(boards, path, body, **key)

        versions[subject] = versions.get(subject, 0) + 1
        on = body.get("on") or body["decision"]["date"]
        assert (first.status_code, again.status_code, again.content) == (201, 201, first.content), first.text
        assert again.headers["Idempotency-Replayed"] == "true"
        assert envelope(first.json()) == {
            "type": f"boards.{word}.v1",
            "subject": str(subject),
            "unit": WARD,
            "occurredon": on,
            "version": versions[subject],
        }
        assert await told_by(boards) == before + 1
    for path in PAGES:
        page = await shown(boards, path)
        assert [one["version"] for one in page["history"]] == list(range(1, versions[UUID(page["id"])] + 1))
        assert (await boards.client.get(path, headers=elsewhere)).status_code == 404, path
        assert (await boards.client.get(path, headers=boards.by(permissions=()))).status_code == 403, path
        noun = path.rpartition("/")[0]
        assert await listed(boards, f"{noun}?on={day(13)}") == [page["id"]]
        assert await listed(boards, f"{noun}?on={day(13)}", **elsewhere) == []


async def test_nothing_is_ended_a_second_time(boards: Served) -> None:
    for path, body, *_ in COMMANDS:
        await tell(boards, path, body)
    before = await told_by(boards)

    refused = {path: await refusal(boards, path, body) for path, body, *_ in COMMANDS}

    assert await told_by(boards) == before
    assert {path.rpartition("/")[2]: said[1] for path, said in refused.items()} == {
        "reviews": "reviewed-that-day",
        "consolidations": "changed-since",
        "departures": "not-a-member",
        "links": "cell-already-linked",
        "unlinks": "cell-not-linked",
        "bodies": "body-already-established",
        "end": "supervision-already-ended",
        "supervisions": "supervision-already-assigned",
        "regulations": "regulation-already-issued",
        "evaluations": "evaluated-that-day",
        "lapse": "already-lapsed",
        "overlaps": "overlap-already-raised",
        "resolution": "overlap-already-resolved",
        "conflicts": "conflict-already-recorded",
        "settlement": "conflict-already-settled",
    }


# What is shown.


async def test_a_cell_answers_for_several_groups_of_one_ward(boards: Served) -> None:
    third = made("third group")
    await hears(boards, group_formed(third, on=LONG_AGO, number="9"))
    link = {"on": day(12), "group": str(GROUP)}
    await tell(boards, f"/v1/cells/{CELL}/links", link)
    await tell(boards, f"/v1/cells/{CELL}/links", {"on": day(14), "group": str(third)})
    elsewhere = await refusal(boards, f"/v1/cells/{CELL}/links", {"on": day(14), "group": str(OTHER_GROUP)})
    await tell(boards, f"/v1/cells/{CELL}/unlinks", {"on": day(16), "group": str(GROUP)})
    early = await refusal(boards, f"/v1/cells/{CELL}/links", {"on": day(15), "group": str(GROUP)})
    await tell(boards, f"/v1/cells/{CELL}/links", {"on": day(18), "group": str(GROUP)})

    on_days = {number: (await shown(boards, f"/v1/cells?on={day(number)}"))["items"] for number in (11, 12, 14, 16, 18)}
    page = await shown(boards, f"/v1/cells/{CELL}")

    assert (elsewhere, early) == (
        (409, "cell-of-another-ward", "/group"),
        (409, "cell-already-linked", "/group"),
    )
    assert {number: sorted(one["groups"] for one in items) for number, items in on_days.items()} == {
        11: [],
        12: [[str(GROUP)]],
        14: [sorted((str(GROUP), str(third)))],
        16: [[str(third)]],
        18: [sorted((str(GROUP), str(third)))],
    }
    assert on_days[18][0]["unit"] == WARD
    assert [(one["group"], one["from_day"], one["until_day"]) for one in page["links"]] == [
        (str(GROUP), day(12), day(16)),
        (str(third), day(14), None),
        (str(GROUP), day(18), None),
    ]
    assert await listed(boards, f"/v1/cells?on={day(16)}&group={GROUP}") == []


async def test_a_regulation_shows_whom_it_binds_and_what_was_found(boards: Served) -> None:
    pair = {"group": str(OTHER_GROUP), "board": str(BOARD)}
    body = {"regulation_id": str(REGULATION), "on": day(12), "pairs": [pair, PAIR]}
    issued = await tell(boards, "/v1/regulations", body)
    await tell(boards, f"/v1/regulations/{REGULATION}/evaluations", {"on": day(16), "finding": "FIT"})
    await tell(boards, f"/v1/regulations/{REGULATION}/evaluations", {"on": day(14), "finding": "TO_BE_AMENDED"})
    early = await refusal(boards, f"/v1/regulations/{REGULATION}/lapse", {"on": day(16)})
    page = await shown(boards, f"/v1/regulations/{REGULATION}")
    by_pair = [await listed(boards, f"/v1/regulations?{one}") for one in (f"group={GROUP}", f"board={made('none')}")]
    await tell(boards, f"/v1/regulations/{REGULATION}/lapse", {"on": day(17)})

    assert (issued["unit"], issued["data"]["pairs"]) == (OTHER_WARD, [pair, PAIR])
    assert early == (409, "evaluated-since", "/on")
    assert page["pairs"] == [pair, PAIR]
    assert page["evaluations"] == [{"on": day(14), "finding": "TO_BE_AMENDED"}, {"on": day(16), "finding": "FIT"}]
    assert by_pair == [[str(REGULATION)], []]
    assert await listed(boards, "/v1/regulations?living_only=true") == []


async def test_a_regulation_needs_boards_in_force_and_groups_of_the_day(fresh: Served) -> None:
    await taken_over(fresh)
    await hears(fresh, group_formed(on=date(2026, 2, 5)))

    def issue(on: int, board: UUID = BOARD) -> dict[str, Any]:
        pairs = [{"group": str(GROUP), "board": str(board)}]
        return {"regulation_id": str(REGULATION), "on": day(on), "pairs": pairs}

    assert await refusal(fresh, "/v1/regulations", issue(4)) == (409, "group-not-active", "/pairs")
    assert await refusal(fresh, "/v1/regulations", issue(13)) == (409, "board-not-in-force", "/pairs")
    assert await refusal(fresh, "/v1/regulations", issue(12, made("none"))) == (409, "no-such-board", "/pairs")
    assert (await tell(fresh, "/v1/regulations", issue(12)))["unit"] == WARD


async def test_lists_are_narrowed_and_paged(boards: Served) -> None:
    nouns = ("bodies", "supervisions", "overlaps", "conflicts")
    bodies, supervisions, overlaps, conflicts = (
        sorted(str(made(f"{noun} {nth}")) for nth in range(3)) for noun in nouns
    )
    for nth, kind in enumerate(("WOMEN", "YOUTH", "VETERANS")):
        body = {"body_id": bodies[nth], "on": day(12), "group": str(GROUP), "body": kind}
        await tell(boards, "/v1/bodies", body)
        await tell(boards, "/v1/supervisions", {"supervision_id": supervisions[nth], "on": day(12), "ward": WARD_ID})
        await tell(boards, "/v1/overlaps", {"overlap_id": overlaps[nth], "on": day(12), "topic": "OTHER", **PAIR})
        place = {"building": str(BUILDING)} if nth else {"unit": WARD_ID}
        came_up = {"conflict_id": conflicts[nth], "on": day(12), "topic": "OTHER", "parties": "BOARD_AND_GROUP"}
        await tell(boards, "/v1/conflicts", {**came_up, **place})
    await tell(boards, f"/v1/bodies/{bodies[0]}/end", {"on": day(13)})
    await tell(boards, f"/v1/supervisions/{supervisions[0]}/end", {"on": day(13)})
    await tell(boards, f"/v1/overlaps/{overlaps[0]}/resolution", {"on": day(12)})
    await tell(boards, f"/v1/conflicts/{conflicts[2]}/settlement", {"on": day(12), "settled_by": "COURT"})

    for noun, ids in zip(nouns, (bodies, supervisions, overlaps, conflicts), strict=True):
        first = await shown(boards, f"/v1/{noun}?limit=2")
        rest = await shown(boards, f"/v1/{noun}?limit=2&cursor={first['next']}")
        assert [one["id"] for one in (*first["items"], *rest["items"])] == ids, noun
    for narrowed, expected in {
        "bodies?living_only=true": bodies[1:],
        f"bodies?group={OTHER_GROUP}": [],
        "supervisions?living_only=true": supervisions[1:],
        "overlaps?open_only=true": overlaps[1:],
        f"overlaps?group={GROUP}&board={BOARD}": overlaps,
        f"overlaps?board={made('none')}": [],
        "conflicts?open_only=true": conflicts[:2],
        f"conflicts?building={BUILDING}": conflicts[1:],
    }.items():
        assert await listed(boards, f"/v1/{narrowed}") == expected, narrowed


async def test_an_id_names_one_thing(boards: Served) -> None:
    one = str(made("one thing"))
    await tell(boards, "/v1/bodies", {"body_id": one, "on": day(12), "group": str(GROUP), "body": "WOMEN"})

    again = {"supervision_id": one, "on": day(12), "ward": WARD_ID}
    refused = await boards.client.post("/v1/supervisions", json=again, headers=boards.by())

    assert refused.status_code == 409


async def test_a_conflict_belongs_to_the_ward_where_its_building_lay_and_lies(boards: Served) -> None:
    came_up, settle = (body for path, body, *_ in COMMANDS if "conflicts" in path)
    await tell(boards, "/v1/conflicts", came_up)
    moved = BuildingAssignedToUnit(subject=str(BUILDING), unit=OTHER_WARD, on=date(2026, 2, 14), ward=OTHER_WARD_ID)
    await hears(boards, told(moved, 2))
    there = boards.by(OTHER_WARD)

    shown_there = await listed(boards, "/v1/conflicts", **there)
    settled = await ask(boards, f"/v1/conflicts/{CONFLICT}/settlement", settle, **there)

    assert shown_there == [str(CONFLICT)]
    assert (settled.status_code, settled.json()["unit"]) == (201, OTHER_WARD)


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        (
            "/v1/conflicts",
            {"conflict_id": str(CONFLICT), "topic": "FEES", "parties": "RESIDENTS"},
            422,
            "conflict-needs-a-place",
        ),
        (
            "/v1/conflicts",
            {"conflict_id": str(CONFLICT), "topic": "FEES", "parties": "RESIDENTS", "unit": "Q004-00999-v1"},
            409,
            "place-not-yet-known",
        ),
        ("/v1/supervisions", {"supervision_id": str(SUPERVISION), "ward": "Q004-00999-v1"}, 409, "ward-not-yet-known"),
        ("/v1/regulations", {"regulation_id": str(REGULATION), "pairs": []}, 422, "no-pair"),
        ("/v1/bodies", {"body_id": str(BODY), "group": str(GROUP), "body": "MAYOR"}, 422, "malformed"),
        (REVIEWS, {"person": str(HEAD)}, 422, "malformed"),
    ],
)
async def test_what_is_not_in_order_is_refused_and_leaves_nothing(
    boards: Served, path: str, body: dict[str, Any], status: int, kind: str
) -> None:
    before = await told_by(boards)

    answer = await ask(boards, path, {"on": day(12), **body})

    assert (answer.status_code, answer.json()["type"]) == (status, kind)
    assert await told_by(boards) == before


async def test_of_two_bodies_of_a_kind_at_once_one_is_established(boards: Served) -> None:
    def establish(nth: int) -> dict[str, str]:
        return {"body_id": str(made(f"body {nth}")), "on": day(12), "group": str(GROUP), "body": "FRONT_COMMITTEE"}

    answers = await asyncio.gather(*(ask(boards, "/v1/bodies", establish(nth)) for nth in range(6)))

    assert sorted(one.status_code for one in answers) == [201] + [409] * 5
    assert {one.json()["type"] for one in answers if one.status_code == 409} == {"group-has-one"}


async def test_of_two_consolidations_of_a_day_at_once_one_is_told(boards: Served) -> None:
    lists = (seats(NEW_HEAD), seats(HEAD, NEW_MEMBER))

    answers = await asyncio.gather(
        *(ask(boards, CONSOLIDATIONS, {"decision": decided(day(20)), "members": one}) for one in lists)
    )

    assert sorted(one.status_code for one in answers) == [201, 409]
    assert len(await serving(boards, date(2026, 2, 20))) == 3


# Groups, heard of in any order.


async def test_a_group_not_heard_of_yet_is_worth_asking_for_again(fresh: Served) -> None:
    await tell(fresh, "/v1/boards", formed())
    about_it = [
        (path, body)
        for path, body, *_ in COMMANDS
        if path in {f"/v1/cells/{CELL}/links", "/v1/bodies", "/v1/regulations", "/v1/overlaps"}
    ]

    for path, body in about_it:
        early = await ask(fresh, path, body)
        assert (early.status_code, early.json()["type"]) == (409, "group-not-yet-known"), path
        assert early.headers["Retry-After"] == "1"
    await hears(fresh, group_formed(on=date(2026, 2, 12)))

    assert [(await ask(fresh, path, body)).status_code for path, body in about_it] == [201] * 4


async def test_a_group_that_is_gone_gets_nothing_new_but_what_it_had_ends(boards: Served) -> None:
    await tell(boards, f"/v1/cells/{CELL}/links", {"on": day(12), "group": str(GROUP)})
    await hears(boards, told(ResidentialGroupDissolved(subject=str(GROUP), unit=WARD, on=date(2026, 2, 20)), 2))
    body = {"body_id": str(BODY), "on": day(20), "group": str(GROUP), "body": "HEAD"}

    refused = await refusal(boards, "/v1/bodies", body)
    await tell(boards, "/v1/bodies", {**body, "on": day(19)})
    await tell(boards, f"/v1/cells/{CELL}/unlinks", {"on": day(20), "group": str(GROUP)})

    assert refused == (409, "group-not-active", "/group")


async def test_groups_end_the_same_in_any_order_and_however_often_told(fresh: Served) -> None:
    first = told(group_formed(on=LONG_AGO), 1)
    later = told(group_formed(on=date(2021, 1, 1)), 2, corrects=first.id)
    dissolved = told(ResidentialGroupDissolved(subject=str(GROUP), unit=WARD, on=DAY), 3)
    again = told(
        ResidentialGroupDissolved(subject=str(GROUP), unit=WARD, on=DAY - timedelta(days=1)), 4, corrects=dissolved.id
    )
    seen = []

    for order in permutations((first, later, dissolved, again)):
        async with fresh.database.transaction() as tx:
            await tx.execute("TRUNCATE inbox, corrected, residential_group_formed, residential_group_dissolved")
        events = [*order, *order]
        random.Random(1).shuffle(events)
        await hears(fresh, *order)
        for one in events:
            await hears(fresh, one)
        async with fresh.database.transaction() as tx:
            seen.append(await store.heard.groups(tx, (GROUP,), [CITY]))

    (known,) = seen[0].values()
    assert (known.unit, known.formed, known.dissolved) == (WARD, date(2021, 1, 1), DAY - timedelta(days=1))
    assert all(one == seen[0] for one in seen)
