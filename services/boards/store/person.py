"""Remembers people, sealed: who they are, and their political ties."""

from uuid import UUID

from services.boards.domain.person import Ground, Identity, Person, Profile, RecordPerson
from services.boards.store.heard import path_on
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
    erased = await tx.value("SELECT EXISTS (SELECT FROM person_erased WHERE person = $1)", asked.person_id)
    return Ground(await _path_in_scope(tx, asked.unit, scope), elsewhere, erased)


async def person(tx: Transaction, person_id: UUID, scope: list[str], seal: Seal) -> Person | None:
    """Lock and load a person with their ties."""
    await event_log.lock(tx, person_id)
    row = await _kept(tx, person_id, scope)
    if row is None:
        return None
    return Person(person_id, row["unit"], opened(seal, row, Profile))


async def to_erase(tx: Transaction, person_id: UUID, scope: list[str], seal: Seal) -> Person | None:
    """Lock and load a person who is to be forgotten, with the names under which they may have been told of."""
    await event_log.lock(tx, person_id)
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


async def _kept(tx: Transaction, person_id: UUID, scope: list[str]) -> Record | None:
    return await tx.row(
        "SELECT id, unit, wrapped_key, identity, profile FROM person WHERE id = $1 AND in_scope(unit, $2)",
        person_id,
        scope,
    )
