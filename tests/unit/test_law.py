"""The law of a day: its numbers, its working days, and the terms counted in them."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import get_args, get_type_hints

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared import law
from shared.law import Status
from tests.examples import DAY

ROOT = Path(__file__).resolve().parents[2]
ONE = timedelta(days=1)
CALENDAR = {year: law.working_year(year) for year in range(2019, 2028)}


# Parameters.


def test_a_parameter_has_the_value_of_its_day_and_a_source() -> None:
    found = law.parameter("board.smallest.cluster", date(2016, 4, 2))

    assert (found.value, found.since) == (6, date(2016, 4, 2))
    assert found.source.startswith("Circular 02/2016/TT-BXD")


def test_the_law_of_the_day_is_the_newest_that_has_begun() -> None:
    before, after = (law.parameter("privacy.erase", day) for day in (date(2025, 12, 31), date(2026, 1, 1)))

    assert (before.value, before.unit) == (72, law.Unit.HOURS)
    assert (after.value, after.unit) == (20, law.Unit.DAYS)


def test_before_the_first_day_there_is_no_value() -> None:
    with pytest.raises(law.NotInForce):
        law.parameter("board.term_years", date(2016, 4, 1))


def test_what_nobody_confirmed_is_refused_and_is_not_the_same_as_nothing() -> None:
    with pytest.raises(law.Unconfirmed) as refused:
        law.number("training.validity", DAY)
    with pytest.raises(law.NotInForce):
        law.number("training.validity", date(2016, 4, 1))

    assert "Decree 136/2020/NĐ-CP, art. 33(13)" in refused.value.facts["source"]
    assert not isinstance(refused.value, law.NotInForce)


def test_a_parameter_is_asked_for_as_what_it_is() -> None:
    assert law.number("board.term_years", DAY) == 3
    assert law.word("board.term.starts_on", DAY) == "RECOGNITION"
    assert law.holds("board.term.rolls_to_working_day", DAY) is False
    with pytest.raises(AssertionError, match="rolls_to_working_day"):
        law.number("board.term.rolls_to_working_day", DAY)


SHIPPED = [(name, one) for name, values in law.parameters().items() for one in values]


@pytest.mark.parametrize(("name", "one"), SHIPPED, ids=lambda one: one if isinstance(one, str) else str(one.since))
def test_every_parameter_names_instrument_and_article_or_says_that_we_decided(name: str, one: law.Parameter) -> None:
    assert isinstance(one.value, get_args(get_type_hints(law.Parameter)["value"])), name
    assert isinstance(one.since, date), name
    assert re.search(r"\d+/\d{4}/\S+.*, art\. \d+", one.source) or one.source.startswith("Decision of this system: ")
    assert one.source.startswith("Unconfirmed: ") is (one.value is None)


def test_no_two_values_of_a_parameter_begin_on_one_day() -> None:
    for name, values in law.parameters().items():
        assert len({one.since for one in values}) == len(values), name


NOT_READ_BY_CODE = {
    "board.obligation.min_apartments": "which buildings owe a board is read by people yet",
    "board.term.starts_on": "boards date a term from the decision; who changes this changes that",
    "privacy.answer": "said to whoever asks for their own data",
    "privacy.erase": "the same; an erasure is carried out at once",
    "review.small_cell": "restricted figures mark smaller cells",
    "training.validity": "a class counts for ever until somebody confirms how long it is good for",
}
"""Parameters that no code reads, and what they are kept for."""


def unread() -> set[str]:
    sources = [file for tree in ("shared", "services", "ops") for file in (ROOT / tree).rglob("*.py")]
    code = "\n".join(file.read_text() for file in sources)
    return {
        name for name in law.parameters() if f'"{name}"' not in code and f'"{name.rpartition(".")[0]}.{{' not in code
    }


def test_a_parameter_that_no_code_reads_has_a_reason_to_be_there() -> None:
    assert unread() <= NOT_READ_BY_CODE.keys() <= law.parameters().keys()


# Boards and reports.


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (date(2022, 12, 1), date(2025, 12, 1)),
        (date(2024, 3, 10), date(2027, 3, 10)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2021, 2, 28), date(2024, 2, 28)),
        (date(2025, 12, 31), date(2028, 12, 31)),
    ],
)
def test_a_term_ends_on_the_corresponding_day(begins: date, ends: date) -> None:
    assert law.term_end(begins, begins) == ends


def test_a_mandate_that_ends_on_a_sunday_ends_on_that_sunday() -> None:
    ends = law.term_end(date(2024, 2, 29), date(2024, 2, 29))

    assert not law.working(ends)
    assert law.add_days(ends - ONE, 1) == date(2027, 3, 1)


def test_a_term_is_as_long_as_the_law_of_the_day_says() -> None:
    with pytest.raises(law.NotInForce):
        law.term_end(date(2016, 4, 1), date(2016, 4, 1))


@pytest.mark.parametrize(("blocks", "houses", "least"), [(1, 1, 3), (3, 1, 3), (5, 1, 5), (1, 2, 6), (9, 3, 6)])
def test_the_smallest_board(blocks: int, houses: int, least: int) -> None:
    assert law.smallest_board(blocks, houses, DAY) == least


def test_there_is_no_smallest_board_before_there_was_a_rule() -> None:
    with pytest.raises(law.NotInForce):
        law.smallest_board(1, 1, date(2016, 4, 1))


def test_the_data_of_a_report_close_before_the_calendar_does() -> None:
    assert law.report_period("first_half", 2022) == (date(2021, 12, 15), date(2022, 6, 14))
    assert law.report_period("second_half", 2022) == (date(2022, 6, 15), date(2022, 12, 14))
    assert law.report_period("year", 2022) == (date(2021, 12, 15), date(2022, 12, 14))


def test_halves_follow_each_other_without_a_gap() -> None:
    for year in range(2019, 2028):
        first, second = law.report_period("first_half", year), law.report_period("second_half", year)

        assert (first[0], second[1]) == law.report_period("year", year)
        assert second[0] - first[1] == ONE
        assert law.report_period("year", year + 1)[0] - second[1] == ONE


def test_before_the_decree_reports_closed_as_each_one_said() -> None:
    with pytest.raises(law.NotInForce):
        law.report_period("year", 2018)


# Terms in days. The day one starts from is never counted.


@pytest.mark.parametrize(
    ("start", "days", "ends"),
    [
        (date(2025, 1, 24), 10, date(2025, 2, 14)),  # Tết
        (date(2025, 4, 24), 7, date(2025, 5, 7)),  # Saturday 26/4 worked, 30/4 to 2/5 off
        (date(2026, 8, 21), 7, date(2026, 9, 3)),  # Saturday 22/8 worked, 31/8 to 2/9 off
        (date(2026, 4, 24), 5, date(2026, 5, 6)),  # 27/4, 30/4 and 1/5 off
        (date(2026, 11, 19), 10, date(2026, 12, 3)),  # 24/11 not yet a day off
        (date(2025, 4, 25), 1, date(2025, 4, 26)),  # the next day is a Saturday that is worked
        (date(2022, 12, 30), 1, date(2023, 1, 3)),  # over the year's end: Sunday 1/1 is taken on Monday
    ],
)
def test_a_term_in_working_days(start: date, days: int, ends: date) -> None:
    assert law.add_working_days(start, days) == ends


def test_a_day_off_that_is_not_yet_law_can_be_asked_about() -> None:
    assert law.add_working_days(date(2026, 11, 19), 10, pending=True) == date(2026, 12, 4)
    assert law.add_days(date(2026, 11, 14), 10) == date(2026, 11, 24)
    assert law.add_days(date(2026, 11, 14), 10, pending=True) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("start", "days", "ends"),
    [
        (date(2026, 1, 15), 30, date(2026, 2, 23)),  # Saturday 14/2, then Tết
        (date(2024, 2, 1), 10, date(2024, 2, 15)),  # Sunday 11/2, in Tết
        (date(2026, 3, 2), 10, date(2026, 3, 12)),  # a Thursday
        (date(2026, 3, 2), 5, date(2026, 3, 9)),  # Saturday 7/3
        (date(2026, 8, 12), 10, date(2026, 8, 22)),  # a Saturday that is worked
    ],
)
def test_a_term_in_days_ends_with_the_next_working_day(start: date, days: int, ends: date) -> None:
    assert law.add_days(start, days) == ends


@pytest.mark.parametrize("days", [0, -1])
def test_a_term_has_at_least_one_day(days: int) -> None:
    for add in (law.add_days, law.add_working_days):
        with pytest.raises(ValueError, match="at least one day"):
            add(DAY, days)


STARTS = some.dates(date(2019, 1, 1), date(2026, 6, 30))
TERMS = some.integers(1, 150)


@given(STARTS, TERMS)
def test_a_term_never_ends_on_a_day_off(start: date, days: int) -> None:
    for ends in (law.add_days(start, days), law.add_working_days(start, days)):
        assert law.working(ends)


@given(STARTS, TERMS, TERMS)
def test_two_terms_after_another_are_one(start: date, days: int, more: int) -> None:
    assert law.add_working_days(law.add_working_days(start, days), more) == law.add_working_days(start, days + more)


@given(STARTS, STARTS, TERMS, TERMS)
def test_who_starts_later_or_has_longer_never_ends_earlier(one: date, other: date, days: int, more: int) -> None:
    for add in (law.add_days, law.add_working_days):
        assert add(min(one, other), min(days, more)) <= add(max(one, other), max(days, more))
        assert add(one, days) > one


@given(STARTS, TERMS)
def test_a_term_in_working_days_has_so_many_of_them(start: date, days: int) -> None:
    ends = law.add_working_days(start, days)

    assert sum(law.working(start + day * ONE) for day in range(1, (ends - start).days + 1)) == days


@given(STARTS, TERMS)
def test_a_day_off_more_never_shortens_a_term(start: date, days: int) -> None:
    for add in (law.add_days, law.add_working_days):
        assert add(start, days, pending=True) >= add(start, days)


# The working calendar.


def test_every_year_from_2019_to_2027_has_a_calendar_and_an_edition() -> None:
    assert law.covered() == tuple(CALENDAR)
    assert law.calendar_version(2026) == CALENDAR[2026].version == "2026.1"


@pytest.mark.parametrize("day", [date(2018, 12, 31), date(2028, 1, 1)])
def test_outside_the_covered_years_nobody_guesses(day: date) -> None:
    with pytest.raises(law.OutsideCalendar, match=f"{day.year}: the working calendar covers 2019 to 2027"):
        law.working(day)


def test_a_term_that_leaves_the_covered_years_is_refused() -> None:
    with pytest.raises(law.OutsideCalendar):
        law.add_working_days(date(2027, 12, 30), 2)
    with pytest.raises(law.OutsideCalendar):
        law.add_days(date(2027, 12, 30), 2)

    assert law.add_days(date(2027, 12, 30), 1) == date(2027, 12, 31)


@pytest.mark.parametrize("year", CALENDAR)
def test_a_calendar_is_of_its_year_and_says_where_it_is_from(year: int) -> None:
    found = CALENDAR[year]

    assert list(found.off) == sorted(found.off)
    assert {day.year for day in (*found.off, *found.worked)} == {year}
    assert found.confidence.endswith(".")
    assert all(day.vi and day.en for day in found.off.values())
    assert bool(found.decisions) is (found.status is Status.ANNOUNCED)


@pytest.mark.parametrize("year", CALENDAR)
def test_a_day_is_off_between_monday_and_friday_and_worked_at_a_week_end_for_another(year: int) -> None:
    found = CALENDAR[year]
    earlier = {date(2018, 12, 31)}

    assert all(day.isoweekday() <= 5 for day in found.off)
    assert all(day.isoweekday() > 5 for day in found.worked)
    assert set(found.worked.values()) <= found.off.keys() | earlier
    assert len(set(found.worked.values())) == len(found.worked)


@pytest.mark.parametrize("year", CALENDAR)
def test_all_holidays_of_the_labour_code_are_taken(year: int) -> None:
    """Ten days by the Code of 2012, eleven by that of 2019: none is lost at a week-end, exchanges add none."""
    found = CALENDAR[year]
    exchanged = set(found.worked.values())
    taken = [day for day, off in found.off.items() if off.status is not Status.PENDING and day not in exchanged]

    assert len(taken) == (10 if year < 2021 else 11)


def test_only_vietnamese_culture_day_is_pending() -> None:
    pending = [day for year in CALENDAR.values() for day in year.off if year.off[day].status is Status.PENDING]

    assert pending == [date(2026, 11, 24), date(2027, 11, 24)]
    assert all(law.working(day) and not law.working(day, pending=True) for day in pending)


OURS_IS_RIGHT = {
    date(2026, 1, 2): "Friday exchanged for Saturday 10 January: 12729/VPCP-KGVX of 25 December 2025",
    date(2026, 1, 10): "worked for 2 January: the same",
    date(2026, 11, 24): "Vietnamese Culture Day is pending here",
    date(2027, 11, 24): "the same",
}
"""Where the library `holidays` sees a day off and we a working day, or the other way round, and why."""


def test_the_library_wrote_the_first_draft_and_every_difference_has_its_reason() -> None:
    library = holidays.country_holidays("VN", years=range(2018, 2028))
    every_day = [date(2019, 1, 1) + day * ONE for day in range((date(2028, 1, 1) - date(2019, 1, 1)).days)]
    differ = [day for day in every_day if law.working(day) is not library.is_working_day(day)]

    assert differ == list(OURS_IS_RIGHT)
