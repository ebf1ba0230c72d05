"""The feed leads a stranger through the whole log: page after page, filtered or not, and says where it ends."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from shared import event_log
from shared.events import Event
from shared.relay import NUMBER
from shared.uuids import uuid7
from tests.conftest import Serve, Served
from tests.examples import DISTRICT, OTHER_WARD, WARD, board_formed, caller, made, petition_filed


@pytest.fixture
async def boards(serve: Serve) -> Served:
    return await serve("boards")


async def tell(served: Served, *facts: Event) -> None:
    """Tell facts, and wait until they are numbered."""
    async with served.database.transaction() as tx:
        await event_log.lock(tx, *(fact.subject for fact in facts))
        for fact in facts:
            await event_log.append(tx, fact, by=caller(event_id=uuid7()))
    async with asyncio.timeout(20):
        while True:
            async with served.database.transaction() as tx:
                await tx.execute(NUMBER, 1000)
                if await tx.value("SELECT (SELECT count(*) FROM event_log) = (SELECT numbered FROM relay)"):
                    return


def petitions(count: int, name: str = "petition") -> list[Event]:
    return [petition_filed(made(f"{name} {nth}")) for nth in range(count)]


def numbers(answer: httpx.Response) -> list[int]:
    return [json.loads(line)["logseq"] for line in answer.content.splitlines()]


async def pages(served: Served, address: str, **headers: str) -> list[httpx.Response]:
    """Follow the links until there is none."""
    answers = [await served.client.get(address, headers=headers)]
    while (link := answers[-1].links.get("next")) is not None:
        answers.append(await served.client.get(link["url"], headers=headers))
        assert len(answers) < 20, "it leads nowhere"
    assert {one.status_code for one in answers} == {200}
    return answers


async def test_pages_lead_through_the_log_and_from_its_end_one_goes_on_later(boards: Served) -> None:
    await tell(boards, *petitions(7))

    first = await pages(boards, "/events?limit=3")
    end = first[-1].headers["Chungcu-Log-Read"]
    nothing = await pages(boards, f"/events?after={end}")
    await tell(boards, *petitions(2, "later"))
    more = await pages(boards, f"/events?after={end}")

    assert [numbers(one) for one in first] == [[1, 2, 3], [4, 5, 6], [7]]
    assert {one.headers["Chungcu-Log-Head"] for one in first} == {"7"}
    assert [(numbers(one), one.headers["Chungcu-Log-Read"]) for one in nothing] == [([], "7")]
    assert [(numbers(one), one.headers["Chungcu-Log-Read"]) for one in more] == [([8, 9], "9")]


async def test_a_page_that_a_filter_leaves_empty_leads_on(boards: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await tell(boards, *petitions(8), board_formed(), *petitions(1, "last"))
    monkeypatch.setattr(event_log, "LOOKED_THROUGH", 3)

    answers = await pages(boards, "/events?types=boards.board_formed.v1")

    found = [(numbers(one), one.headers["Chungcu-Log-Read"]) for one in answers]
    assert found == [([], "3"), ([], "6"), ([9], "9"), ([], "10")]


async def test_where_a_token_does_not_reach_the_feed_leads_on_too(
    boards: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(boards, *petitions(4))
    monkeypatch.setattr(event_log, "LOOKED_THROUGH", 2)

    answers = await pages(boards, "/events", **boards.by(OTHER_WARD))

    assert [(one.content, one.headers["Chungcu-Log-Read"]) for one in answers] == [(b"", "2"), (b"", "4")]


@pytest.mark.parametrize("bytes_of_a_page", [1, 1500, 3000])
async def test_a_page_is_bounded_in_bytes_and_nothing_is_left_out(
    boards: Served, monkeypatch: pytest.MonkeyPatch, bytes_of_a_page: int
) -> None:
    await tell(boards, *petitions(9))
    whole = (await boards.client.get("/events")).content
    largest = max(map(len, whole.splitlines()))
    monkeypatch.setattr(event_log, "LARGEST_PAGE", bytes_of_a_page)

    answers = await pages(boards, "/events")

    assert b"".join(one.content for one in answers) == whole
    assert len(answers) > 1
    assert all(len(one.content) <= bytes_of_a_page + 2 * largest for one in answers)
    assert all(numbers(one) for one in answers)


async def test_it_says_how_far_the_bus_has_the_log(boards: Served) -> None:
    await tell(boards, *petitions(3))
    async with boards.database.transaction() as tx:
        await tx.execute("UPDATE relay SET sent = 2")

    answer = await boards.client.get("/events")

    assert (answer.headers["Chungcu-Log-Head"], answer.headers["Chungcu-Log-Sent"]) == ("3", "2")


async def test_a_unit_is_its_subtree(boards: Served) -> None:
    elsewhere = petition_filed(made("elsewhere")).model_copy(update={"unit": OTHER_WARD})
    await tell(boards, petition_filed(), elsewhere)

    found = [numbers(await boards.client.get(f"/events?unit={unit}")) for unit in (WARD, OTHER_WARD, DISTRICT)]

    assert found == [[1], [2], [1, 2]]


@pytest.mark.parametrize(
    ("asked", "unknown"),
    [
        ("boards.petition_filed.v9", ["boards.petition_filed.v9"]),
        ("boards.petition_filed.v1,buildings.building_registered.v1", ["buildings.building_registered.v1"]),
        ("boards.participation_recorded.v1", ["boards.participation_recorded.v1"]),
        (",", ["", ""]),
    ],
)
async def test_a_type_that_is_not_told_here_is_named(boards: Served, asked: str, unknown: list[str]) -> None:
    answer = await boards.client.get("/events", params={"types": asked})

    said: dict[str, Any] = answer.json()
    assert (answer.status_code, said["type"], said["pointer"]) == (422, "unknown-type", "/types")
    assert said["unknown"] == unknown
    assert "boards.petition_filed.v1" in said["known"]


async def test_a_unit_that_is_none_is_malformed_and_one_out_of_scope_is_not_found(boards: Served) -> None:
    malformed = await boards.client.get("/events?unit=HN.%25")
    outside = await boards.client.get(f"/events?unit={OTHER_WARD}", headers=boards.by(WARD))

    assert (malformed.status_code, malformed.json()["pointer"]) == (422, "/unit")
    assert outside.status_code == 404
