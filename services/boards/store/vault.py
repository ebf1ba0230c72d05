"""Remembers people's data sealed: each text with the person's own key, and all of one kind equally long."""

from typing import TypeVar
from uuid import UUID

from services.boards.domain.access import Access
from services.boards.domain.person import Identity, Profile, TooMuchToKeep
from shared.database import Record, Transaction
from shared.seal import Seal

LENGTH = {Identity: 4096, Profile: 8192, Access: 1024}
"""Bytes to which a text is padded, so that its length says nothing: some forty ties."""

Sealed = TypeVar("Sealed", Identity, Profile, Access)


def owner(person_id: UUID) -> str:
    """Return the name under which a person's data are sealed."""
    return f"person:{person_id}"


def closed(seal: Seal, wrapped_key: bytes, person_id: UUID, content: Identity | Profile | Access) -> bytes:
    """Seal a text with the person's key."""
    plain, length = content.model_dump_json().encode(), LENGTH[type(content)]
    if len(plain) > length:
        raise TooMuchToKeep
    return seal.close(wrapped_key, owner(person_id), plain.ljust(length))


def opened(seal: Seal, row: Record, kind: type[Sealed]) -> Sealed:
    """Open what is kept of a person in the column that bears the name of its kind."""
    return kind.model_validate_json(seal.open(row["wrapped_key"], owner(row["id"]), row[kind.__name__.lower()]))


async def profiles_of_all(tx: Transaction, seal: Seal) -> dict[UUID, tuple[bytes, Profile]]:
    """Load everybody's wrapped key and ties."""
    rows = await tx.fetch("SELECT id, wrapped_key, profile FROM person")
    return {row["id"]: (row["wrapped_key"], opened(seal, row, Profile)) for row in rows}
