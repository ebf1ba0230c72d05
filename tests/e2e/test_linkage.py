"""Political ties cannot be joined to people: not by a value, and not by reasoning over all that is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.events import CATALOGUE, PeriodDeclared, Told, hear
from tests.e2e.linkage import Record, Seat, named_by_counts, named_by_the_bus, records, rosters
from tests.e2e.system import REVIEW, System

MAY_OCCUR = frozenset(
    {"1.0", "/services/boards", "application/json", "boards", "INTRODUCED", "SERVING"}
    | {"RESIDENT_PARTY_MEMBER", "GROUP_OFFICE", "REG_213"}
)
"""Words that say nothing of anybody."""


@pytest.fixture(scope="module")
async def ordinary(told: System) -> list[Told[Any]]:
    """Give every event that was told in the open, as it lies in the logs: the same bytes as on the bus."""
    rows = [row for name in told.running.urls for row in await told.fetch(name, "SELECT body FROM event_log")]
    return [hear(str(row["body"]).encode(), CATALOGUE) for row in rows]


@pytest.fixture(scope="module")
async def restricted(told: System) -> list[Told[Any]]:
    """Give every restricted event."""
    rows = await told.fetch("boards", "SELECT body FROM restricted.event_log")
    return [hear(str(row["body"]).encode(), CATALOGUE) for row in rows]


@pytest.fixture(scope="module")
def period(ordinary: list[Told[Any]]) -> PeriodDeclared:
    """Give the period of the review."""
    (declared,) = (one.event for one in ordinary if isinstance(one.event, PeriodDeclared))
    return declared


@pytest.fixture(scope="module")
def seats(ordinary: list[Told[Any]], period: PeriodDeclared) -> list[Seat]:
    """Give the public rosters on the last day."""
    return rosters(ordinary, period.period_to)


@pytest.fixture(scope="module")
def serving(restricted: list[Told[Any]], period: PeriodDeclared) -> list[Record]:
    """Give what is told of those who serve."""
    return records(restricted, period)


def values(part: Any) -> Iterator[str]:
    """Return every text in a JSON value."""
    match part:
        case dict():
            for one in part.values():
                yield from values(one)
        case list():
            for one in part:
                yield from values(one)
        case str():
            yield part


def telling(restricted: list[Told[Any]]) -> set[str]:
    """Return every value of restricted facts that is no ward, no date, no category and no word of the envelope."""
    found = set()
    for one in restricted:
        said = json.loads(one.body)
        found |= set(values(said)) - {said["unit"], said["type"], said["dataschema"], said["time"], said["occurredon"]}
        found -= {said["data"]["period_from"], said["data"]["period_to"]} if said["data"] else set()
    return found - MAY_OCCUR


def test_there_are_restricted_facts_to_look_at(restricted: list[Told[Any]], serving: list[Record]) -> None:
    assert len(restricted) > 100
    assert len(serving) == 65
    assert len(telling(restricted)) == 3 * len(restricted)  # id, subject, correlation


def test_no_time_is_finer_than_a_day_and_no_day_but_the_periods(
    restricted: list[Told[Any]], period: PeriodDeclared
) -> None:
    for one in restricted:
        assert json.loads(one.body)["time"].endswith("T00:00:00Z")
        assert one.on == period.period_to
        assert (one.event.period_from, one.event.period_to) == (period.period_from, period.period_to)
        assert (one.document, one.causation, one.traceparent, one.takeover, one.actor) == (
            None,
            None,
            None,
            None,
            "boards",
        )


def test_no_value_of_a_restricted_fact_occurs_in_an_ordinary_event_a_log_line_or_an_answer(
    told: System, ordinary: list[Told[Any]], restricted: list[Told[Any]]
) -> None:
    permitted = told.token("reports.read", "reports.participation")
    answers = [
        told.ask("reporting", "GET", "/v1/reports/thong-tri-05", token=permitted, params=REVIEW).text,
        *(
            told.ask(
                "reporting", "GET", f"/v1/reports/thong-tri-05/lines/{line}/explain", token=permitted, params=REVIEW
            ).text
            for line in ("LB-07", "LB-08", "LB-09", "LB-10", "LB-11a", "LB-12b")
        ),
        told.ask("boards", "GET", "/v1/boards", params={"limit": 1000}).text,
        told.ask("boards", "GET", "/v1/accesses", params={"limit": 1000}).text,
    ]
    sinks = {
        "ordinary events": "\n".join(one.body.decode() for one in ordinary),
        "log lines": told.logs(),
        "answers": "\n".join(answers),
    }

    for sink, held in sinks.items():
        assert [value for value in telling(restricted) if value in held] == [], sink


def test_the_bus_and_the_rosters_name_nobody_whom_the_counts_of_wards_would_not(
    seats: list[Seat], serving: list[Record], period: PeriodDeclared, capsys: pytest.CaptureFixture[str]
) -> None:
    counts, bus = named_by_counts(seats, serving), named_by_the_bus(seats, serving, period)

    with capsys.disabled():
        print(  # noqa: T201 (both numbers are to be seen)
            f"\nnamed with certainty, of {len(seats)}: {len(counts)} by counts of wards, {len(bus)} by the bus"
        )
    assert bus <= counts


# The attack is seen to succeed where there is something to find.


def truly(told: System, seats: list[Seat]) -> list[Seat]:
    """Return the seats of people with a tie, as only the story knows them."""
    from tests.e2e.system import people_with_a_tie  # noqa: PLC0415

    tied = people_with_a_tie()
    return [seat for seat in seats if seat.person in tied]


def test_finer_dates_would_name_people(
    told: System, seats: list[Seat], serving: list[Record], period: PeriodDeclared
) -> None:
    dated = [replace(serving[0], ward=seat.ward, days=frozenset({seat.since})) for seat in truly(told, seats)]

    assert len(dated) == len(serving)
    assert not named_by_the_bus(seats, dated, period) <= named_by_counts(seats, serving)


def test_telling_every_day_would_name_people(
    told: System, seats: list[Seat], serving: list[Record], period: PeriodDeclared
) -> None:
    kept_daily = [replace(seat, recorded=seat.since) for seat in seats]
    daily = [replace(serving[0], ward=seat.ward, told=seat.since) for seat in truly(told, seats)]

    assert not named_by_the_bus(kept_daily, daily, period) <= named_by_counts(seats, serving)


def test_a_chain_of_introduced_and_serving_narrows_who_it_could_be(
    seats: list[Seat], serving: list[Record], period: PeriodDeclared
) -> None:
    newcomers = [seat for seat in seats if seat.since >= period.period_from]
    chained = [replace(serving[0], ward=seat.ward, introduced=True) for seat in newcomers]

    assert named_by_the_bus(seats, chained, period) == {seat.person for seat in newcomers}


def test_a_joined_token_would_name_everybody(
    told: System, seats: list[Seat], serving: list[Record], period: PeriodDeclared
) -> None:
    tied = truly(told, seats)
    joined = [replace(serving[0], participant=seat.person, ward=seat.ward) for seat in tied]

    assert named_by_the_bus(seats, joined, period) == {seat.person for seat in tied}
