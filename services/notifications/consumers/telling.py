"""Does what is due: decides who is told, sends e-mails and calls systems, and tells what had to be given up."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

from services.notifications import domain, store
from services.notifications.consumers.hearing import consumers
from services.notifications.domain.delivery import (
    BROKEN,
    LEASE,
    NO_ADDRESS,
    UNCONFIGURED,
    UNREADABLE,
    Letter,
    Outcome,
    Permanent,
    Person,
    Temporary,
    Way,
    Withheld,
)
from services.notifications.domain.occasion import Audience
from services.notifications.gateways import Mail, Systems, made_up, message, text
from shared import event_log
from shared.caller import HANOI
from shared.consumers import Work
from shared.events import Circumstances
from shared.seal import Broken, Seal
from shared.telemetry import log
from shared.uuids import uuid7

SLICE = 100
"""Notices looked at in one transaction."""
AT_ONCE = 10
"""E-mails, or calls, on their way at the same time."""

HandOver = Callable[[Letter], Awaitable[Outcome]]


@consumers.due(every=1.0, promptly=True)
async def decide(work: Work) -> None:
    """Find the groups and boards that must be told, and for each open notice the person, once all needed is known."""
    while await _spread(work) == SLICE:
        pass
    while await _look(work) == SLICE:
        pass


@consumers.due(every=1.0, promptly=True)
async def send(work: Work) -> None:
    """Send the e-mails that are due."""
    if work.settings.smtp_url is None:
        async with work.database.transaction() as tx:
            await store.delivery.not_configured(tx, Way.EMAIL, SLICE, UNCONFIGURED)
        return
    mail, seal = Mail(work.settings), Seal(work.settings.master_key_file)
    await _deliver(work, Way.EMAIL, partial(_send, work, mail, seal))


@consumers.due(every=1.0, promptly=True)
async def call(work: Work) -> None:
    """Call the systems that are due to be told."""
    systems, seal = Systems(work.settings), Seal(work.settings.master_key_file)
    await _deliver(work, Way.WEBHOOK, partial(_call, work, systems, seal))


async def _spread(work: Work) -> int:
    async with work.database.transaction() as tx:
        occasions = await store.notice.spreading(tx, SLICE)
        pauses = {one.event: domain.notice.pause(one.looks, one.age) for one in occasions}
        await store.notice.spread_to_groups(tx, list(pauses), domain.occasion.rules_for(Audience.GROUPS))
        await store.notice.spread_to_boards(tx, list(pauses), domain.occasion.rules_for(Audience.BOARDS))
        await store.notice.spread(tx, pauses)
    return len(occasions)


async def _look(work: Work) -> int:
    async with work.database.transaction() as tx:
        notices = await store.notice.due(tx, SLICE)
        looks = [(one, domain.notice.look(one.known)) for one in notices]
        to_tell = [one for one, look in looks if look.status is domain.notice.Status.DECIDED]
        await store.notice.looked(tx, [(one.id, look) for one, look in looks])
        await store.delivery.decided(tx, [(uuid7(), one, way) for one in to_tell for way in one.known.ways])
    return len(notices)


async def _deliver(work: Work, way: Way, hand_over: HandOver) -> None:
    taken = AT_ONCE
    while taken == AT_ONCE:
        async with work.database.transaction() as tx:
            letters = await store.delivery.take(tx, way, AT_ONCE, LEASE)
        await asyncio.gather(*(_try(work, hand_over, letter) for letter in letters))
        taken = len(letters)


async def _try(work: Work, hand_over: HandOver, letter: Letter) -> None:
    try:
        outcome = Withheld(letter.withheld) if letter.withheld else await hand_over(letter)
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


async def _send(work: Work, mail: Mail, seal: Seal, letter: Letter) -> Outcome:
    assert isinstance(letter.to, Person)
    if letter.wrapped_key is None or letter.sealed is None:
        return Permanent(NO_ADDRESS)
    try:
        address = store.contact.addresses(seal, letter.to.id, letter.wrapped_key, letter.sealed).email
    except Broken:
        return Permanent(UNREADABLE)
    if address is None:
        return Permanent(NO_ADDRESS)
    language = letter.to.language
    said = text(letter.type, letter.parameters, language, synthetic=made_up(work.settings))
    return await mail.send(letter.id, address, said, language, work.now())


async def _call(work: Work, systems: Systems, seal: Seal, letter: Letter) -> Outcome:
    if letter.wrapped_key is None or letter.sealed is None:
        return Permanent(NO_ADDRESS)
    try:
        endpoint = store.webhook.opened(seal, letter.to.id, letter.wrapped_key, letter.sealed)
    except Broken:
        return Permanent(UNREADABLE)
    said = message(letter, synthetic=made_up(work.settings))
    return await systems.send(letter.id, endpoint, said, work.now())
