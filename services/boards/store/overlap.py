"""Remembers tasks that a residential group and a board both claim."""

from uuid import UUID

from services.boards.domain.overlap import Ground, Overlap, RaiseOverlap
from services.boards.store.board import standings
from services.boards.store.heard import groups
from shared import event_log
from shared.database import Record, Transaction
from shared.events import OverlapIssueRaised, OverlapIssueResolved


async def ground(tx: Transaction, asked: RaiseOverlap, scope: list[str]) -> Ground:
    """Lock an overlap about to be raised, and its board; load what that depends on."""
    await event_log.lock(tx, asked.overlap_id, asked.board)
    exists = tx.was_told_of(asked.overlap_id)
    boards = await standings(tx, (asked.board,), asked.on, scope)
    return Ground(exists, await groups(tx, (asked.group,), scope), boards.get(asked.board))


async def overlap(tx: Transaction, overlap_id: UUID, scope: list[str]) -> Overlap | None:
    """Lock and load an overlap."""
    await event_log.lock(tx, overlap_id)
    row = await tx.row(
        "SELECT id, unit, raised, resolved FROM overlap WHERE id = $1 AND in_scope(unit, $2)", overlap_id, scope
    )
    return Overlap(**row) if row else None


async def overlap_issue_raised(tx: Transaction, event: OverlapIssueRaised) -> None:
    """Enter an overlap."""
    await tx.execute(
        "INSERT INTO overlap (id, unit, group_id, board, topic, raised) VALUES ($1, $2, $3, $4, $5, $6)",
        UUID(event.subject),
        event.unit,
        event.group,
        event.board,
        event.topic,
        event.on,
    )


async def overlap_issue_resolved(tx: Transaction, event: OverlapIssueResolved) -> None:
    """Note when an overlap was resolved."""
    await tx.execute("UPDATE overlap SET resolved = $2 WHERE id = $1", UUID(event.subject), event.on)


async def overlaps(
    tx: Transaction,
    scope: list[str],
    group: UUID | None,
    board: UUID | None,
    open_only: bool | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Return overlaps within a scope, by id; `open_only` leaves out the resolved ones."""
    return await tx.fetch(
        """SELECT id, unit, group_id AS "group", board, topic, raised, resolved
             FROM overlap
            WHERE in_scope(unit, $1)
              AND ($2::uuid IS NULL OR group_id = $2)
              AND ($3::uuid IS NULL OR board = $3)
              AND ($4::boolean IS NOT TRUE OR resolved IS NULL)
              AND ($5::uuid IS NULL OR id > $5)
            ORDER BY id
            LIMIT $6""",
        scope,
        group,
        board,
        open_only,
        after,
        limit,
    )


async def overlap_page(tx: Transaction, overlap_id: UUID, scope: list[str]) -> Record | None:
    """Return an overlap."""
    return await tx.row(
        """SELECT id, unit, group_id AS "group", board, topic, raised, resolved
             FROM overlap WHERE id = $1 AND in_scope(unit, $2)""",
        overlap_id,
        scope,
    )
