"""Remembers the registers that units keep and the batches of old paper."""

from uuid import UUID

from shared import event_log
from shared.database import Record, Transaction
from shared.events import Register
from shared.events.registers import RegisterConfirmed, RegisterOpened, TakeoverOpened
from shared.registers.domain import Kept


async def taken(tx: Transaction, register_id: UUID, kept: Register, unit: str) -> bool:
    """Lock a register about to be opened and tell whether the unit has one, or the id is in use."""
    await event_log.lock(tx, register_id, f"{kept}/{unit}")
    return tx.was_told_of(register_id) or bool(
        await tx.value("SELECT EXISTS (SELECT FROM register WHERE kept = $1 AND unit_id = $2)", kept, unit)
    )


async def kept(tx: Transaction, register_id: UUID, scope: list[str]) -> Kept | None:
    """Lock and load a register within the caller's scope."""
    await event_log.lock(tx, register_id)
    row = await tx.row(
        "SELECT id, kept, unit, opened, through FROM register WHERE id = $1 AND in_scope(unit, $2)", register_id, scope
    )
    return Kept(row["id"], Register(row["kept"]), row["unit"], row["opened"], row["through"]) if row else None


async def takeover_taken(tx: Transaction, takeover_id: UUID) -> bool:
    """Lock a batch about to be opened and tell whether its id is in use."""
    await event_log.lock(tx, takeover_id)
    return tx.was_told_of(takeover_id)


async def register_opened(tx: Transaction, event: RegisterOpened) -> None:
    """Begin a register."""
    await tx.execute(
        "INSERT INTO register (id, kept, unit, unit_id, opened) VALUES ($1, $2, $3, $4, $5)",
        UUID(event.subject),
        event.register_kept,
        event.unit,
        event.unit.rpartition(".")[2],
        event.on,
    )


async def register_confirmed(tx: Transaction, event: RegisterConfirmed) -> None:
    """Move the day through which a register is complete."""
    await tx.execute("UPDATE register SET through = $2 WHERE id = $1", UUID(event.subject), event.through)


async def takeover_opened(tx: Transaction, event: TakeoverOpened) -> None:
    """Open a batch."""
    await tx.execute(
        "INSERT INTO takeover (id, name, unit) VALUES ($1, $2, $3)", UUID(event.subject), event.name, event.unit
    )


async def registers(tx: Transaction, scope: list[str], unit: str | None) -> list[Record]:
    """Return the registers within a scope, by unit and kind."""
    return await tx.fetch(
        """SELECT id, kept, unit_id AS unit, opened, through FROM register
            WHERE in_scope(unit, $1) AND ($2::text IS NULL OR in_scope(unit, ARRAY[$2]))
            ORDER BY unit, kept""",
        scope,
        unit,
    )
