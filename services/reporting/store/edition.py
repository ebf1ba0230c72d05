"""Remembers by which definitions entries and sums are derived, and how their last comparison ended."""

from dataclasses import dataclass
from datetime import datetime

from services.reporting.store import definitions
from shared.database import Transaction


async def noted(tx: Transaction) -> bool:
    """Note this process's definitions where nothing was derived yet; tell whether any are noted."""
    await tx.execute(
        "UPDATE reader SET derived_by = $1 WHERE derived_by IS NULL AND position = 0", definitions.derived_by()
    )
    return bool(await tx.value("SELECT derived_by IS NOT NULL FROM reader"))


async def adopted(tx: Transaction) -> None:
    """Note this process's definitions for what was derived before any were noted."""
    await tx.execute("UPDATE reader SET derived_by = $1 WHERE derived_by IS NULL", definitions.derived_by())


async def ours(tx: Transaction) -> bool:
    """Tell whether entries and sums are derived by this process's definitions."""
    return bool(await tx.value("SELECT derived_by IS NOT DISTINCT FROM $1 FROM reader", definitions.derived_by()))


async def position(tx: Transaction) -> int | None:
    """Return how far the journal goes; nothing where entries and sums are derived by others than ours."""
    found: int | None = await tx.value(
        "SELECT position FROM reader WHERE coalesce(derived_by, $1) = $1", definitions.derived_by()
    )
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the last comparison ended."""

    ended: datetime
    seconds: float
    differences: int


async def begin_comparison(tx: Transaction, unless_since: datetime, now: datetime) -> bool:
    """Note that a comparison begins; tell whether none has ended since a moment, and none is under way anywhere.

    One that was cut off is begun again an hour later. By other definitions than those in use nothing is compared.
    """
    return bool(
        await tx.value(
            """UPDATE comparison SET begun = $2
                WHERE coalesce(ended, '-infinity') < $1 AND begun < $2::timestamptz - interval '1 hour'
                  AND EXISTS (SELECT FROM reader WHERE derived_by IS NOT DISTINCT FROM $3)
            RETURNING true""",
            unless_since,
            now,
            definitions.derived_by(),
        )
    )


async def end_comparison(tx: Transaction, found: Comparison) -> None:
    """Note how a comparison ended."""
    await tx.execute(
        "UPDATE comparison SET ended = $1, seconds = $2, differences = $3",
        found.ended,
        found.seconds,
        found.differences,
    )


async def last_comparison(tx: Transaction) -> Comparison | None:
    """Return how the last comparison ended, if any did."""
    row = await tx.row("SELECT ended, seconds, differences FROM comparison WHERE ended IS NOT NULL")
    return Comparison(row["ended"], row["seconds"], row["differences"]) if row else None
