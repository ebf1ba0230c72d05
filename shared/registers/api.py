"""Is asked to open and confirm registers and to open batches of old paper, in every service that keeps some."""

from collections.abc import Awaitable, Callable
from datetime import date
from types import ModuleType
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from shared import event_log
from shared.database import Transaction
from shared.events import Register, Told
from shared.http import By, Deciding, Reading, Router, Who
from shared.registers import domain, store
from shared.registers.domain import ConfirmRegister, OpenRegister, OpenTakeover

UnitOn = Callable[[Transaction, str, date | None], Awaitable[str | None]]
"""Finds the path of a unit in force on a day, or of one that ever was when no day is given."""


class RegisterView(BaseModel):
    """A register as it stands."""

    id: UUID
    kept: Register
    unit: str
    opened: date
    through: date | None


def router(events: ModuleType, kept_here: frozenset[Register], unit_on: UnitOn) -> Router:
    """Return the endpoints for one service: `events` has its three facts, `unit_on` finds a unit's path on a day."""
    routes = Router(tags=["registers"])
    opened, confirmed, takeover = events.RegisterOpened, events.RegisterConfirmed, events.TakeoverOpened

    async def open_register(asked: OpenRegister, tx: Deciding, who: By) -> Told[Any]:
        """Record that a unit began to keep a register."""
        taken = await store.taken(tx, asked.register_id, asked.register_kept, asked.unit)
        event = domain.open_register(opened, kept_here, taken, await unit_on(tx, asked.unit, asked.on), asked)
        await store.register_opened(tx, event)
        return await event_log.append(tx, event, by=who, asked=asked)

    async def confirm_register(register_id: UUID, asked: ConfirmRegister, tx: Deciding, who: By) -> Told[Any]:
        """Record that a register is complete through a day, inclusive."""
        kept = await store.kept(tx, register_id, who.scope)
        event = domain.confirm_register(confirmed, kept, asked)
        await store.register_confirmed(tx, event)
        return await event_log.append(tx, event, by=who, asked=asked)

    async def open_takeover(asked: OpenTakeover, tx: Deciding, who: By) -> Told[Any]:
        """Open a batch in which old paper is entered; the caller answers for it, the document says why."""
        taken = await store.takeover_taken(tx, asked.takeover_id)
        event = domain.open_takeover(takeover, taken, await unit_on(tx, asked.unit, None), who.today, asked)
        await store.takeover_opened(tx, event)
        return await event_log.append(tx, event, by=who, asked=asked)

    async def registers(tx: Reading, who: Who, unit: str | None = None) -> list[RegisterView]:
        """List the registers of your units; `unit` is a path."""
        return [RegisterView(**row) for row in await store.registers(tx, list(who.units), unit)]

    routes.command("/v1/registers", needs="registers.write", tells=opened)(open_register)
    routes.command("/v1/registers/{register_id}/confirmations", needs="registers.write", tells=confirmed)(
        confirm_register
    )
    routes.command("/v1/takeovers", needs="takeover.write", tells=takeover)(open_takeover)
    routes.question("/v1/registers", needs="registers.read", answers=list[RegisterView])(registers)
    return routes
