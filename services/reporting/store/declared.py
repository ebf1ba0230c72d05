"""Answers what was declared for a report, and what rules look at besides figures, as known at a position."""

from collections.abc import Sequence

from services.reporting.domain.issue import Acknowledged
from services.reporting.domain.known import Conference, Declaration, DeclaredPeriod, Directive, Period
from services.reporting.store.figures import Asking
from services.reporting.store.issue import COMPARED
from shared.database import Record
from shared.events import Document
from shared.events.boards import Delegation
from shared.events.reporting import Claim

_OF_PERIOD = """found AS (
    SELECT subject, attributes FROM entries WHERE kind = 'period'
     GROUP BY subject, attributes HAVING sum(sign) > 0)
SELECT subject AS code, attributes ->> 'report' AS report, attributes ->> 'name' AS name,
       attributes ->> 'unit' AS unit, (attributes ->> 'period_from')::date AS begin,
       (attributes ->> 'period_to')::date AS until
  FROM found"""


async def period(asking: Asking, report: str, code: str) -> DeclaredPeriod | None:
    """Return a declared period of a report by its code."""
    rows = await asking.ask(f"{_OF_PERIOD} WHERE subject = $2 AND attributes ->> 'report' = $3", code, report)
    return _period(rows[0]) if rows else None


async def period_of(asking: Asking, report: str, unit: str, days: Period) -> DeclaredPeriod | None:
    """Return the declared period of a report that has this unit, by its path, and these days."""
    rows = await asking.ask(
        f"""{_OF_PERIOD}
         WHERE attributes ->> 'report' = $2 AND attributes ->> 'unit' = $3
           AND (attributes ->> 'period_from')::date = $4 AND (attributes ->> 'period_to')::date = $5""",
        report,
        unit,
        days.begin,
        days.end,
    )
    return _period(rows[0]) if rows else None


async def periods(asking: Asking, report: str, scope: Sequence[str]) -> list[DeclaredPeriod]:
    """Return the declared periods of a report within a scope, the latest first."""
    rows = await asking.ask(
        f"""{_OF_PERIOD}
         WHERE attributes ->> 'report' = $2 AND in_scope(attributes ->> 'unit', $3)
         ORDER BY until DESC, begin DESC, code""",
        report,
        list(scope),
    )
    return [_period(row) for row in rows]


def _period(row: Record) -> DeclaredPeriod:
    days = Period(row["begin"], row["until"])
    return DeclaredPeriod(row["code"], row["report"], row["name"], row["unit"], days)


async def declarations(asking: Asking, code: str) -> dict[str, Declaration]:
    """Return what was declared for a period, by line."""
    rows = await asking.ask(
        """found AS (
            SELECT attributes FROM entries WHERE kind = 'figure' AND attributes ->> 'period' = $2
             GROUP BY subject, attributes HAVING sum(sign) > 0)
        SELECT attributes ->> 'line' AS line, (attributes ->> 'value')::int AS value,
               (attributes ->> 'denominator')::int AS denominator, attributes ->> 'claim' AS claim,
               attributes ->> 'baseline' AS baseline, attributes ->> 'note' AS note,
               nullif(attributes -> 'document', 'null'::jsonb)::text AS document
          FROM found ORDER BY line""",
        code,
    )
    return {
        row["line"]: Declaration(
            line=row["line"],
            value=row["value"],
            denominator=row["denominator"],
            claim=Claim(row["claim"]) if row["claim"] else None,
            baseline=row["baseline"],
            note=row["note"],
            document=Document.model_validate_json(row["document"]) if row["document"] else None,
        )
        for row in rows
    }


async def targets(asking: Asking, code: str) -> dict[str, int]:
    """Return the targets that were set for a period, by line."""
    rows = await asking.ask(
        """found AS (
            SELECT attributes FROM entries WHERE kind = 'target' AND attributes ->> 'period' = $2
             GROUP BY subject, attributes HAVING sum(sign) > 0)
        SELECT attributes ->> 'line' AS line, (attributes ->> 'value')::int AS value FROM found""",
        code,
    )
    return {row["line"]: row["value"] for row in rows}


async def directives(asking: Asking, path: str, days: Period) -> list[Directive]:
    """Return the directives of a unit and those under it that were issued in a period."""
    rows = await asking.ask(
        """found AS (
            SELECT e.subject, e.on_day, e.attributes
              FROM entries AS e
              JOIN entries AS u ON u.kind = 'unit' AND u.sign = 1 AND u.bearer = e.bearer
             WHERE e.kind = 'directive' AND e.on_day BETWEEN $3 AND $4
               AND in_scope(u.attributes ->> 'path', ARRAY[$2]))
        SELECT (attributes ->> 'number')::int AS number, on_day, (attributes ->> 'due')::date AS due,
               jsonb_array_length(attributes -> 'assignees') > 0 AS assigned
          FROM found ORDER BY on_day, number, subject""",
        path,
        days.begin,
        days.end,
    )
    return [Directive(row["number"], row["on_day"], row["assigned"], row["due"]) for row in rows]


async def conferences(asking: Asking, path: str, days: Period) -> list[Conference]:
    """Return the conferences of a unit and those under it that were held in a period, with the wards there were."""
    rows = await asking.ask(
        """found AS (
            SELECT e.subject, e.bearer, e.on_day, e.attributes, u.attributes ->> 'path' AS path
              FROM entries AS e
              JOIN entries AS u ON u.kind = 'unit' AND u.sign = 1 AND u.bearer = e.bearer
             WHERE e.kind = 'conference' AND e.on_day BETWEEN $3 AND $4
               AND in_scope(u.attributes ->> 'path', ARRAY[$2]))
        SELECT subject, on_day, path,
               array(SELECT DISTINCT i ->> 'unit_invited' FROM jsonb_array_elements(attributes -> 'invitations') AS i
                      WHERE i ->> 'delegation' = $5 AND i ->> 'unit_invited' <> bearer) AS invited
          FROM found ORDER BY on_day, subject""",
        path,
        days.begin,
        days.end,
        Delegation.WARD_LEADERS,
    )
    return [
        Conference(
            row["subject"],
            row["on_day"],
            frozenset(row["invited"]),
            frozenset(ward.id for ward in await asking.wards(row["path"], row["on_day"])),
        )
        for row in rows
    ]


async def acknowledged(asking: Asking) -> dict[str, Acknowledged]:
    """Return which issues are acknowledged, by id."""
    rows = await asking.ask(
        """found AS (
            SELECT bearer, attributes FROM entries WHERE kind = 'issue_acknowledged'
             GROUP BY bearer, attributes HAVING sum(sign) > 0)
        SELECT bearer, (attributes ->> 'on')::date AS on_day, attributes ->> 'reason' AS reason,
               coalesce(nullif(attributes -> 'figures', 'null'::jsonb), '[]'::jsonb)::text AS figures
          FROM found"""
    )
    return {
        row["bearer"]: Acknowledged(row["on_day"], row["reason"], COMPARED.validate_json(row["figures"]))
        for row in rows
    }
