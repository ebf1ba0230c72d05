"""Remembers who looked at, or entered, whose data, and for what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.boards.domain.person import Purpose
from shared.caller import Caller
from shared.database import Record, Transaction


class Part(StrEnum):
    """Which of a person's data."""

    IDENTITY = "IDENTITY"
    PROFILE = "PROFILE"


class Action(StrEnum):
    """What was done with them."""

    READ = "READ"
    WRITTEN = "WRITTEN"


@dataclass(frozen=True, slots=True)
class Access:
    """That somebody looked at or entered a person's data."""

    person: UUID
    part: Part
    action: Action
    purpose: Purpose
    at: datetime
    actor: str


async def recorded(tx: Transaction, who: Caller, person: UUID, part: Part, action: Action, purpose: Purpose) -> Access:
    """Record an access; its unit is the one that keeps the person, so that its data owner can look at it."""
    await tx.execute(
        """INSERT INTO access (at, actor, person, unit, part, action, purpose)
                SELECT $1, $2, p.id, p.unit, $4, $5, $6 FROM person AS p WHERE p.id = $3""",
        who.now,
        who.identity.actor,
        person,
        part,
        action,
        purpose,
    )
    return Access(person, part, action, purpose, who.now, who.identity.actor)


async def accesses(
    tx: Transaction, scope: list[str], person: UUID | None, before: int | None, limit: int
) -> list[Record]:
    """Return accesses to people kept in a scope, latest first."""
    return await tx.fetch(
        """SELECT id, person, part, action, purpose, at, actor
             FROM access
            WHERE in_scope(unit, $1)
              AND ($2::uuid IS NULL OR person = $2)
              AND ($3::bigint IS NULL OR id < $3)
            ORDER BY id DESC
            LIMIT $4""",
        scope,
        person,
        before,
        limit,
    )
