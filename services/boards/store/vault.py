"""Remembers people's data sealed: each text with the person's own key, padded so that its length says nothing."""

from typing import TypeVar
from uuid import UUID

from services.boards.domain.person import Identity, Profile
from shared.database import Record, Transaction
from shared.seal import Seal

PADDED = {Identity: 512, Profile: 2048}
"""Bytes to whose multiples a text is padded."""

Sealed = TypeVar("Sealed", Identity, Profile)


def owner(person_id: UUID) -> str:
    """Return the name under which a person's data are sealed."""
    return f"person:{person_id}"


def closed(seal: Seal, wrapped_key: bytes, person_id: UUID, content: Identity | Profile) -> bytes:
    """Seal a text with the person's key."""
    plain, least = content.model_dump_json().encode(), PADDED[type(content)]
    return seal.close(wrapped_key, owner(person_id), plain.ljust(-(-len(plain) // least) * least))


def opened(seal: Seal, row: Record, kind: type[Sealed]) -> Sealed:
    """Open a person's identity or profile, from a row with both."""
    return kind.model_validate_json(seal.open(row["wrapped_key"], owner(row["id"]), row[kind.__name__.lower()]))


async def profiles_of_all(tx: Transaction, seal: Seal) -> dict[UUID, tuple[bytes, Profile]]:
    """Load everybody's wrapped key and ties."""
    rows = await tx.fetch("SELECT id, wrapped_key, profile FROM person")
    return {row["id"]: (row["wrapped_key"], opened(seal, row, Profile)) for row in rows}
