"""Remembers administrative units and who receives what is sent to a place."""

from datetime import date
from uuid import UUID

from services.buildings.domain.unit import Unit
from shared import event_log
from shared.database import Record, Transaction
from shared.events import LiaisonNamed, UnitClosed, UnitEstablished
from shared.events.buildings import Place, UnitKind


async def unit(tx: Transaction, unit_id: str | None) -> Unit | None:
    """Load a unit."""
    row = await tx.row("SELECT id, path, kind, recorded_from, closed FROM unit WHERE id = $1", unit_id)
    return Unit(row["id"], row["path"], UnitKind(row["kind"]), row["recorded_from"], row["closed"]) if row else None


async def ground(tx: Transaction, unit_id: str, parent: str | None) -> tuple[Unit | None, Unit | None]:
    """Lock a unit about to be established and load it, if it exists, with its parent."""
    await event_log.lock(tx, unit_id)
    return await unit(tx, unit_id), await unit(tx, parent)


async def to_close(tx: Transaction, unit_id: str, successors: list[str]) -> tuple[Unit | None, frozenset[str]]:
    """Lock and load a unit about to be closed; with it, which of its successors are not known."""
    await event_log.lock(tx, unit_id)
    rows = await tx.fetch("SELECT s FROM unnest($1::text[]) AS s WHERE s NOT IN (SELECT id FROM unit)", successors)
    return await unit(tx, unit_id), frozenset(row["s"] for row in rows)


async def path_on(tx: Transaction, unit_id: str, on: date | None) -> str | None:
    """Return the path of a unit in force on a day, or of one that ever was when no day is given."""
    path: str | None = await tx.value(
        """SELECT path FROM unit
            WHERE id = $1 AND ($2::date IS NULL OR (recorded_from <= $2 AND (closed IS NULL OR $2 < closed)))""",
        unit_id,
        on,
    )
    return path


async def place(tx: Transaction, kind: Place, subject: str, on: date) -> str | None:
    """Lock a unit or group that is to have a liaison and return its path on that day."""
    await event_log.lock(tx, subject)
    if kind is Place.UNIT:
        return await path_on(tx, subject, on)
    path: str | None = await tx.value(
        """SELECT unit FROM residential_group
            WHERE id = $1 AND formed <= $2 AND (dissolved IS NULL OR $2 < dissolved)""",
        UUID(subject),
        on,
    )
    return path


async def unit_established(tx: Transaction, event: UnitEstablished) -> None:
    """Enter a unit."""
    await tx.execute(
        """INSERT INTO unit (id, path, name, kind, official_code, parent, since, recorded_from)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        event.subject,
        event.unit,
        event.name,
        event.kind,
        event.official_code,
        event.parent,
        event.since,
        event.on,
    )


async def unit_closed(tx: Transaction, event: UnitClosed) -> None:
    """End a unit and note what it passed into."""
    await tx.execute("UPDATE unit SET closed = $2 WHERE id = $1", event.subject, event.on)
    await tx.execute(
        """INSERT INTO succession (unit, successor, kind, whole)
                SELECT $1, * FROM unnest($2::text[], $3::text[], $4::boolean[])""",
        event.subject,
        [one.unit_id for one in event.successors],
        [one.kind for one in event.successors],
        [one.whole for one in event.successors],
    )


async def liaison_named(tx: Transaction, event: LiaisonNamed) -> None:
    """Note who receives what is sent to a place from a day."""
    await tx.execute(
        """INSERT INTO liaison (place, from_day, person) VALUES ($1, $2, $3)
           ON CONFLICT (place, from_day) DO UPDATE SET person = excluded.person""",
        event.subject,
        event.on,
        event.person,
    )


async def units(tx: Transaction, on: date, parent: str | None, after: str | None, limit: int) -> list[Record]:
    """Return the units in force on a day, by path."""
    return await tx.fetch(
        """SELECT id, path, name, kind, official_code, parent, since, recorded_from, closed
             FROM unit
            WHERE recorded_from <= $1 AND (closed IS NULL OR $1 < closed)
              AND ($2::text IS NULL OR parent = $2)
              AND ($3::text IS NULL OR path > $3)
            ORDER BY path
            LIMIT $4""",
        on,
        parent,
        after,
        limit,
    )


async def unit_page(tx: Transaction, unit_id: str) -> tuple[Record | None, list[Record]]:
    """Return a unit and what it passed into."""
    row = await tx.row(
        """SELECT id, path, name, kind, official_code, parent, since, recorded_from, closed
             FROM unit WHERE id = $1""",
        unit_id,
    )
    successors = await tx.fetch(
        "SELECT successor AS unit_id, kind, whole FROM succession WHERE unit = $1 ORDER BY successor", unit_id
    )
    return row, successors


async def missing(tx: Transaction, unit_ids: list[str]) -> set[str]:
    """Return which of these units are not entered yet."""
    rows = await tx.fetch("SELECT s FROM unnest($1::text[]) AS s WHERE s NOT IN (SELECT id FROM unit)", unit_ids)
    return {row["s"] for row in rows}


async def still_open(tx: Transaction, unit_ids: list[str]) -> set[str]:
    """Return which of these units are not closed."""
    rows = await tx.fetch("SELECT id FROM unit WHERE id = ANY ($1) AND closed IS NULL", unit_ids)
    return {row["id"] for row in rows}
