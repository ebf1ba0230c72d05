"""Remembers people, sealed: who they are, and their political ties."""

from datetime import date
from uuid import UUID

from services.boards.domain.person import (
    Ground,
    Identity,
    Person,
    Profile,
    RecordIntroduction,
    RecordMembership,
    RecordOffice,
    RecordPerson,
    TieGround,
)
from services.boards.store.heard import groups, path_on
from services.boards.store.participation import participants
from services.boards.store.vault import closed, opened, owner
from shared import event_log
from shared.database import Record, Transaction
from shared.events import PersonErased
from shared.seal import Seal


async def ground(tx: Transaction, asked: RecordPerson, scope: list[str]) -> Ground:
    """Lock a person about to be recorded and load what must be known of them."""
    await event_log.lock(tx, asked.person_id)
    elsewhere = await tx.value(
        "SELECT EXISTS (SELECT FROM person WHERE id = $1 AND NOT in_scope(unit, $2))", asked.person_id, scope
    )
    return Ground(await _path_in_scope(tx, asked.unit, scope), elsewhere, await erased(tx, asked.person_id))


async def person(tx: Transaction, person_id: UUID, scope: list[str], seal: Seal) -> Person | None:
    """Lock and load a person with their ties."""
    await event_log.lock(tx, person_id)
    row = await _kept(tx, person_id, scope)
    if row is None:
        return None
    return Person(person_id, row["unit"], opened(seal, row, Profile))


async def tie_ground(
    tx: Transaction,
    person_id: UUID,
    asked: RecordMembership | RecordOffice | RecordIntroduction,
    scope: list[str],
    seal: Seal,
) -> TieGround:
    """Lock and load a person, and the ward or the group that a tie names."""
    found = await person(tx, person_id, scope, seal)
    if isinstance(asked, RecordIntroduction):
        return TieGround(found, ward=await _ward(tx, asked.ward, asked.on, scope))
    wanted = [asked.group] if isinstance(asked, RecordOffice) and asked.group else []
    return TieGround(found, groups=await groups(tx, wanted, scope))


async def erased(tx: Transaction, person_id: UUID) -> bool:
    """Tell whether a person has been erased."""
    return bool(await tx.value("SELECT EXISTS (SELECT FROM person_erased WHERE person = $1)", person_id))


async def to_erase(tx: Transaction, person_id: UUID, scope: list[str], seal: Seal) -> Person | None:
    """Lock and load a person who is to be forgotten, with the names under which they may have been told of.

    Until the person is gone nothing is told apart: `telling` is locked with them.
    """
    await event_log.lock(tx, person_id, "telling")
    row = await _kept(tx, person_id, scope)
    if row is None:
        return None
    return Person(person_id, row["unit"], Profile(), await participants(tx, seal, row["wrapped_key"], person_id))


async def identity(tx: Transaction, person_id: UUID, scope: list[str], seal: Seal) -> Identity | None:
    """Load who a person is."""
    row = await _kept(tx, person_id, scope)
    return opened(seal, row, Identity) if row else None


async def profile(tx: Transaction, person_id: UUID, scope: list[str], seal: Seal) -> Profile | None:
    """Load a person's ties."""
    row = await _kept(tx, person_id, scope)
    return opened(seal, row, Profile) if row else None


async def person_recorded(tx: Transaction, person_id: UUID, unit: str, identity: Identity, seal: Seal) -> None:
    """Keep who a person is, in place of what was known; a new person has a key of their own and no ties."""
    known = await tx.value("SELECT wrapped_key FROM person WHERE id = $1", person_id)
    wrapped = known or seal.new_key(owner(person_id))
    await tx.execute(
        """INSERT INTO person (id, unit, wrapped_key, identity, profile)
                VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (id) DO UPDATE SET unit = excluded.unit, identity = excluded.identity""",
        person_id,
        unit,
        wrapped,
        closed(seal, wrapped, person_id, identity),
        closed(seal, wrapped, person_id, Profile()),
    )


async def profile_recorded(tx: Transaction, person_id: UUID, profile: Profile, seal: Seal) -> None:
    """Keep a person's ties."""
    wrapped = await tx.value("SELECT wrapped_key FROM person WHERE id = $1", person_id)
    await tx.execute(
        "UPDATE person SET profile = $2 WHERE id = $1",
        person_id,
        closed(seal, wrapped, person_id, profile),
    )


async def person_erased(tx: Transaction, event: PersonErased) -> None:
    """Destroy a person's key and all that it sealed; that there was somebody stays, under an id that says nothing."""
    await tx.execute(
        """WITH gone AS (DELETE FROM person WHERE id = $1)
           INSERT INTO person_erased (person, unit, on_day) VALUES ($1, $2, $3)""",
        UUID(event.subject),
        event.unit,
        event.on,
    )


async def _path_in_scope(tx: Transaction, unit: str, scope: list[str]) -> str | None:
    path = await path_on(tx, unit, None)
    return path if path and await tx.value("SELECT in_scope($1, $2)", path, scope) else None


async def _ward(tx: Transaction, unit: str, on: date, scope: list[str]) -> str | None:
    """Return the path of a ward in force on a day, within a scope: a unit under which there is no other."""
    path: str | None = await tx.value(
        """SELECT u.path FROM unit AS u
            WHERE u.unit_id = $1 AND u.established <= $2 AND (u.closed IS NULL OR $2 < u.closed)
              AND in_scope(u.path, $3)
              AND NOT EXISTS (SELECT FROM unit AS below WHERE below.path LIKE u.path || '.%')""",
        unit,
        on,
        scope,
    )
    return path


async def _kept(tx: Transaction, person_id: UUID, scope: list[str]) -> Record | None:
    return await tx.row(
        "SELECT id, unit, wrapped_key, identity, profile FROM person WHERE id = $1 AND in_scope(unit, $2)",
        person_id,
        scope,
    )
