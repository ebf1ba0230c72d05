"""Which days the public service works, and terms counted in them; our own data, one file per year.

Saturday and Sunday are days of rest (Decision 188/1999/QĐ-TTg, art. 1). The Labour Code 45/2019/QH14, art. 112, names
the holidays, and each year's decision says when they are taken and which Saturdays are worked instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_YEARS = files(__package__).joinpath("calendar")
_DAY = timedelta(days=1)
_FRIDAY = 4


class OutsideCalendar(LookupError):
    """No working calendar covers this year."""


class Status(StrEnum):
    """How far a day off is settled: decided; given by law, its place expected; not yet law, and so no day off."""

    ANNOUNCED = "ANNOUNCED"
    EXPECTED = "EXPECTED"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day between Monday and Friday that is not worked, and why, in Vietnamese and English."""

    vi: str
    en: str
    status: Status


@dataclass(frozen=True, slots=True)
class Decision:
    """The document that places a year's days off."""

    symbol: str
    issuer: str
    dated: date | None


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """The days off of a year, the days of rest that are worked instead of one of them, and how sure we are."""

    version: str
    status: Status
    decisions: tuple[Decision, ...]
    confidence: str
    off: Mapping[date, DayOff]
    worked: Mapping[date, date]


@cache
def covered() -> tuple[int, ...]:
    """Return the years that have a calendar."""
    return tuple(sorted(int(one.name.removesuffix(".yaml")) for one in _YEARS.iterdir()))


@cache
def working_year(year: int) -> WorkingYear:
    """Return the calendar of a year; raise `OutsideCalendar` where there is none."""
    if year not in covered():
        raise OutsideCalendar(f"{year}: the working calendar covers {covered()[0]} to {covered()[-1]}")
    written: dict[str, Any] = yaml.safe_load(_YEARS.joinpath(f"{year}.yaml").read_text("utf-8"))
    status = Status(written["status"])
    return WorkingYear(
        version=f"{year}.{written['version']}",
        status=status,
        decisions=tuple(Decision(**one) for one in written["decisions"]),
        confidence=written["confidence"],
        off={
            one["date"]: DayOff(one["vi"], one["en"], Status(one.get("status", status))) for one in written["days_off"]
        },
        worked={one["date"]: one["instead_of"] for one in written["days_worked"]},
    )


def calendar_version(year: int) -> str:
    """Return the edition of a year's calendar, to be kept with every deadline that was counted by it."""
    return working_year(year).version


def working(day: date, *, pending: bool = False) -> bool:
    """Say whether a day is worked; `pending` asks as if the days off that are not yet law were."""
    year = working_year(day.year)
    if day in year.worked:
        return True
    off = year.off.get(day)
    return day.weekday() <= _FRIDAY and (off is None or (off.status is Status.PENDING and not pending))


def add_working_days(start: date, days: int, *, pending: bool = False) -> date:
    """Return the last day of a term in working days; the day it starts from is not counted."""
    _check(days)
    day = start
    for _ in range(days):
        day = next_working(day + _DAY, pending=pending)
    return day


def add_days(start: date, days: int, *, pending: bool = False) -> date:
    """Return the last day of a term in calendar days.

    By the Civil Code 91/2015/QH13, the day it starts from is not counted (art. 147(2)), and a term whose last day is a
    day off ends with the next working day (art. 148(5)). A Saturday that is worked is no day off.
    """
    _check(days)
    return next_working(start + days * _DAY, pending=pending)


def next_working(day: date, *, pending: bool = False) -> date:
    """Return this day if it is worked, or else the next that is."""
    while not working(day, pending=pending):
        day += _DAY
    return day


def _check(days: int) -> None:
    if days < 1:
        raise ValueError(f"a term has at least one day, not {days}")
