"""Remembers issues about figures that this service decided."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter

from services.reporting.domain.issue import Issue
from shared import event_log
from shared.database import Record, Transaction
from shared.events import DataQualityIssueAcknowledged, DataQualityIssueRaised, DataQualityIssueResolved
from shared.events.reporting import Compared, Hole, Reading

COMPARED = TypeAdapter(tuple[Compared, ...])
READINGS = TypeAdapter(tuple[Reading, ...])


async def issue(tx: Transaction, issue_id: UUID, scope: list[str] | None = None) -> Issue | None:
    """Lock and load an issue, within a scope if one is given."""
    await event_log.lock(tx, issue_id)
    row = await tx.row(
        """SELECT id, rule, unit, resolved IS NOT NULL AS resolved, acknowledged IS NOT NULL AS acknowledged, figures
             FROM issue WHERE id = $1 AND ($2::text[] IS NULL OR in_scope(unit, $2))""",
        issue_id,
        scope,
    )
    return _issue(row) if row else None


async def of_period(tx: Transaction, code: str, found: Sequence[UUID]) -> dict[UUID, Issue]:
    """Lock and load the issues of a declared period, with those about to be raised, by id."""
    known = await tx.fetch("SELECT id FROM issue WHERE period = $1", code)
    await event_log.lock(tx, *sorted({*(row["id"] for row in known), *found}))
    rows = await tx.fetch(
        """SELECT id, rule, unit, resolved IS NOT NULL AS resolved, acknowledged IS NOT NULL AS acknowledged, figures
             FROM issue WHERE period = $1""",
        code,
    )
    return {row["id"]: _issue(row) for row in rows}


def _issue(row: Record) -> Issue:
    return Issue(
        row["id"],
        row["rule"],
        row["unit"],
        resolved=row["resolved"],
        acknowledged=row["acknowledged"],
        figures=COMPARED.validate_json(row["figures"]),
    )


async def open_holes(tx: Transaction) -> list[tuple[UUID, Hole]]:
    """Return the issues about holes that have not been resolved."""
    rows = await tx.fetch(
        "SELECT id, origin, first, last FROM issue WHERE origin IS NOT NULL AND resolved IS NULL ORDER BY id"
    )
    return [(row["id"], Hole(origin=row["origin"], first=row["first"], last=row["last"])) for row in rows]


async def data_quality_issue_raised(tx: Transaction, event: DataQualityIssueRaised) -> None:
    """Enter an issue, or open it again."""
    await tx.execute(
        """INSERT INTO issue (id, rule, severity, unit, lines, origin, first, last, raised, period, figures, readings)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           ON CONFLICT (id) DO UPDATE
                   SET severity = excluded.severity, raised = excluded.raised, figures = excluded.figures,
                       readings = excluded.readings, resolved = NULL, acknowledged = NULL, reason = NULL""",
        UUID(event.subject),
        event.rule,
        event.severity,
        event.unit,
        list(event.lines),
        event.hole and event.hole.origin,
        event.hole and event.hole.first,
        event.hole and event.hole.last,
        event.on,
        event.period,
        COMPARED.dump_json(event.figures).decode(),
        READINGS.dump_json(event.readings).decode(),
    )


async def data_quality_issue_resolved(tx: Transaction, event: DataQualityIssueResolved) -> None:
    """Note that an issue is over."""
    await tx.execute("UPDATE issue SET resolved = $2 WHERE id = $1", UUID(event.subject), event.on)


async def settled(tx: Transaction, event: DataQualityIssueRaised | DataQualityIssueResolved) -> None:
    """Note what was found in figures, or that it is over."""
    if isinstance(event, DataQualityIssueRaised):
        await data_quality_issue_raised(tx, event)
    else:
        await data_quality_issue_resolved(tx, event)


async def data_quality_issue_acknowledged(tx: Transaction, event: DataQualityIssueAcknowledged) -> None:
    """Note that an issue was seen, and why the figure stands."""
    await tx.execute(
        "UPDATE issue SET acknowledged = $2, reason = $3 WHERE id = $1", UUID(event.subject), event.on, event.reason
    )


async def issues(
    tx: Transaction,
    scope: list[str],
    open_only: bool | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Return issues within a scope, by id."""
    return await tx.fetch(
        """SELECT id, rule, severity, unit, lines, origin, first, last, raised, resolved, acknowledged, reason,
                  period, figures, readings
             FROM issue
            WHERE in_scope(unit, $1)
              AND ($2::boolean IS NOT TRUE OR (resolved IS NULL AND acknowledged IS NULL))
              AND ($3::uuid IS NULL OR id > $3)
            ORDER BY id
            LIMIT $4""",
        scope,
        open_only,
        after,
        limit,
    )
