"""Remembers for which periods reports are due, and how far their findings are told."""

from services.reporting.domain.known import DeclaredPeriod, Period
from services.reporting.domain.period import DeclarePeriod, Ground
from services.reporting.store import definitions
from services.reporting.store.figures import Asking
from shared import event_log
from shared.database import Record, Transaction
from shared.events import PeriodDeclared


async def ground(tx: Transaction, code: str, asked: DeclarePeriod) -> Ground:
    """Lock a period about to be declared, with all of its report; load what it must not overlap."""
    await event_log.lock(tx, code, f"periods/{asked.report}")
    unit = await Asking(tx, None).unit(asked.unit)
    rows = await tx.fetch(
        """SELECT code, report, unit, name, from_day, to_day
             FROM declared_period
            WHERE code = $1 OR (report = $2 AND (in_scope(unit, ARRAY[$3]) OR in_scope($3, ARRAY[unit])))
            ORDER BY from_day""",
        code,
        asked.report,
        unit and unit.path,
    )
    periods = [_period(row) for row in rows]
    return Ground(
        definitions.reports().get(asked.report),
        unit.path if unit else None,
        next((one for one in periods if one.code == code), None),
        [one for one in periods if one.code != code],
    )


async def period(tx: Transaction, code: str, scope: list[str] | None = None) -> DeclaredPeriod | None:
    """Return a declared period, within a scope if one is given."""
    row = await tx.row(
        """SELECT code, report, unit, name, from_day, to_day FROM declared_period
            WHERE code = $1 AND ($2::text[] IS NULL OR in_scope(unit, $2))""",
        code,
        scope,
    )
    return _period(row) if row else None


def _period(row: Record) -> DeclaredPeriod:
    return DeclaredPeriod(row["code"], row["report"], row["name"], row["unit"], Period(row["from_day"], row["to_day"]))


async def period_declared(tx: Transaction, event: PeriodDeclared) -> None:
    """Enter a period, or its new name."""
    await tx.execute(
        """INSERT INTO declared_period (code, report, unit, name, from_day, to_day) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (code) DO UPDATE SET name = excluded.name""",
        event.subject,
        event.report,
        event.unit,
        event.name,
        event.period_from,
        event.period_to,
    )


async def periods(tx: Transaction, scope: list[str], report: str | None, after: str | None, limit: int) -> list[Record]:
    """Return declared periods within a scope, by code."""
    return await tx.fetch(
        """SELECT code, report, unit, name, from_day AS "from", to_day AS "to"
             FROM declared_period
            WHERE in_scope(unit, $1) AND ($2::text IS NULL OR report = $2) AND ($3::text IS NULL OR code > $3)
            ORDER BY code
            LIMIT $4""",
        scope,
        report,
        after,
        limit,
    )


async def to_look_at(tx: Transaction, of_no_matter: list[str]) -> list[str]:
    """Return the periods since whose last look something was heard, but for events of no matter.

    While more is being heard they wait, ten seconds at most: figures that pass are not worth a word.
    """
    rows = await tx.fetch(
        """SELECT p.code
             FROM declared_period AS p
            CROSS JOIN (SELECT heard FROM journal ORDER BY seq DESC LIMIT 1) AS last
            WHERE EXISTS (SELECT FROM journal AS j WHERE j.seq > p.looked AND j.type <> ALL ($1))
              AND (last.heard < now() - interval '1 second' OR p.looked_at < now() - interval '10 seconds')
            ORDER BY p.code""",
        of_no_matter,
    )
    return [row["code"] for row in rows]


async def look_at(tx: Transaction, code: str, position: int) -> bool:
    """Lock the findings of a period; tell whether nobody has looked further than this position."""
    await event_log.lock(tx, f"findings/{code}")
    return bool(await tx.value("SELECT looked < $2 FROM declared_period WHERE code = $1", code, position))


async def looked_at(tx: Transaction, code: str, position: int) -> None:
    """Note through which position the findings of a period are told."""
    await tx.execute("UPDATE declared_period SET looked = $2, looked_at = now() WHERE code = $1", code, position)
