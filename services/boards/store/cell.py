"""Remembers for which residential groups party cells answer."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from services.boards.domain.cell import Cell, Link, LinkCell
from services.boards.domain.group import Group
from services.boards.store.heard import groups
from shared import event_log
from shared.database import Record, Transaction
from shared.events import PartyCellLinked, PartyCellUnlinked


async def cell(tx: Transaction, cell_id: UUID, asked: LinkCell, scope: list[str]) -> tuple[Cell, Mapping[UUID, Group]]:
    """Lock and load a cell as it stands to a group, and that group."""
    await event_log.lock(tx, cell_id)
    linked = await tx.row(
        """SELECT from_day, until_day FROM cell_link
            WHERE cell = $1 AND group_id = $2 ORDER BY from_day DESC LIMIT 1""",
        cell_id,
        asked.group,
    )
    rows = await tx.fetch(
        """SELECT DISTINCT unit FROM cell_link
            WHERE cell = $1 AND group_id <> $2 AND (until_day IS NULL OR $3 < until_day)""",
        cell_id,
        asked.group,
        asked.on,
    )
    known = Cell(cell_id, Link(**linked) if linked else None, frozenset(row["unit"] for row in rows))
    return known, await groups(tx, (asked.group,), scope)


async def party_cell_linked(tx: Transaction, event: PartyCellLinked) -> None:
    """Note that a cell answers for a group from a day."""
    await tx.execute(
        "INSERT INTO cell_link (cell, group_id, unit, from_day) VALUES ($1, $2, $3, $4)",
        UUID(event.subject),
        event.group,
        event.unit,
        event.on,
    )


async def party_cell_unlinked(tx: Transaction, event: PartyCellUnlinked) -> None:
    """End a cell's answering for a group."""
    await tx.execute(
        "UPDATE cell_link SET until_day = $3 WHERE cell = $1 AND group_id = $2 AND until_day IS NULL",
        UUID(event.subject),
        event.group,
        event.on,
    )


async def cells(
    tx: Transaction, scope: list[str], on: date, group: UUID | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return the cells of a scope that answer for a group on a day, by id, with all groups they answer for."""
    return await tx.fetch(
        """SELECT l.cell AS id, min(l.unit) AS unit, array_agg(l.group_id ORDER BY l.group_id) AS groups
             FROM cell_link AS l
            WHERE in_scope(l.unit, $1)
              AND l.from_day <= $2 AND (l.until_day IS NULL OR $2 < l.until_day)
              AND ($4::uuid IS NULL OR l.cell > $4)
            GROUP BY l.cell
           HAVING $3::uuid IS NULL OR bool_or(l.group_id = $3)
            ORDER BY l.cell
            LIMIT $5""",
        scope,
        on,
        group,
        after,
        limit,
    )


async def cell_page(tx: Transaction, cell_id: UUID, scope: list[str]) -> Record | None:
    """Return a cell with the groups it answered and answers for."""
    return await tx.row(
        """SELECT l.cell AS id,
                  json_agg(json_build_object('group', l.group_id, 'unit', l.unit, 'from_day', l.from_day,
                                             'until_day', l.until_day) ORDER BY l.from_day, l.group_id) AS links
             FROM cell_link AS l
            WHERE l.cell = $1
            GROUP BY l.cell
           HAVING bool_or(in_scope(l.unit, $2))""",
        cell_id,
        scope,
    )
