"""Hears what somebody must be told of, who holds which place, and who is to be forgotten."""

from collections.abc import Sequence

from services.notifications import domain, store
from shared.consumers import Consumers
from shared.database import Transaction
from shared.events import (
    BoardClosed,
    BoardConsolidated,
    BoardFormed,
    BoardMemberEnded,
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingRegistered,
    BuildingUnlinkedFromResidentialGroup,
    DataQualityIssueRaised,
    DirectiveIssued,
    LiaisonNamed,
    PersonErased,
    PetitionFiled,
    ResidentialGroupFormed,
    Told,
    TrainingAnnounced,
    UnitEstablished,
)

consumers = Consumers("notifications")


@consumers.on(UnitEstablished)
async def unit_established(events: Sequence[Told[UnitEstablished]], tx: Transaction) -> None:
    """Know the unit's name and path."""
    await store.heard.unit_established(tx, events)


@consumers.on(LiaisonNamed)
async def liaison_named(events: Sequence[Told[LiaisonNamed]], tx: Transaction) -> None:
    """From that day tell the person what the place is told."""
    await store.heard.liaison_named(tx, events)


@consumers.on(ResidentialGroupFormed)
async def residential_group_formed(events: Sequence[Told[ResidentialGroupFormed]], tx: Transaction) -> None:
    """Know the group's number."""
    await store.heard.residential_group_formed(tx, events)


@consumers.on(BuildingRegistered)
async def building_registered(events: Sequence[Told[BuildingRegistered]], tx: Transaction) -> None:
    """Know the building's name and where it lies."""
    await store.heard.building_registered(tx, events)


@consumers.on(BuildingAssignedToUnit)
async def building_assigned_to_unit(events: Sequence[Told[BuildingAssignedToUnit]], tx: Transaction) -> None:
    """From now on show what concerns the building to the ward it lies in."""
    await store.heard.building_assigned_to_unit(tx, events)


@consumers.on(BuildingLinkedToResidentialGroup)
async def building_linked_to_residential_group(
    events: Sequence[Told[BuildingLinkedToResidentialGroup]], tx: Transaction
) -> None:
    """From that day tell the group what concerns the building."""
    await store.heard.building_linked_to_residential_group(tx, events)


@consumers.on(BuildingUnlinkedFromResidentialGroup)
async def building_unlinked_from_residential_group(
    events: Sequence[Told[BuildingUnlinkedFromResidentialGroup]], tx: Transaction
) -> None:
    """From that day tell the group no more what concerns the building."""
    await store.heard.building_unlinked_from_residential_group(tx, events)


@consumers.on(PetitionFiled)
async def petition_filed(events: Sequence[Told[PetitionFiled]], tx: Transaction) -> None:
    """Tell the unit of the petition."""
    await store.notice.occurred(tx, [domain.occasion.petition_filed(told) for told in events])


@consumers.on(BoardFormed)
async def board_formed(events: Sequence[Told[BoardFormed]], tx: Transaction) -> None:
    """Know the board and its head; tell the ward and the residential groups of it."""
    await store.board.board_formed(tx, events)
    await store.notice.occurred(tx, [domain.occasion.board_formed(told) for told in events])


@consumers.on(BoardConsolidated)
async def board_consolidated(events: Sequence[Told[BoardConsolidated]], tx: Transaction) -> None:
    """From that day know another head, or the same for another term."""
    await store.board.board_consolidated(tx, events)


@consumers.on(BoardMemberEnded)
async def board_member_ended(events: Sequence[Told[BoardMemberEnded]], tx: Transaction) -> None:
    """From that day tell the person nothing that a head is told."""
    await store.board.board_member_ended(tx, events)


@consumers.on(BoardClosed)
async def board_closed(events: Sequence[Told[BoardClosed]], tx: Transaction) -> None:
    """From that day tell nobody what boards are told."""
    await store.board.board_closed(tx, events)


@consumers.on(DirectiveIssued)
async def directive_issued(events: Sequence[Told[DirectiveIssued]], tx: Transaction) -> None:
    """Tell each unit that the directive names."""
    await store.notice.occurred(tx, [domain.occasion.directive_issued(told) for told in events])


@consumers.on(TrainingAnnounced)
async def training_announced(events: Sequence[Told[TrainingAnnounced]], tx: Transaction) -> None:
    """Tell the heads of boards within the unit."""
    await store.notice.occurred(tx, [domain.occasion.training_announced(told) for told in events])


@consumers.on(DataQualityIssueRaised)
async def data_quality_issue_raised(events: Sequence[Told[DataQualityIssueRaised]], tx: Transaction) -> None:
    """Tell the unit of the issue."""
    await store.notice.occurred(tx, [domain.occasion.data_quality_issue_raised(told) for told in events])


@consumers.on(PersonErased)
async def person_erased(events: Sequence[Told[PersonErased]], tx: Transaction) -> None:
    """Forget how the person can be reached."""
    await store.contact.person_erased(tx, events)
