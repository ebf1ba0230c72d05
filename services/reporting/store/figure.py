"""Remembers what was declared of lines, and what they should come to."""

from uuid import UUID

from services.reporting.domain.figure import DeclareFigure, Ground, SetTarget
from services.reporting.store import definitions
from services.reporting.store.period import period
from shared import event_log
from shared.database import Record, Transaction
from shared.events import FigureDeclared, TargetSet


async def figure_ground(tx: Transaction, asked: DeclareFigure, scope: list[str]) -> Ground:
    """Lock a figure about to be declared and its line; load its period within the caller's scope."""
    await event_log.lock(tx, asked.figure_id, f"figure/{asked.period}/{asked.line}")
    rows = await tx.fetch(
        "SELECT id, period, line FROM declared_figure WHERE id = $1 OR (period = $2 AND line = $3)",
        asked.figure_id,
        asked.period,
        asked.line,
    )
    return await _ground(tx, asked.figure_id, asked, rows, scope)


async def target_ground(tx: Transaction, asked: SetTarget, scope: list[str]) -> Ground:
    """Lock a target about to be set and its line; load its period within the caller's scope."""
    await event_log.lock(tx, asked.target_id, f"target/{asked.period}/{asked.line}")
    rows = await tx.fetch(
        "SELECT id, period, line FROM target WHERE id = $1 OR (period = $2 AND line = $3)",
        asked.target_id,
        asked.period,
        asked.line,
    )
    return await _ground(tx, asked.target_id, asked, rows, scope)


async def _ground(
    tx: Transaction, thing: UUID, asked: DeclareFigure | SetTarget, rows: list[Record], scope: list[str]
) -> Ground:
    due = await period(tx, asked.period, scope)
    lines = definitions.reports()[due.report].lines if due else ()
    here = (asked.period, asked.line)
    return Ground(
        due,
        definitions.indicators()[asked.line] if asked.line in lines else None,
        next(((row["period"], row["line"]) for row in rows if row["id"] == thing), None),
        next((row["id"] for row in rows if (row["period"], row["line"]) == here), None),
    )


async def figure_declared(tx: Transaction, event: FigureDeclared) -> None:
    """Enter a figure, or put it in the place of what was declared."""
    await tx.execute(
        """INSERT INTO declared_figure (id, period, line, value, denominator, claim, baseline, note)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (id) DO UPDATE
                   SET value = excluded.value, denominator = excluded.denominator, claim = excluded.claim,
                       baseline = excluded.baseline, note = excluded.note""",
        UUID(event.subject),
        event.period,
        event.line,
        event.value,
        event.denominator,
        event.claim,
        event.baseline,
        event.note,
    )


async def target_set(tx: Transaction, event: TargetSet) -> None:
    """Enter a target, or move it."""
    await tx.execute(
        """INSERT INTO target (id, period, line, value) VALUES ($1, $2, $3, $4)
           ON CONFLICT (id) DO UPDATE SET value = excluded.value""",
        UUID(event.subject),
        event.period,
        event.line,
        event.value,
    )


async def figures(tx: Transaction, scope: list[str], of: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Return declared figures of periods within a scope, by id."""
    return await tx.fetch(
        """SELECT f.id, f.period, f.line, f.value, f.denominator, f.claim, f.baseline, f.note
             FROM declared_figure AS f
             JOIN declared_period AS p ON p.code = f.period
            WHERE in_scope(p.unit, $1) AND ($2::text IS NULL OR f.period = $2) AND ($3::uuid IS NULL OR f.id > $3)
            ORDER BY f.id
            LIMIT $4""",
        scope,
        of,
        after,
        limit,
    )


async def targets(tx: Transaction, scope: list[str], of: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Return targets of periods within a scope, by id."""
    return await tx.fetch(
        """SELECT t.id, t.period, t.line, t.value
             FROM target AS t
             JOIN declared_period AS p ON p.code = t.period
            WHERE in_scope(p.unit, $1) AND ($2::text IS NULL OR t.period = $2) AND ($3::uuid IS NULL OR t.id > $3)
            ORDER BY t.id
            LIMIT $4""",
        scope,
        of,
        after,
        limit,
    )
