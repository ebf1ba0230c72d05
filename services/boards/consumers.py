"""Hears which units, groups and buildings there are, and when reports are due; tells apart at the end of a day."""

from collections.abc import Sequence

from services.boards import domain, store
from shared.caller import HANOI
from shared.consumers import Consumers, Work
from shared.database import Transaction
from shared.events import (
    BuildingAssignedToUnit,
    BuildingRegistered,
    PeriodDeclared,
    ResidentialGroupDissolved,
    ResidentialGroupFormed,
    Told,
    UnitClosed,
    UnitEstablished,
)

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


@consumers.on(ResidentialGroupFormed)
async def residential_group_formed(events: Sequence[Told[ResidentialGroupFormed]], tx: Transaction) -> None:
    """Cells, bodies, regulations and overlaps are about groups."""
    await store.heard.residential_group_formed(tx, events)


@consumers.on(ResidentialGroupDissolved)
async def residential_group_dissolved(events: Sequence[Told[ResidentialGroupDissolved]], tx: Transaction) -> None:
    """From that day nothing begins that is about the group."""
    await store.heard.residential_group_dissolved(tx, events)


@consumers.on(PeriodDeclared)
async def period_declared(events: Sequence[Told[PeriodDeclared]], tx: Transaction) -> None:
    """Political participation is told for the period of a report, and no finer."""
    await store.heard.period_declared(tx, events)


@consumers.due(every=60.0)
async def participation_is_due(work: Work) -> None:
    """Tell political participation by itself: once a period is over, and of changes to it once a month."""
    assert work.seal is not None
    assert work.restricted is not None
    today, kept = work.now().astimezone(HANOI).date(), work.settings.participation
    async with work.restricted.transaction() as apart:
        last = await store.participation.last_day(apart)
    left = True
    while left:
        async with work.restricted.transaction() as apart, work.database.transaction(snapshot=True) as tx:
            told = await store.participation.told(apart)
            known = await store.participation.periods(tx)
            periods = domain.participation.ended(known, today, kept=kept)
            wanted, facts = {}, []
            if domain.participation.due(known, last, today):
                wanted = await store.participation.wanted(tx, work.seal, periods, today)
                facts = domain.participation.facts(wanted, domain.participation.concerned(told, periods, kept=kept))
            left = await store.participation.tell(apart, facts, work.now()) < len(facts)
            if not left and last != today:
                await store.participation.looked(apart, today)
        work.told_restricted()
