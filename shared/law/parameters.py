"""Each legal number with the days it is in force and where it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from shared.errors import Refused


class NotInForce(Refused):
    """Hệ thống chưa có quy định áp dụng cho ngày này; kiểm tra lại ngày.

    Nothing is on record about what was in force on this date; check the date.
    """


class Unconfirmed(Refused):
    """Ngày này có quy định, nhưng chưa ai xác nhận giá trị; người phụ trách phải xác nhận trước.

    Something is in force on this date, but nobody has confirmed which value; whoever answers for it has to.
    """


class Unit(StrEnum):
    """What a term is counted in; working days by the working calendar."""

    HOURS = "HOURS"
    DAYS = "DAYS"
    WORKING_DAYS = "WORKING_DAYS"
    MONTHS = "MONTHS"
    YEARS = "YEARS"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of a legal parameter, since when, and where it is written; `None` is in force but unconfirmed."""

    value: int | str | bool | None
    since: date
    source: str
    unit: Unit | None = None


@cache
def parameters() -> Mapping[str, tuple[Parameter, ...]]:
    """Return every parameter with all its values, the newest first."""
    text = files(__package__).joinpath("parameters.yaml").read_text("utf-8")
    written: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    return {
        name: tuple(sorted(map(_parameter, values), key=lambda one: one.since, reverse=True))
        for name, values in written.items()
    }


def _parameter(written: dict[str, Any]) -> Parameter:
    unit = Unit(written["unit"]) if "unit" in written else None
    return Parameter(written["value"], written["since"], written["source"], unit)


def parameter(name: str, on: date) -> Parameter:
    """Return what is in force on a date; raise `NotInForce` before its first day, `Unconfirmed` where it is null."""
    for one in parameters()[name]:
        if one.since <= on:
            if one.value is None:
                raise Unconfirmed(parameter=name, on=on.isoformat(), source=one.source)
            return one
    raise NotInForce(parameter=name, on=on.isoformat())


def number(name: str, on: date) -> int:
    """Return a parameter that is a number."""
    value = parameter(name, on).value
    assert type(value) is int, name
    return value


def word(name: str, on: date) -> str:
    """Return a parameter that is a word."""
    value = parameter(name, on).value
    assert type(value) is str, name
    return value


def holds(name: str, on: date) -> bool:
    """Say whether a rule holds: a parameter that is true or false."""
    value = parameter(name, on).value
    assert type(value) is bool, name
    return value
