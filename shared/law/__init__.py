"""Legal numbers as dated data: a record is judged by the law of its own date, never by a constant."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


class NotInForce(LookupError):
    """No value of this parameter is in force on this date."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of a legal parameter and where it is written."""

    value: int
    since: date
    source: str


@cache
def _parameters() -> dict[str, tuple[Parameter, ...]]:
    written: dict[str, list[dict[str, Any]]] = yaml.safe_load(files(__name__).joinpath("parameters.yaml").read_text())
    return {
        name: tuple(sorted((Parameter(**one) for one in values), key=lambda one: one.since, reverse=True))
        for name, values in written.items()
    }


def parameter(name: str, on: date) -> Parameter:
    """Return the value of a parameter in force on a date; raise `NotInForce` before its first day."""
    for one in _parameters()[name]:
        if one.since <= on:
            return one
    raise NotInForce(name, on)


def smallest_board(blocks: int, buildings: int, on: date) -> int:
    """Return how many members a board needs: for one block, for several, for a cluster of buildings."""
    if buildings > 1:
        return parameter("board.smallest.cluster", on).value
    single = parameter("board.smallest.single_block", on).value
    return max(single, blocks * parameter("board.smallest.per_block", on).value)


def term_end(begins: date, on: date) -> date:
    """Return the last day of a board's term of so many years.

    By the Civil Code 2015, art. 147 and 148, the first day is not counted and a term in years ends with the
    corresponding day, or with the month's last day where there is none: 29/02/2024 ends on 28/02/2027.
    """
    year = begins.year + parameter("board.term_years", on).value
    try:
        return begins.replace(year=year)
    except ValueError:
        return begins.replace(year=year, day=28)
