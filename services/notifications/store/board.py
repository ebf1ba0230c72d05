"""Remembers what the boards service told of boards: who heads them, for how long, and where. One row per event."""

from collections.abc import Sequence
from uuid import UUID

from shared.database import Transaction, columns
from shared.events import BoardClosed, BoardConsolidated, BoardFormed, BoardMemberEnded, Told
from shared.events.boards import Role

Seated = Sequence[Told[BoardFormed]] | Sequence[Told[BoardConsolidated]]


async def board_formed(tx: Transaction, events: Sequence[Told[BoardFormed]]) -> None:
    """Note where boards are, and who heads them first."""
    await tx.execute(
        """INSERT INTO board_formed (event, board, version, path, buildings)
                SELECT e, b, v, p, string_to_array(l, ',')::uuid[]
                  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[]) AS x (e, b, v, p, l)
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "version", "unit"),
        [",".join(map(str, told.event.building_ids)) for told in events],
    )
    await _seated(tx, events)


async def board_consolidated(tx: Transaction, events: Sequence[Told[BoardConsolidated]]) -> None:
    """Note who heads boards from a day, and for how long."""
    await _seated(tx, events)


async def board_member_ended(tx: Transaction, events: Sequence[Told[BoardMemberEnded]]) -> None:
    """Note who left boards."""
    await tx.execute(
        """INSERT INTO board_member_ended (event, board, version, on_day, person)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::date[], $5::uuid[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "version", "on", "person"),
    )


async def board_closed(tx: Transaction, events: Sequence[Told[BoardClosed]]) -> None:
    """Note that boards ended."""
    await tx.execute(
        """INSERT INTO board_closed (event, board, on_day)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "on"),
    )


async def _seated(tx: Transaction, events: Seated) -> None:
    await tx.execute(
        """INSERT INTO board_seated (event, board, version, on_day, term_to, head)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::date[], $5::date[], $6::uuid[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "version", "on", "term_to"),
        [_head(told.event) for told in events],
    )


def _head(event: BoardFormed | BoardConsolidated) -> UUID | None:
    return next((member.person for member in event.members if member.role is Role.HEAD), None)
