"""Remembers who looked at, or entered, whose data: sealed, for whose ties were entered has some."""

from uuid import UUID

from services.boards.domain.access import Access, Action, Part
from services.boards.domain.person import Purpose
from services.boards.store.vault import closed, opened
from shared.caller import Caller
from shared.database import Record, Transaction
from shared.errors import NotFound
from shared.seal import Seal


async def recorded(
    tx: Transaction, who: Caller, seal: Seal, person: UUID, part: Part, action: Action, purpose: Purpose
) -> Access:
    """Record an access, sealed with the person's key; its unit is the one that keeps the person."""
    access = Access(person=person, part=part, action=action, purpose=purpose, at=who.now, actor=who.identity.actor)
    row = await tx.row("SELECT wrapped_key, unit FROM person WHERE id = $1", person)
    if row is None:
        raise NotFound
    await tx.execute(
        "INSERT INTO access (person, unit, access) VALUES ($1, $2, $3)",
        person,
        row["unit"],
        closed(seal, row["wrapped_key"], person, access),
    )
    return access


async def accesses(
    tx: Transaction, scope: list[str], person: UUID | None, before: int | None, limit: int
) -> list[Record]:
    """Return accesses to people kept in a scope, latest first; those to people who were erased are no more."""
    return await tx.fetch(
        """SELECT a.id AS number, a.access, p.id, p.wrapped_key
             FROM access AS a JOIN person AS p ON p.id = a.person
            WHERE in_scope(a.unit, $1)
              AND ($2::uuid IS NULL OR a.person = $2)
              AND ($3::bigint IS NULL OR a.id < $3)
            ORDER BY a.id DESC
            LIMIT $4""",
        scope,
        person,
        before,
        limit,
    )


def shown(seal: Seal, row: Record) -> Access:
    """Open a recorded access."""
    return opened(seal, row, Access)
