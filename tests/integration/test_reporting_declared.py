"""Over HTTP and a real database: what is declared stands beside what is computed, and what does not fit is told."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from services.reporting import store
from services.reporting.consumers import consumers, findings
from shared.consumers import Delivery, Work
from shared.database import Database
from shared.events import DirectiveIssued
from shared.events.boards import Assignee, AssigneeBody
from tests.conftest import Serve, Served
from tests.examples import DISTRICT, FAR_WARD, WARD_ID, told, unit_established
from tests.integration.test_reporting_year import FIRST, LAST, Book, differences, heard, the_year

CODE = "ky-minh-hoa"
PERIOD = {
    "report": "thong-tri-05",
    "unit": "Q004",
    "from": FIRST.isoformat(),
    "to": LAST.isoformat(),
    "name": "Kỳ sơ kết minh họa",
}
PAPER = {"symbol": "05-BC/QU", "date": "2026-01-05", "issuer": "Quận ủy minh họa"}
REPORT = "/v1/reports/thong-tri-05"


@pytest.fixture
async def reporting(serve: Serve) -> Served:
    served = await serve("reporting")
    await heard(served.database, the_year().events)
    return served


async def hear_itself(served: Served) -> int:
    """Let the service hear what it told, as the bus would bring it."""
    async with served.database.transaction() as tx:
        rows = await tx.fetch("SELECT body FROM event_log ORDER BY pos")
    return await consumers.settle(served.database, [Delivery(row["body"].encode(), "reporting") for row in rows])


async def look(served: Served) -> None:
    """Let the worker look at what was heard, once it has been quiet for a while."""
    await quiet(served)
    await findings(work(served.database, served))


async def quiet(served: Served) -> None:
    """Let it be a while since something was heard."""
    async with served.database.transaction() as tx:
        await tx.execute("UPDATE journal SET heard = heard - interval '2 seconds'")


def work(database: Database, served: Served) -> Work:
    async def apply(_: Any) -> None:
        """Nothing comes another way."""

    return Work(database, served.process.settings, lambda: datetime(2026, 7, 20, tzinfo=UTC), lambda: None, apply)


async def declare(served: Served, code: str = CODE, **changed: Any) -> httpx.Response:
    return await served.client.put(f"/v1/periods/{code}", json={**PERIOD, **changed})


async def say(served: Served, line: str, **said: Any) -> httpx.Response:
    body = {"figure_id": str(uuid4()), "period": CODE, "line": line, **said}
    return await served.client.post("/v1/figures", json=body)


async def report(served: Served, **asked: Any) -> dict[str, Any]:
    answer = await served.client.get(REPORT, params={"period": CODE, **asked})
    assert answer.status_code == 200, answer.text
    told_: dict[str, Any] = answer.json()
    return told_


def line(of: dict[str, Any], code: str) -> dict[str, Any]:
    return next(one for one in of["lines"] if one["code"] == code)


async def test_what_was_declared_stands_beside_what_is_computed(reporting: Served) -> None:
    declared = [
        await declare(reporting),
        await say(reporting, "LB-05", value=2, note="Nêu trong báo cáo", document=PAPER),
        await say(reporting, "LB-02", value=2, denominator=3),
        await say(reporting, "LB-15", claim="DECREASED"),
        await say(reporting, "LB-12b", value=2),
        await reporting.client.post(
            "/v1/targets", json={"target_id": str(uuid4()), "period": CODE, "line": "LB-19", "value": 100}
        ),
    ]
    assert {one.status_code for one in declared} == {201}, [one.text for one in declared]
    await hear_itself(reporting)

    shown = await report(reporting)

    assert shown["period"] == {
        "code": CODE,
        "name": "Kỳ sơ kết minh họa",
        "from": FIRST.isoformat(),
        "to": LAST.isoformat(),
        "days": 365,
        "days_apart": 364,
    }
    formed = line(shown, "LB-05")
    assert (formed["declared"], formed["computed"], formed["difference"]) == (2, 1, -1)
    assert formed["declaration"] == {
        "value": 2,
        "denominator": None,
        "claim": None,
        "baseline": None,
        "note": "Nêu trong báo cáo",
        "document": PAPER,
        "display": "2",
    }
    assert line(shown, "LB-02")["declaration"]["display"] == "2/3"
    assert line(shown, "LB-15")["declaration"]["display"] == "giảm · decreased"
    assert line(shown, "LB-19")["target"] == 100
    assert line(shown, "LB-12b")["declared"] == 2
    assert {one["rule"] for one in shown["issues"]} == {"DQ-06", "DQ-08", "DQ-09", "DQ-12", "DQ-13"}
    assert shown["synthetic"] is True


async def test_the_same_unit_and_days_are_the_declared_period_and_others_are_not(reporting: Served) -> None:
    await declare(reporting)
    await say(reporting, "LB-05", value=2)
    await hear_itself(reporting)
    asked = {"unit": "Q004", "from": FIRST.isoformat(), "to": LAST.isoformat()}

    same = await reporting.client.get(REPORT, params=asked)
    ward = await reporting.client.get(REPORT, params={**asked, "unit": WARD_ID})

    assert same.json() == await report(reporting)
    assert (ward.json()["period"]["code"], line(ward.json(), "LB-05")["declared"]) == (None, None)


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ({}, 422, "name-the-period"),
        ({"unit": "Q004"}, 422, "name-the-period"),
        ({"period": CODE, "unit": "Q004"}, 422, "name-the-period"),
        ({"period": "another"}, 404, "period-not-declared"),
        ({"unit": "Q004", "from": "2026-02-01", "to": "2026-01-31"}, 422, "period-upside-down"),
        ({"unit": "Q999", "from": "2026-01-01", "to": "2026-01-31"}, 404, "unit-not-found"),
    ],
)
async def test_a_report_is_asked_for_a_period_or_for_a_unit_and_days(
    reporting: Served, asked: dict[str, str], status: int, kind: str
) -> None:
    answer = await reporting.client.get(REPORT, params=asked)

    assert (answer.status_code, answer.json()["type"]) == (status, kind)


async def test_what_is_declared_later_changes_no_earlier_answer(reporting: Served) -> None:
    await declare(reporting)
    figure = str(uuid4())
    await say(reporting, "LB-05", figure_id=figure, value=2)
    await hear_itself(reporting)
    before = await report(reporting)

    await say(reporting, "LB-05", figure_id=figure, value=1)
    await hear_itself(reporting)

    now, then = await report(reporting), await report(reporting, as_of=before["as_of"]["position"])
    assert (line(now, "LB-05")["declared"], line(now, "LB-05")["difference"]) == (1, 0)
    assert line(then, "LB-05")["declared"] == 2
    ordinary = [one for one in before["lines"] if not one["restricted"]]
    assert [one for one in then["lines"] if not one["restricted"]] == ordinary
    assert then["issues"] == before["issues"]
    assert await differences(reporting.database) == []


async def test_periods_are_declared_once_in_order_and_without_overlap(reporting: Served) -> None:
    first = await declare(reporting)
    renamed = await declare(reporting, name="Tên khác")
    moved = await declare(reporting, to="2026-06-29")
    overlapping = await declare(reporting, "ky-khac", unit=WARD_ID, **{"from": "2026-06-30", "to": "2026-07-05"})
    earlier = await declare(reporting, "ky-truoc", unit="HN", **{"from": "2024-01-01", "to": "2024-12-31"})
    next_one = await declare(reporting, "ky-sau", **{"from": "2026-07-01", "to": "2026-12-31"})
    elsewhere = await declare(reporting, "ky-dau", unit="Q777")

    assert [one.status_code for one in (first, renamed, next_one)] == [201, 201, 201]
    assert first.json()["type"] == "reporting.period_declared.v1"
    refusals = (moved, overlapping, earlier, elsewhere)
    assert [(one.status_code, one.json()["type"]) for one in refusals] == [
        (409, "period-stands"),
        (409, "periods-overlap"),
        (409, "periods-out-of-order"),
        (409, "unit-not-heard-of"),
    ]
    listed = (await reporting.client.get("/v1/periods")).json()["items"]
    assert [(one["code"], one["name"], one["from"], one["unit"]) for one in listed] == [
        (CODE, "Tên khác", FIRST.isoformat(), DISTRICT),
        ("ky-sau", "Kỳ sơ kết minh họa", "2026-07-01", DISTRICT),
    ]


async def test_two_periods_declared_at_once_do_not_overlap(reporting: Served) -> None:
    answers = await asyncio.gather(*(declare(reporting, f"ky-{nth}") for nth in range(5)))

    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409, 409]


async def test_a_line_of_a_period_is_declared_under_one_id(reporting: Served) -> None:
    await declare(reporting)
    figure = str(uuid4())

    first = await say(reporting, "LB-05", figure_id=figure, value=8)
    again = await say(reporting, "LB-05", figure_id=figure, value=9)
    other_id = await say(reporting, "LB-05", value=9)
    other_line = await say(reporting, "LB-06", figure_id=figure, value=9)
    no_line = await say(reporting, "LB-02a", value=9)
    no_period = await say(reporting, "LB-06", period="ky-khac", value=9)

    assert (first.json()["version"], again.json()["version"]) == (1, 2)
    refusals = (other_id, other_line, no_line, no_period)
    assert [(one.status_code, one.json()["type"]) for one in refusals] == [
        (409, "line-declared-already"),
        (409, "id-of-another-line"),
        (422, "line-not-in-report"),
        (404, "period-not-declared"),
    ]
    listed = (await reporting.client.get("/v1/figures", params={"period": CODE})).json()["items"]
    assert [(one["id"], one["line"], one["value"]) for one in listed] == [(figure, "LB-05", 9)]
    assert (await reporting.client.get("/v1/targets")).json()["items"] == []


async def test_another_district_declares_nothing_here_and_sees_nothing(reporting: Served) -> None:
    await heard(reporting.database, [told(unit_established("HN.Q009")), told(unit_established(FAR_WARD))])
    await declare(reporting)
    await say(reporting, "LB-05", value=8)
    foreign = reporting.by("HN.Q009")

    put = await reporting.client.put(
        "/v1/periods/ky-khac", json={**PERIOD, "from": "2027-01-01", "to": "2027-02-01"}, headers=foreign
    )
    figure = {"figure_id": str(uuid4()), "period": CODE, "line": "LB-06", "value": 9}
    post = await reporting.client.post("/v1/figures", json=figure, headers=foreign)
    lists = [await reporting.client.get(f"/v1/{name}", headers=foreign) for name in ("periods", "figures", "targets")]

    assert (put.status_code, post.status_code) == (403, 404)
    assert [one.json()["items"] for one in lists] == [[], [], []]


@pytest.mark.parametrize(
    ("needs", "method", "path"),
    [("periods.write", "PUT", f"/v1/periods/{CODE}"), ("figures.write", "POST", "/v1/figures")],
)
async def test_declaring_needs_its_permission(reporting: Served, needs: str, method: str, path: str) -> None:
    others = reporting.by("HN", permissions=("reports.read", "issues.acknowledge"))

    answer = await reporting.client.request(method, path, json=PERIOD, headers=others)

    assert (answer.status_code, answer.json()["permission"]) == (403, needs)


async def test_asked_again_under_its_key_a_period_is_answered_as_before(reporting: Served) -> None:
    key = {"Idempotency-Key": "once"}

    first = await reporting.client.put(f"/v1/periods/{CODE}", json=PERIOD, headers=key)
    again = await reporting.client.put(f"/v1/periods/{CODE}", json=PERIOD, headers=key)

    assert (again.status_code, again.json()) == (201, first.json())


async def test_the_table_has_declared_and_difference_and_leaves_small_cells_out(reporting: Served) -> None:
    await declare(reporting)
    await say(reporting, "LB-05", value=2)
    await say(reporting, "LB-12b", value=2)
    await hear_itself(reporting)

    answer = await reporting.client.get(REPORT, params={"period": CODE, "format": "csv"})

    head, *rows = answer.content.decode("utf-8-sig").splitlines()
    cells = {row.split(",")[0]: dict(zip(head.split(","), row.split(","), strict=False)) for row in rows}
    assert (cells["LB-05"]["declared"], cells["LB-05"]["computed"], cells["LB-05"]["difference"]) == ("2", "1", "-1")
    assert cells["LB-12b"]["declared"] == "ẩn · hidden"


# What does not fit is told, once, and stands until it fits or somebody says why.


async def issues(served: Served, **asked: Any) -> dict[str, dict[str, Any]]:
    answer = await served.client.get("/v1/issues", params=asked)
    return {one["rule"]: one for one in answer.json()["items"]}


async def tellings(served: Served) -> list[tuple[str, str]]:
    """Return what the worker told, in order: kind and rule."""
    async with served.database.transaction() as tx:
        rows = await tx.fetch("SELECT body FROM event_log WHERE type LIKE '%data_quality_issue%' ORDER BY pos")
    events = [orjson.loads(row["body"]) for row in rows]
    return [(one["type"].split("_")[-1].removesuffix(".v1"), one["data"].get("rule", "")) for one in events]


async def test_what_does_not_fit_is_told_once_and_resolved_when_it_fits(reporting: Served) -> None:
    await declare(reporting)
    figure = str(uuid4())
    await say(reporting, "LB-06", figure_id=figure, value=5)
    for code, value in (("LB-07", 65), ("LB-08", 43), ("LB-09", 29), ("LB-10", 22), ("LB-12b", 2)):
        await say(reporting, code, value=value)
    await hear_itself(reporting)

    await look(reporting)
    await hear_itself(reporting)
    await look(reporting)

    assert await tellings(reporting) == [("raised", rule) for rule in ("DQ-02", "DQ-05", "DQ-06", "DQ-08", "DQ-12")]
    raised = await issues(reporting)
    assert raised["DQ-02"]["figures"] == [
        {"line": "LB-07", "value": 65},
        {"line": "LB-08", "value": 43},
        {"line": "LB-09", "value": 29},
        {"line": "LB-10", "value": 22},
    ]
    assert (raised["DQ-02"]["period"], raised["DQ-02"]["unit"], len(raised["DQ-02"]["readings"])) == (CODE, DISTRICT, 4)
    assert raised["DQ-02"]["id"] in {one["id"] for one in (await report(reporting))["issues"]}

    await say(reporting, "LB-06", figure_id=figure, value=4)
    await hear_itself(reporting)
    await look(reporting)

    # The boards without denominator are others now.
    assert (await tellings(reporting))[5:] == [("raised", "DQ-06"), ("resolved", "DQ-08")]
    assert set(await issues(reporting, open_only=True)) == {"DQ-02", "DQ-05", "DQ-06", "DQ-12"}
    assert await differences(reporting.database) == []


async def test_an_acknowledged_issue_stays_with_its_reason_until_its_figures_change(reporting: Served) -> None:
    await declare(reporting)
    figure = str(uuid4())
    await say(reporting, "LB-05", figure_id=figure, value=8)
    await hear_itself(reporting)
    await look(reporting)
    seen = (await issues(reporting))["DQ-08"]["id"]

    answer = await reporting.client.post(f"/v1/issues/{seen}/acknowledgement", json={"reason": "Đã đối chiếu sổ giấy"})
    await hear_itself(reporting)
    await look(reporting)

    assert answer.status_code == 201
    (shown,) = (one for one in (await report(reporting))["issues"] if one["id"] == seen)
    assert shown["acknowledged"]["reason"] == "Đã đối chiếu sổ giấy"
    assert (await tellings(reporting)).count(("raised", "DQ-08")) == 1
    position = (await report(reporting))["as_of"]["position"]

    await say(reporting, "LB-05", figure_id=figure, value=9)
    await hear_itself(reporting)

    (changed,) = (one for one in (await report(reporting))["issues"] if one["id"] == seen)
    assert changed["acknowledged"] is None
    (then,) = (one for one in (await report(reporting, as_of=position))["issues"] if one["id"] == seen)
    assert then == shown
    await look(reporting)
    assert (await tellings(reporting)).count(("raised", "DQ-08")) == 2


async def test_directives_of_the_period_are_looked_at(reporting: Served) -> None:
    await declare(reporting)
    tell = Book()
    said: dict[str, Any] = {"conference": None, "title": "Chỉ đạo minh họa"}
    ward = (Assignee(body=AssigneeBody.PEOPLES_COMMITTEE, unit_assigned=WARD_ID),)
    tell(DirectiveIssued, "first", LAST, DISTRICT, number=1, assignees=ward, due=LAST, **said)
    tell(DirectiveIssued, "second", LAST, DISTRICT, number=2, assignees=(), due=None, **said)
    tell(DirectiveIssued, "later", date(2026, 7, 9), DISTRICT, number=3, assignees=(), due=None, **said)
    await heard(reporting.database, tell.events)
    await hear_itself(reporting)
    await look(reporting)

    found = (await issues(reporting))["DQ-11"]

    assert {one["line"]: one["value"] for one in found["figures"]} == {
        "DIRECTIVES": 2,
        "WITHOUT-DUE": 1,
        "WITHOUT-ASSIGNEE": 1,
    }


async def test_several_replicas_tell_a_finding_once_and_the_one_that_looked_longest_ago_is_silent(
    reporting: Served,
) -> None:
    await declare(reporting)
    await say(reporting, "LB-05", value=8)
    await hear_itself(reporting)

    await quiet(reporting)

    await asyncio.gather(*(findings(work(reporting.database, reporting)) for _ in range(4)))

    assert sorted(await tellings(reporting)) == [("raised", "DQ-06"), ("raised", "DQ-08")]
    async with reporting.database.transaction() as tx:
        assert not await store.period.look_at(tx, CODE, 1)


async def test_while_more_is_heard_nothing_is_told(reporting: Served) -> None:
    await declare(reporting)
    await say(reporting, "LB-05", value=8)
    await hear_itself(reporting)
    async with reporting.database.transaction() as tx:
        await tx.execute("UPDATE declared_period SET looked_at = now()")

    await findings(work(reporting.database, reporting))

    assert await tellings(reporting) == []
    await look(reporting)
    assert await tellings(reporting) != []


async def test_a_period_that_was_not_heard_of_yet_waits(reporting: Served) -> None:
    await declare(reporting)

    await look(reporting)

    assert await tellings(reporting) == []
