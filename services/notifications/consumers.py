"""Hears what somebody must be told of and who they are, and does what is due: decide who is told, and tell them."""

import asyncio
import random
from collections.abc import Sequence
from functools import partial

from services.notifications import domain, store
from services.notifications.domain.delivery import (
    BROKEN,
    LEASE,
    NO_ADDRESS,
    UNCONFIGURED,
    UNREADABLE,
    Letter,
    Outcome,
    Permanent,
    Temporary,
    Withdrawn,
)
from services.notifications.domain.notice import Audience
from services.notifications.gateways import Mail, text
from shared import event_log
from shared.caller import HANOI
from shared.consumers import Consumers, Work
from shared.database import Transaction
from shared.events import (
    BoardFormed,
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingRegistered,
    BuildingUnlinkedFromResidentialGroup,
    Circumstances,
    DataQualityIssueRaised,
    LiaisonNamed,
    PetitionFiled,
    ResidentialGroupFormed,
    Told,
    UnitEstablished,
)
from shared.events.notifications import Channel
from shared.seal import Broken, Seal
from shared.telemetry import log
from shared.uuids import uuid7

SLICE = 100
"""Notices looked at in one transaction."""
AT_ONCE = 10
"""E-mails on their way at the same time."""

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
    await store.notice.occurred(tx, [domain.notice.petition_filed(told) for told in events])


@consumers.on(BoardFormed)
async def board_formed(events: Sequence[Told[BoardFormed]], tx: Transaction) -> None:
    """Tell the ward and the residential groups of the board."""
    await store.notice.occurred(tx, [domain.notice.board_formed(told) for told in events])


@consumers.on(DataQualityIssueRaised)
async def data_quality_issue_raised(events: Sequence[Told[DataQualityIssueRaised]], tx: Transaction) -> None:
    """Tell the unit of the issue."""
    await store.notice.occurred(tx, [domain.notice.data_quality_issue_raised(told) for told in events])


@consumers.due(every=1.0, promptly=True)
async def decide(work: Work) -> None:
    """Find the groups that must be told, and for each open notice the person, once everything needed is known."""
    while await _spread(work) == SLICE:
        pass
    while await _look(work) == SLICE:
        pass


@consumers.due(every=1.0, promptly=True)
async def send(work: Work) -> None:
    """Send the e-mails that are due."""
    if work.settings.smtp_url is None:
        async with work.database.transaction() as tx:
            await store.delivery.not_configured(tx, Channel.EMAIL, SLICE, UNCONFIGURED)
        return
    mail, seal = Mail(work.settings), Seal(work.settings.master_key_file)
    taken = AT_ONCE
    while taken == AT_ONCE:
        async with work.database.transaction() as tx:
            letters = await store.delivery.take(tx, Channel.EMAIL, AT_ONCE, LEASE)
        await asyncio.gather(*map(partial(_send, work, mail, seal), letters))
        taken = len(letters)


async def _spread(work: Work) -> int:
    async with work.database.transaction() as tx:
        occasions = await store.notice.spreading(tx, SLICE)
        pauses = {one.event: domain.notice.pause(one.looks, one.age) for one in occasions}
        await store.notice.spread(tx, pauses, domain.notice.rules_for(Audience.GROUPS))
    return len(occasions)


async def _look(work: Work) -> int:
    async with work.database.transaction() as tx:
        notices = await store.notice.due(tx, SLICE)
        looks = [(one, domain.notice.look(one.known)) for one in notices]
        to_tell = [one for one, look in looks if look.status is domain.notice.Status.DECIDED]
        await store.notice.looked(tx, [(one.id, look) for one, look in looks])
        await store.delivery.decided(tx, [(uuid7(), one, way) for one in to_tell for way in one.known.channels])
    return len(notices)


async def _send(work: Work, mail: Mail, seal: Seal, letter: Letter) -> None:
    try:
        outcome = await _hand_over(work, mail, seal, letter)
    except Exception as error:  # noqa: BLE001 (one letter that cannot be written must not hold up the others)
        log.error("letter failed", id=str(letter.id), exc_info=error)
        outcome = Temporary(BROKEN)
    tried = domain.delivery.tried(outcome, letter.attempt, random.random())  # noqa: S311 (spreads load, keeps no secret)
    async with work.database.transaction() as tx:
        await event_log.lock(tx, letter.id)
        now = await store.delivery.tried(tx, letter, tried)
        if now is None or tried.status is not domain.delivery.Status.FAILED:
            return
        failed = domain.delivery.failed(letter, tried.reason or BROKEN, now.astimezone(HANOI).date())
        found = Circumstances(
            id=uuid7(),
            time=now,
            actor="service:notifications",
            correlation=letter.correlation,
            causation=letter.event,
        )
        await event_log.append_found(tx, failed, found)
    work.told()


async def _hand_over(work: Work, mail: Mail, seal: Seal, letter: Letter) -> Outcome:
    if letter.withdrawn:
        return Withdrawn()
    if letter.wrapped_key is None or letter.sealed is None:
        return Permanent(NO_ADDRESS)
    try:
        address = store.contact.addresses(seal, letter.person, letter.wrapped_key, letter.sealed).email
    except Broken:
        return Permanent(UNREADABLE)
    if address is None:
        return Permanent(NO_ADDRESS)
    said = text(letter.type, letter.parameters, letter.language)
    return await mail.send(letter.id, address, said, letter.language, work.now())
