"""Remembers what the boards service told."""

from collections.abc import Sequence

from shared.database import Transaction, columns
from shared.events import BoardClosed, BoardConsolidated, BoardFormed, Told


async def board_formed(tx: Transaction, events: Sequence[Told[BoardFormed]]) -> None:
    """One row per event; an array per event cannot be unnested flat, so buildings come as their text."""
    await tx.execute(
        """INSERT INTO board_formed (event, board, buildings, on_day, term_to)
                SELECT e, b, string_to_array(p, ',')::uuid[], d, t
                  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[]) AS x (e, b, p, d, t)
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject"),
        [",".join(map(str, told.event.building_ids)) for told in events],
        *columns(events, "on", "term_to"),
    )


async def board_consolidated(tx: Transaction, events: Sequence[Told[BoardConsolidated]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO board_consolidated (event, board, on_day, term_to)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::date[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "on", "term_to"),
    )


async def board_closed(tx: Transaction, events: Sequence[Told[BoardClosed]]) -> None:
    """One row per event."""
    await tx.execute(
        """INSERT INTO board_closed (event, board, on_day)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id", "subject", "on"),
    )
