"""Terms, periods and sizes that follow from the parameters."""

from datetime import date
from typing import Literal

from shared.law.calendar import next_working
from shared.law.parameters import holds, number, word


def smallest_board(blocks: int, buildings: int, on: date) -> int:
    """Return how many members a board needs: for one block, for several, for a cluster of buildings."""
    if buildings > 1:
        return number("board.smallest.cluster", on)
    return max(number("board.smallest.single_block", on), blocks * number("board.smallest.per_block", on))


def term_end(begins: date, on: date) -> date:
    """Return the last day of a board's term of so many years.

    By the Civil Code 91/2015/QH13, art. 147 and 148, the first day is not counted and a term in years ends with the
    corresponding day, or with the month's last day where there is none: 29/02/2024 ends on 28/02/2027.
    """
    year = begins.year + number("board.term_years", on)
    try:
        ends = begins.replace(year=year)
    except ValueError:
        ends = begins.replace(year=year, day=28)
    return next_working(ends) if holds("board.term.rolls_to_working_day", on) else ends


def report_period(kind: Literal["first_half", "second_half", "year"], year: int) -> tuple[date, date]:
    """Return the first and the last day of a periodic State report: its data close before the calendar period does."""
    first, last = word(f"report.cutoff.{kind}", date(year, 12, 31)).split("/")
    begins = year if first < last else year - 1
    return date.fromisoformat(f"{begins}-{first}"), date.fromisoformat(f"{year}-{last}")
