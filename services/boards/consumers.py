"""Hears which units and buildings there are, and where each building lies."""

from collections.abc import Sequence

from services.boards import store
from shared.consumers import Consumers
from shared.database import Transaction
from shared.events import BuildingAssignedToUnit, BuildingRegistered, Told, UnitClosed, UnitEstablished

consumers = Consumers("boards")


@consumers.on(UnitEstablished)
async def unit_established(events: Sequence[Told[UnitEstablished]], tx: Transaction) -> None:
    """A petition about no building, and a register, belong to a unit."""
    await store.heard.unit_established(tx, events)


@consumers.on(UnitClosed)
async def unit_closed(events: Sequence[Told[UnitClosed]], tx: Transaction) -> None:
    """From that day nothing can be filed there."""
    await store.heard.unit_closed(tx, events)


@consumers.on(BuildingRegistered)
async def building_registered(events: Sequence[Told[BuildingRegistered]], tx: Transaction) -> None:
    """A board is formed for a building; its size depends on the blocks."""
    await store.heard.building_registered(tx, events)


@consumers.on(BuildingAssignedToUnit)
async def building_assigned_to_unit(events: Sequence[Told[BuildingAssignedToUnit]], tx: Transaction) -> None:
    """A board and a petition belong to the unit in which the building lay on their day."""
    await store.heard.building_assigned_to_unit(tx, events)
