"""Remembers directives and how far each unit has come with them."""

from datetime import date
from uuid import UUID

from services.boards.domain.directive import Directive, Ground, IssueDirective, Step
from services.boards.store.heard import not_in_force, path_on
from shared import event_log
from shared.database import Record, Transaction
from shared.events import DirectiveIssued, DirectiveProgressed
from shared.events.boards import Progress


async def ground(tx: Transaction, asked: IssueDirective, scope: list[str]) -> Ground:
    """Lock a directive about to be issued, and its conference, and load what that depends on."""
    await event_log.lock(tx, asked.directive_id, *([asked.conference] if asked.conference else []))
    held: date | None = await tx.value(
        "SELECT held FROM conference WHERE id = $1 AND in_scope(unit, $2)", asked.conference, scope
    )
    return Ground(
        exists=tx.was_told_of(asked.directive_id),
        unit=await path_on(tx, asked.unit, asked.on),
        unknown=await not_in_force(tx, [one.unit_assigned for one in asked.assignees], asked.on),
        conference_held=held,
        number_taken=await tx.value(
            "SELECT EXISTS (SELECT FROM directive WHERE conference = $1 AND number = $2)",
            asked.conference,
            asked.number,
        ),
    )


async def directive(tx: Transaction, directive_id: UUID, by_unit: str, scope: list[str]) -> Directive | None:
    """Lock and load a directive within the caller's scope, as far as it concerns one unit."""
    await event_log.lock(tx, directive_id)
    row = await tx.row(
        """SELECT d.id, d.unit, d.issued, p.progress, p.since,
                  EXISTS (SELECT FROM directive_assignee AS a WHERE a.directive = d.id AND a.unit_id = $2) AS assigned
             FROM directive AS d
             LEFT JOIN directive_progress AS p ON p.directive = d.id AND p.unit_id = $2
            WHERE d.id = $1 AND in_scope(d.unit, $3)""",
        directive_id,
        by_unit,
        scope,
    )
    if row is None:
        return None
    last = Step(Progress(row["progress"]), row["since"]) if row["progress"] else None
    return Directive(row["id"], row["unit"], row["issued"], row["assigned"], last)


async def directive_issued(tx: Transaction, event: DirectiveIssued) -> None:
    """Enter a directive with its assignees."""
    await tx.execute(
        """WITH entered AS (
               INSERT INTO directive (id, unit, conference, number, title, issued, due)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
            RETURNING id
           )
           INSERT INTO directive_assignee (directive, body, unit_id)
                SELECT id, a.* FROM entered, unnest($8::text[], $9::text[]) AS a""",
        UUID(event.subject),
        event.unit,
        event.conference,
        event.number,
        event.title,
        event.on,
        event.due,
        [one.body for one in event.assignees],
        [one.unit_assigned for one in event.assignees],
    )


async def directive_progressed(tx: Transaction, event: DirectiveProgressed) -> None:
    """Note how far a unit has come."""
    await tx.execute(
        """INSERT INTO directive_progress (directive, unit_id, progress, since)
                VALUES ($1, $2, $3, $4)
           ON CONFLICT (directive, unit_id) DO UPDATE SET progress = excluded.progress, since = excluded.since""",
        UUID(event.subject),
        event.by_unit,
        event.progress,
        event.on,
    )


async def directives(
    tx: Transaction, scope: list[str], conference: UUID | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return directives within a scope, by id."""
    return await tx.fetch(
        """SELECT id, unit, conference, number, title, issued, due
             FROM directive
            WHERE in_scope(unit, $1)
              AND ($2::uuid IS NULL OR conference = $2)
              AND ($3::uuid IS NULL OR id > $3)
            ORDER BY id
            LIMIT $4""",
        scope,
        conference,
        after,
        limit,
    )


async def directive_page(tx: Transaction, directive_id: UUID, scope: list[str]) -> Record | None:
    """Return a directive with its assignees and how far their units have come."""
    return await tx.row(
        """SELECT d.*,
                  (SELECT json_agg(json_build_object('body', a.body, 'unit_assigned', a.unit_id)
                                   ORDER BY a.unit_id, a.body)
                     FROM directive_assignee AS a WHERE a.directive = d.id) AS assignees,
                  (SELECT json_agg(json_build_object('by_unit', p.unit_id, 'progress', p.progress, 'since', p.since)
                                   ORDER BY p.unit_id)
                     FROM directive_progress AS p WHERE p.directive = d.id) AS progress
             FROM directive AS d
            WHERE d.id = $2 AND in_scope(d.unit, $1)""",
        scope,
        directive_id,
    )
