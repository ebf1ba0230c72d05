"""Answers restricted lines: counts of political participation, from a schema that another role owns.

They answer for a whole declared period and its unit only, so that no two answers can be subtracted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.reporting.domain.indicator import Indicator
from services.reporting.domain.known import Figure, Period
from shared.database import Database, Record, Transaction

_COUNTED = """
    participation AS (
        SELECT participant, stage, ward, period_from, period_to, categories, event
          FROM participation
         WHERE state = $1 AND period_from = $2 AND period_to = $3 AND in_scope(unit, ARRAY[$4]))"""


@dataclass(frozen=True, slots=True)
class Apart:
    """The restricted part of the database, whether anything is kept there, and when a fact counts as missing."""

    database: Database
    kept: bool
    gap_after: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted for one line; `erased` are those whom it counted before they were erased."""

    figure: Figure
    erased: int


async def position(tx: Transaction) -> int:
    """Return how far the restricted journal goes."""
    return int(await tx.value("SELECT position FROM reader"))


async def incomplete(tx: Transaction, older_than: float) -> bool:
    """Tell whether restricted facts have been missing for so many seconds."""
    return bool(
        await tx.value(
            "SELECT EXISTS (SELECT FROM hole WHERE noticed <= now() - $1::interval)", timedelta(seconds=older_than)
        )
    )


async def told(tx: Transaction, path: str, period: Period) -> bool:
    """Tell whether anything was ever told of a period of a unit: if not, nobody knows that there is nothing."""
    return bool(
        await tx.value(
            """SELECT EXISTS (SELECT FROM participation
                               WHERE period_from = $1 AND period_to = $2 AND in_scope(unit, ARRAY[$3]))""",
            period.begin,
            period.end,
            path,
        )
    )


async def figures(tx: Transaction, lines: Sequence[Indicator], path: str, period: Period) -> dict[str, Counted]:
    """Count restricted lines for a declared period and its unit, by ward and as a whole; each participant once."""
    found = {}
    for line in lines:
        parts: dict[str, set[str]] = {}
        for row in await _rows(tx, line, "RECORDED", path, period):
            parts.setdefault(row["bearer"], set()).add(row["key"])
        figure = Figure(len(set().union(*parts.values())), {ward: len(keys) for ward, keys in parts.items()})
        erased = {row["key"] for row in await _rows(tx, line, "ERASED", path, period)}
        found[line.code] = Counted(figure, len(erased))
    return found


async def explain(tx: Transaction, line: Indicator, path: str, period: Period) -> list[Record]:
    """Return what makes a restricted figure as far as it may be said: how many with which ties in which ward.

    No participant and no event is named: an answer must not join with a restricted fact.
    """
    return await tx.fetch(
        f"""WITH {_COUNTED}
            SELECT r.bearer AS ward, p.categories, count(DISTINCT r.key)::int AS n
              FROM ({line.select}) AS r
              JOIN participation AS p ON p.event = r.event
             WHERE $5::text IS NULL OR r.bearer = $5
             GROUP BY r.bearer, p.categories
             ORDER BY r.bearer, p.categories""",
        "RECORDED",
        period.begin,
        period.end,
        path,
        line.within,
    )


async def _rows(tx: Transaction, line: Indicator, state: str, path: str, period: Period) -> list[Record]:
    return await tx.fetch(
        f"""WITH {_COUNTED}
            SELECT r.key, r.bearer FROM ({line.select}) AS r WHERE $5::text IS NULL OR r.bearer = $5""",
        state,
        period.begin,
        period.end,
        path,
        line.within,
    )
