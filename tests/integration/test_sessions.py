"""A ticket lets one browser in, once and soon; its session looks with the scope of the token, and only looks."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from ops.services import SERVICES
from services.reporting.domain.session import SESSION, TICKET
from shared.consumers import Delivery
from shared.events import PeriodDeclared, Told
from shared.settings import Environment
from tests.conftest import Serve, Served
from tests.examples import CITY, DISTRICT, FAR_WARD, WARD, made, told, unit_established

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Authorization": ""}
REVIEW = "/reports/thong-tri-05"
DAYS = {"unit": "Q004", "from": "2025-09-30", "to": "2026-01-31"}
PERIOD = PeriodDeclared(
    subject="minh-hoa-2026",
    unit=DISTRICT,
    on=date(2026, 3, 1),
    report="thong-tri-05",
    period_from=date(2025, 9, 30),
    period_to=date(2026, 1, 31),
    name="Kỳ minh họa",
)
PLACES = [told(unit_established(path)) for path in (CITY, DISTRICT, WARD, FAR_WARD)]


async def hear(served: Served, *events: Told[Any]) -> None:
    deliveries = [Delivery(one.body, one.type.partition(".")[0]) for one in events]
    await SERVICES["reporting"].consumers.settle(served.database, deliveries)


@pytest.fixture
async def reporting(serve: Serve) -> Served:
    served = await serve("reporting")
    served.process.app.state.now = lambda: NOW
    await hear(served, *PLACES)
    return served


def later(served: Served, by: timedelta) -> None:
    served.process.app.state.now = lambda: NOW + by


async def ticket(served: Served, bearer: dict[str, str] | None = None, **asked: str) -> str:
    answer = await served.client.post("/v1/tickets", json=asked, headers=bearer or served.by())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["enter"])


async def browse(served: Served, path: str, *, method: str = "GET", **more: Any) -> httpx.Response:
    """Ask as a browser does: no token, the cookies it was given, no other place than told."""
    return await served.client.request(method, path, headers={**BROWSER, **more.pop("headers", {})}, **more)


async def let_in(served: Served, *units: str, **more: Any) -> httpx.Response:
    return await browse(served, await ticket(served, served.by(*units, **more)))


# The door.


async def test_a_ticket_opens_a_session_and_leads_to_its_page(reporting: Served) -> None:
    answer = await browse(reporting, await ticket(reporting, next=f"{REVIEW}?lang=en"))

    assert (answer.status_code, answer.headers["location"]) == (303, f"{REVIEW}?lang=en")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert (await browse(reporting, REVIEW, params=DAYS)).status_code == 200


async def test_in_production_the_cookie_asks_for_a_secure_connection(reporting: Served) -> None:
    production = reporting.process.settings.model_copy(update={"env": Environment.PRODUCTION})
    enter = await ticket(reporting)
    reporting.process.app.state.settings = production

    assert "secure" in (await browse(reporting, enter)).headers["set-cookie"].lower()


async def test_a_ticket_is_spent_when_used(reporting: Served) -> None:
    enter = await ticket(reporting)
    await browse(reporting, enter)
    reporting.client.cookies.clear()

    again = await browse(reporting, enter)

    assert again.status_code == 410
    assert again.headers["content-type"].startswith("text/html")
    assert "set-cookie" not in again.headers
    assert "chungcu open" in again.text
    assert 'lang="en"' in again.text


@pytest.mark.parametrize(("waited", "status"), [(TICKET - timedelta(seconds=1), 303), (TICKET, 410)])
async def test_a_ticket_waits_ten_minutes(reporting: Served, waited: timedelta, status: int) -> None:
    enter = await ticket(reporting)

    later(reporting, waited)

    assert (await browse(reporting, enter)).status_code == status


@pytest.mark.parametrize("enter", ["/enter", "/enter?ticket=", "/enter?ticket=guess"])
async def test_what_is_no_ticket_opens_nothing(reporting: Served, enter: str) -> None:
    answer = await browse(reporting, enter)

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert "set-cookie" not in answer.headers


async def test_a_ticket_of_long_ago_is_forgotten(reporting: Served) -> None:
    enter = await ticket(reporting)
    later(reporting, timedelta(days=2))
    await ticket(reporting)

    assert (await browse(reporting, enter)).status_code == 401


@pytest.mark.parametrize(
    "page",
    ["https://evil.example/", "//evil.example", "/reports/../enter", "/v1/issues", "/reports\\evil", "/reportsx"],
)
async def test_a_ticket_leads_to_no_other_place(reporting: Served, page: str) -> None:
    answer = await reporting.client.post("/v1/tickets", json={"next": page})

    assert (answer.status_code, answer.json()["pointer"]) == (422, "/next")


async def test_secrets_are_kept_as_hashes_alone(reporting: Served) -> None:
    enter = await ticket(reporting)
    await browse(reporting, enter)

    async with reporting.database.transaction() as tx:
        kept = str([*await tx.fetch("SELECT * FROM ticket"), *await tx.fetch("SELECT * FROM session")])
    (cookie,) = reporting.client.cookies.jar
    assert enter.partition("=")[2] not in kept
    assert cookie.value
    assert cookie.value not in kept


# The session.


async def test_a_session_lasts_eight_hours(reporting: Served) -> None:
    await let_in(reporting)

    later(reporting, SESSION - timedelta(seconds=1))
    assert (await browse(reporting, REVIEW, params=DAYS)).status_code == 200
    later(reporting, SESSION)
    assert (await browse(reporting, REVIEW, params=DAYS)).status_code == 401


async def test_a_session_sees_what_its_token_covers(reporting: Served) -> None:
    await let_in(reporting, FAR_WARD)
    assert (await browse(reporting, REVIEW, params=DAYS)).status_code == 403

    await let_in(reporting, DISTRICT, permissions=("boards.read",))
    assert (await browse(reporting, REVIEW, params=DAYS)).status_code == 403

    await let_in(reporting, DISTRICT)
    assert (await browse(reporting, REVIEW, params=DAYS)).status_code == 200


async def test_a_session_only_looks(reporting: Served) -> None:
    await let_in(reporting)
    documented = reporting.process.app.openapi()["paths"]
    deciding = [(method, path) for path, methods in documented.items() for method in methods if method != "get"]

    for method, path in deciding:
        answer = await browse(reporting, re.sub(r"\{.*?\}", str(made("thing")), path), method=method.upper(), json={})
        assert answer.status_code == 401, (method, path)

    assert ("post", "/v1/tickets") in deciding
    assert (await browse(reporting, "/v1/issues")).status_code == 200


async def test_a_bearer_goes_before_a_session_and_needs_none(reporting: Served) -> None:
    assert (await reporting.client.get(REVIEW, params=DAYS)).status_code == 200

    await let_in(reporting, DISTRICT)
    foreign = await reporting.client.get(REVIEW, params=DAYS, headers=reporting.by(FAR_WARD))
    forged = await reporting.client.get(REVIEW, params=DAYS, headers={"Authorization": "Bearer a.b.c"})

    assert (foreign.status_code, forged.status_code) == (403, 401)


# Saying no.


async def test_a_person_without_a_session_is_told_how_to_come_in(reporting: Served) -> None:
    answer = await browse(reporting, REVIEW)

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert "chungcu open" in answer.text
    assert f'href="{REVIEW}"' in answer.text
    assert "default-src &#39;none&#39;" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_program_without_a_token_gets_a_problem(reporting: Served) -> None:
    answer = await reporting.client.get(REVIEW, headers={"Authorization": ""})

    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/nothing", 404),
        (f"{REVIEW}?period=nothing", 404),
        (f"{REVIEW}?unit=Q004&from=2026-01-31&to=2025-09-30", 422),
        (f"{REVIEW}?unit=Q004", 422),
        ("/nowhere", 404),
    ],
)
async def test_what_is_not_there_is_said_in_words(reporting: Served, path: str, status: int) -> None:
    await let_in(reporting)

    answer = await browse(reporting, path)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert 'lang="en"' in answer.text


# Which period.


async def test_without_a_declared_period_one_may_choose(reporting: Served) -> None:
    await let_in(reporting)

    answer = await browse(reporting, REVIEW)

    assert answer.status_code == 200
    assert 'name="unit"' in answer.text


async def test_the_latest_declared_period_of_ones_units_is_shown_and_the_others_are_named(reporting: Served) -> None:
    earlier = PERIOD.model_copy(
        update={
            "subject": "truoc",
            "period_from": date(2024, 1, 1),
            "period_to": date(2024, 12, 31),
            "name": "Kỳ trước",
        }
    )
    foreign = PERIOD.model_copy(
        update={"subject": "xa", "unit": FAR_WARD, "period_to": date(2026, 2, 28), "name": "Kỳ xa"}
    )
    await hear(reporting, *map(told, (earlier, PERIOD, foreign)))
    await let_in(reporting, DISTRICT)

    shown = (await browse(reporting, REVIEW)).text

    assert '<small lang="vi">Kỳ minh họa</small><small>minh-hoa-2026</small>' in shown
    assert "period=truoc" in shown
    assert "Kỳ xa" not in shown


async def test_the_index_names_reports_and_the_declared_periods_of_ones_units(reporting: Served) -> None:
    foreign = PERIOD.model_copy(update={"subject": "xa", "unit": FAR_WARD, "name": "Kỳ xa"})
    await hear(reporting, told(PERIOD), told(foreign))
    await let_in(reporting, DISTRICT)

    shown = await browse(reporting, "/reports?lang=en")

    assert shown.status_code == 200
    assert "/reports/thong-tri-05?period=minh-hoa-2026&amp;lang=en" in shown.text
    assert "30 Sep 2025 – 31 Jan 2026" in shown.text
    assert "Kỳ xa" not in shown.text


async def test_letters_and_style_are_open_and_nothing_else_beside_them(reporting: Served) -> None:
    style = await browse(reporting, "/dress/style.css")
    letters = await browse(reporting, "/dress/source-sans-3-vietnamese.woff2")

    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert (letters.status_code, letters.headers["content-type"]) == (200, "font/woff2")
    for other in ("/dress/report.html", "/dress/..%2freport.html", "/dress/%2e%2e", "/dress/style.css.bak"):
        assert (await browse(reporting, other)).status_code == 404
