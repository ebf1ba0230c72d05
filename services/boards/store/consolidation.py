"""Remembers how boards were put in order: reviews, consolidations, departures."""

from uuid import UUID

from shared.database import Transaction
from shared.events import BoardConsolidated, BoardMemberEnded, BoardReviewed


async def board_reviewed(tx: Transaction, event: BoardReviewed) -> None:
    """Note a review."""
    await tx.execute("INSERT INTO board_review (board, on_day) VALUES ($1, $2)", UUID(event.subject), event.on)


async def board_consolidated(tx: Transaction, event: BoardConsolidated) -> None:
    """Note a consolidation: seats that are not in the new list end, those that are go on, the others begin."""
    board = UUID(event.subject)
    people, roles = [one.person for one in event.members], [one.role for one in event.members]
    await tx.execute(
        """INSERT INTO board_consolidation (board, on_day, symbol, issuer, term_from, term_to)
                VALUES ($1, $2, $3, $4, $5, $6)""",
        board,
        event.on,
        event.decision.symbol,
        event.decision.issuer,
        event.term_from,
        event.term_to,
    )
    await tx.execute(
        """UPDATE board_member AS m SET until_day = $2
            WHERE m.board = $1 AND m.until_day IS NULL
              AND (m.person, m.role) NOT IN (SELECT * FROM unnest($3::uuid[], $4::text[]))""",
        board,
        event.on,
        people,
        roles,
    )
    await tx.execute(
        """INSERT INTO board_member (board, person, role, from_day)
                SELECT $1, n.person, n.role, $2
                  FROM unnest($3::uuid[], $4::text[]) AS n (person, role)
                 WHERE NOT EXISTS (SELECT FROM board_member AS m
                                    WHERE m.board = $1 AND m.person = n.person AND m.until_day IS NULL)""",
        board,
        event.on,
        people,
        roles,
    )


async def board_member_ended(tx: Transaction, event: BoardMemberEnded) -> None:
    """End a seat."""
    await tx.execute(
        "UPDATE board_member SET until_day = $3 WHERE board = $1 AND person = $2 AND until_day IS NULL",
        UUID(event.subject),
        event.person,
        event.on,
    )
