"""Remembers management boards."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.boards.domain.board import Board, FormBoard, Ground, Serving, Standing
from shared import event_log
from shared.database import Record, Transaction
from shared.events import BoardClosed, BoardFormed


async def ground(tx: Transaction, asked: FormBoard, scope: list[str]) -> Ground:
    """Lock a board about to be formed, and its buildings, and load what its formation depends on."""
    await event_log.lock(tx, asked.board_id, *(f"building {one}" for one in asked.building_ids))
    exists = tx.was_told_of(asked.board_id)
    rows = await tx.fetch(
        """SELECT b.building, b.blocks, d.unit,
                  EXISTS (SELECT FROM board_building AS o JOIN board ON board.id = o.board
                           WHERE o.building = b.building AND (board.closed IS NULL OR board.closed > $2)) AS has_board
             FROM building AS b
             LEFT JOIN LATERAL place_on(b.building, $2) AS d ON true
             JOIN LATERAL place_on(b.building, 'infinity') AS n ON true
            WHERE b.building = ANY ($1) AND (in_scope(n.unit, $3) OR in_scope(d.unit, $3))""",
        asked.building_ids,
        asked.decision.date,
        scope,
    )
    found = {row["building"]: row for row in rows}
    lead = found.get(asked.building_ids[0]) if asked.building_ids else None
    return Ground(
        exists=exists,
        missing=frozenset(asked.building_ids) - found.keys(),
        unit=lead["unit"] if lead and all(row["unit"] for row in rows) else None,
        blocks=sum(row["blocks"] for row in rows),
        has_board=any(row["has_board"] for row in rows),
    )


async def board(tx: Transaction, board_id: UUID, on: date, scope: list[str]) -> Board | None:
    """Lock and load a board; its unit is the one in which its leading building lies on that day.

    In scope by its own unit, or by the one in which that building lies now.
    """
    await event_log.lock(tx, board_id)
    row = await tx.row(
        """SELECT o.id, coalesce(d.unit, o.unit) AS unit, o.formed, o.closed, s.blocks, s.buildings,
                  t.term_from, t.term_to,
                  array(SELECT m.person FROM board_member AS m
                         WHERE m.board = o.id AND m.until_day IS NULL) AS members,
                  (SELECT max(c.on_day) FROM board_consolidation AS c WHERE c.board = o.id) AS consolidated,
                  (SELECT max(m.until_day) FROM board_member AS m WHERE m.board = o.id) AS "left",
                  array(SELECT r.on_day FROM board_review AS r WHERE r.board = o.id) AS reviewed
             FROM board AS o
             JOIN board_building AS f ON f.board = o.id AND f.nth = 1
             JOIN LATERAL (SELECT coalesce(sum(b.blocks), 0)::int AS blocks, count(*)::int AS buildings
                             FROM board_building AS l LEFT JOIN building AS b USING (building)
                            WHERE l.board = o.id) AS s ON true
             JOIN LATERAL (SELECT term_from, term_to FROM board_term WHERE board = o.id
                            ORDER BY term_from DESC LIMIT 1) AS t ON true
             LEFT JOIN LATERAL place_on(f.building, $2) AS d ON true
             LEFT JOIN LATERAL place_on(f.building, 'infinity') AS n ON true
            WHERE o.id = $1 AND (in_scope(o.unit, $3) OR in_scope(n.unit, $3))""",
        board_id,
        on,
        scope,
    )
    sets = ("members", "reviewed")
    return Board(**{**row, **{name: frozenset(row[name]) for name in sets}}) if row else None


async def standings(tx: Transaction, board_ids: Sequence[UUID], on: date, scope: list[str]) -> dict[UUID, Standing]:
    """Return, of the boards named, those within a scope: whether each stands, and is in force, on a day."""
    rows = await tx.fetch(
        """SELECT o.id, o.formed <= $2 AND (o.closed IS NULL OR $2 < o.closed) AS stands, in_force(o.id, $2) AS in_force
             FROM board AS o
             JOIN board_building AS f ON f.board = o.id AND f.nth = 1
             LEFT JOIN LATERAL place_on(f.building, 'infinity') AS n ON true
            WHERE o.id = ANY ($1) AND (in_scope(o.unit, $3) OR in_scope(n.unit, $3))""",
        board_ids,
        on,
        scope,
    )
    return {row["id"]: Standing(**row) for row in rows}


async def board_formed(tx: Transaction, event: BoardFormed) -> None:
    """Enter a board with its buildings and its members."""
    await tx.execute(
        """WITH entered AS (
               INSERT INTO board (id, unit, formed, symbol, issuer, elected_on, term_from, term_to)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            RETURNING id
           ), managed AS (
               INSERT INTO board_building (board, building, nth)
                    SELECT id, b.building, b.nth
                      FROM entered, unnest($9::uuid[]) WITH ORDINALITY AS b (building, nth)
           )
           INSERT INTO board_member (board, person, role, from_day)
                SELECT id, m.person, m.role, $3
                  FROM entered, unnest($10::uuid[], $11::text[]) AS m (person, role)""",
        UUID(event.subject),
        event.unit,
        event.on,
        event.decision.symbol,
        event.decision.issuer,
        event.elected_on,
        event.term_from,
        event.term_to,
        event.building_ids,
        [member.person for member in event.members],
        [member.role for member in event.members],
    )


async def board_closed(tx: Transaction, event: BoardClosed) -> None:
    """End a board."""
    await tx.execute(
        "UPDATE board SET closed = $2, reason = $3 WHERE id = $1", UUID(event.subject), event.on, event.reason
    )


async def boards(
    tx: Transaction,
    scope: list[str],
    building: UUID | None,
    on: date | None,
    in_force_on: date | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Return boards within a scope, with their last term, by id.

    With `on`, those that stand that day, term or no term; with `in_force_on`, those whose term has not ended either.
    """
    return await tx.fetch(
        """SELECT o.id, o.unit, o.formed, o.symbol, o.issuer, t.term_from, t.term_to, o.closed,
                  array(SELECT l.building FROM board_building AS l WHERE l.board = o.id ORDER BY l.nth) AS buildings
             FROM board AS o
             JOIN board_building AS f ON f.board = o.id AND f.nth = 1
             JOIN LATERAL (SELECT term_from, term_to FROM board_term WHERE board = o.id
                            ORDER BY term_from DESC LIMIT 1) AS t ON true
             LEFT JOIN LATERAL place_on(f.building, 'infinity') AS n ON true
            WHERE (in_scope(o.unit, $1) OR in_scope(n.unit, $1))
              AND ($2::uuid IS NULL
                   OR EXISTS (SELECT FROM board_building AS l WHERE l.board = o.id AND l.building = $2))
              AND ($3::date IS NULL OR (o.formed <= $3 AND (o.closed IS NULL OR $3 < o.closed)))
              AND ($4::date IS NULL OR in_force(o.id, $4))
              AND ($5::uuid IS NULL OR o.id > $5)
            ORDER BY o.id
            LIMIT $6""",
        scope,
        building,
        on,
        in_force_on,
        after,
        limit,
    )


