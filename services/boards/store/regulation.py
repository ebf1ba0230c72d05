"""Remembers coordination regulations between residential groups and boards."""

from uuid import UUID

from services.boards.domain.regulation import Ground, IssueRegulation, Regulation
from services.boards.store.board import standings
from services.boards.store.heard import groups
from shared import event_log
from shared.database import Record, Transaction
from shared.events import (
    CoordinationRegulationEvaluated,
    CoordinationRegulationIssued,
    CoordinationRegulationLapsed,
)


async def ground(tx: Transaction, asked: IssueRegulation, scope: list[str]) -> Ground:
    """Lock a regulation about to be issued, and its boards; load what that depends on."""
    boards = sorted({one.board for one in asked.pairs})
    await event_log.lock(tx, asked.regulation_id, *boards)
    exists = tx.was_told_of(asked.regulation_id)
    return Ground(
        exists=exists,
        groups=await groups(tx, [one.group for one in asked.pairs], scope),
        boards=await standings(tx, boards, asked.on, scope),
    )


async def regulation(tx: Transaction, regulation_id: UUID, scope: list[str]) -> Regulation | None:
    """Lock and load a regulation."""
    await event_log.lock(tx, regulation_id)
    row = await tx.row(
        """SELECT r.id, r.unit, r.issued, r.lapsed,
                  array(SELECT e.on_day FROM regulation_evaluation AS e WHERE e.regulation = r.id) AS evaluated
             FROM regulation AS r
            WHERE r.id = $1 AND in_scope(r.unit, $2)""",
        regulation_id,
        scope,
    )
    return Regulation(**{**row, "evaluated": frozenset(row["evaluated"])}) if row else None


async def coordination_regulation_issued(tx: Transaction, event: CoordinationRegulationIssued) -> None:
    """Enter a regulation with its pairs."""
    await tx.execute(
        """WITH entered AS (INSERT INTO regulation (id, unit, issued) VALUES ($1, $2, $3) RETURNING id)
           INSERT INTO regulation_pair (regulation, group_id, board, nth)
                SELECT id, p.group_id, p.board, p.nth
                  FROM entered, unnest($4::uuid[], $5::uuid[]) WITH ORDINALITY AS p (group_id, board, nth)""",
        UUID(event.subject),
        event.unit,
        event.on,
        [one.group for one in event.pairs],
        [one.board for one in event.pairs],
    )


async def coordination_regulation_evaluated(tx: Transaction, event: CoordinationRegulationEvaluated) -> None:
    """Note an evaluation."""
    await tx.execute(
        "INSERT INTO regulation_evaluation (regulation, on_day, finding) VALUES ($1, $2, $3)",
        UUID(event.subject),
        event.on,
        event.finding,
    )


async def coordination_regulation_lapsed(tx: Transaction, event: CoordinationRegulationLapsed) -> None:
    """End a regulation."""
    await tx.execute("UPDATE regulation SET lapsed = $2 WHERE id = $1", UUID(event.subject), event.on)


async def regulations(
    tx: Transaction,
    scope: list[str],
    group: UUID | None,
    board: UUID | None,
    living_only: bool | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Return regulations within a scope, by id; `living_only` leaves out those that have lapsed."""
    return await tx.fetch(
        """SELECT r.id, r.unit, r.issued, r.lapsed,
                  (SELECT json_agg(json_build_object('group', p.group_id, 'board', p.board) ORDER BY p.nth)
                     FROM regulation_pair AS p WHERE p.regulation = r.id) AS pairs
             FROM regulation AS r
            WHERE in_scope(r.unit, $1)
              AND EXISTS (SELECT FROM regulation_pair AS p
                           WHERE p.regulation = r.id
                             AND ($2::uuid IS NULL OR p.group_id = $2) AND ($3::uuid IS NULL OR p.board = $3))
              AND ($4::boolean IS NOT TRUE OR r.lapsed IS NULL)
              AND ($5::uuid IS NULL OR r.id > $5)
            ORDER BY r.id
            LIMIT $6""",
        scope,
        group,
        board,
        living_only,
        after,
        limit,
    )


async def regulation_page(tx: Transaction, regulation_id: UUID, scope: list[str]) -> Record | None:
    """Return a regulation with its pairs and evaluations."""
    return await tx.row(
        """SELECT r.id, r.unit, r.issued, r.lapsed,
                  (SELECT json_agg(json_build_object('group', p.group_id, 'board', p.board) ORDER BY p.nth)
                     FROM regulation_pair AS p WHERE p.regulation = r.id) AS pairs,
                  (SELECT json_agg(json_build_object('on', e.on_day, 'finding', e.finding) ORDER BY e.on_day)
                     FROM regulation_evaluation AS e WHERE e.regulation = r.id) AS evaluations
             FROM regulation AS r
            WHERE r.id = $1 AND in_scope(r.unit, $2)""",
        regulation_id,
        scope,
    )
