"""Remembers how people can be reached; what is personal only sealed."""

from collections.abc import Sequence
from uuid import UUID

from services.notifications.domain.contact import Addresses, Ground
from services.notifications.domain.delivery import ERASED
from shared import event_log
from shared.database import Record, Transaction, columns
from shared.events import ContactRecorded, PersonErased, Told
from shared.seal import Seal


async def ground(tx: Transaction, person: UUID, unit_id: str, scope: list[str]) -> Ground:
    """Lock a person's contact and load what must be known to record it."""
    await event_log.lock(tx, person)
    path = await tx.value("SELECT path FROM unit WHERE id = $1", unit_id)
    elsewhere = await tx.value(
        "SELECT EXISTS (SELECT FROM contact WHERE person = $1 AND NOT in_scope(unit, $2))", person, scope
    )
    return Ground(path, elsewhere, await erased(tx, person))


async def erased(tx: Transaction, person: UUID) -> bool:
    """Tell whether a person was erased."""
    known: bool = await tx.value("SELECT EXISTS (SELECT FROM erased WHERE person = $1)", person)
    return known


async def contact_recorded(tx: Transaction, event: ContactRecorded, addresses: Addresses, seal: Seal) -> None:
    """Keep a contact in place of an earlier one, sealed under a new key."""
    person, owner = UUID(event.subject), _owner(event.subject)
    wrapped_key = seal.new_key(owner)
    await tx.execute(
        """INSERT INTO contact (person, unit, language, channels, wrapped_key, sealed)
                VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (person) DO UPDATE
                   SET unit = excluded.unit, language = excluded.language, channels = excluded.channels,
                       wrapped_key = excluded.wrapped_key, sealed = excluded.sealed""",
        person,
        event.unit,
        event.language,
        list(event.channels),
        wrapped_key,
        seal.close(wrapped_key, owner, addresses.model_dump_json().encode()),
    )


async def person_erased(tx: Transaction, events: Sequence[Told[PersonErased]]) -> None:
    """Destroy contacts, keys and all; what has not been sent to those people is not sent any more."""
    people = [UUID(told.subject) for told in events]
    await tx.execute(
        """INSERT INTO person_erased (event, person)
                SELECT * FROM unnest($1::uuid[], $2::uuid[])
           ON CONFLICT (event) DO NOTHING""",
        *columns(events, "id"),
        people,
    )
    # Whoever records a contact holds the person until it is there: either it is seen here, or they see the erasure.
    await tx.execute(
        """SELECT pg_advisory_xact_lock(hashtextextended('subject:' || p, 0))
             FROM (SELECT DISTINCT p FROM unnest($1::text[]) AS p ORDER BY p) AS x""",
        sorted(map(str, people)),
    )
    await tx.execute(
        "DELETE FROM contact WHERE person = ANY ($1) AND person IN (SELECT e.person FROM erased AS e)", people
    )
    await tx.execute(
        """UPDATE delivery SET status = 'SUPPRESSED', reason = $2, next_at = NULL
            WHERE person = ANY ($1) AND status = 'DUE' AND person IN (SELECT e.person FROM erased AS e)""",
        people,
        ERASED,
    )


async def contact(tx: Transaction, person: UUID, scope: list[str]) -> Record | None:
    """Return a contact within a scope, as it is kept."""
    return await tx.row(
        """SELECT person, unit, language, channels, wrapped_key, sealed
             FROM contact
            WHERE person = $1 AND in_scope(unit, $2)""",
        person,
        scope,
    )


def addresses(seal: Seal, person: UUID, wrapped_key: bytes, sealed: bytes) -> Addresses:
    """Open what is sealed; raise `shared.seal.Broken` when it does not open."""
    return Addresses.model_validate_json(seal.open(wrapped_key, _owner(str(person)), sealed))


def _owner(person: str) -> str:
    return f"contact:{person}"