async def board_page(tx: Transaction, board_id: UUID, scope: list[str], on: date) -> Record | None:
    """Return a board with its buildings, terms, reviews and members, and whether it is in force on a day."""
    return await tx.row(
        """SELECT o.id, o.unit, o.formed, o.symbol, o.issuer, o.elected_on, t.term_from, t.term_to, o.closed, o.reason,
                  in_force(o.id, $3) AS in_force,
                  array(SELECT l.building FROM board_building AS l WHERE l.board = o.id ORDER BY l.nth) AS buildings,
                  array(SELECT r.on_day FROM board_review AS r WHERE r.board = o.id ORDER BY r.on_day) AS reviews,
                  (SELECT json_agg(json_build_object('term_from', a.term_from, 'term_to', a.term_to)
                                   ORDER BY a.term_from)
                     FROM board_term AS a WHERE a.board = o.id) AS terms,
                  (SELECT json_agg(json_build_object('person', m.person, 'role', m.role, 'from_day', m.from_day,
                                                     'until_day', coalesce(m.until_day, o.closed))
                                   ORDER BY m.from_day, m.role, m.person)
                     FROM board_member AS m WHERE m.board = o.id) AS members
             FROM board AS o
             JOIN board_building AS f ON f.board = o.id AND f.nth = 1
             JOIN LATERAL (SELECT term_from, term_to FROM board_term WHERE board = o.id
                            ORDER BY term_from DESC LIMIT 1) AS t ON true
             LEFT JOIN LATERAL place_on(f.building, 'infinity') AS n ON true
            WHERE o.id = $2
              AND (in_scope(o.unit, $1) OR in_scope(n.unit, $1))""",
        scope,
        board_id,
        on,
    )


async def serving(tx: Transaction, on: date) -> list[Serving]:
    """Return who sits on a board in force on a day, everywhere: it is for the service's own use."""
    rows = await tx.fetch(
        """SELECT m.person, o.id AS board, coalesce(d.unit, o.unit) AS ward, m.role
             FROM board AS o
             JOIN board_building AS f ON f.board = o.id AND f.nth = 1
             JOIN board_member AS m ON m.board = o.id
             LEFT JOIN LATERAL place_on(f.building, $1) AS d ON true
            WHERE in_force(o.id, $1)
              AND m.from_day <= $1 AND (m.until_day IS NULL OR $1 < m.until_day)
            ORDER BY o.id, m.person""",
        on,
    )
    return [Serving(**row) for row in rows]
