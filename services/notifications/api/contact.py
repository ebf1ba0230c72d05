"""Is asked how people can be reached; it never tells an address."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.notifications import domain, store
from services.notifications.domain.contact import RecordContact
from shared import event_log
from shared.errors import NotFound
from shared.events import ContactRecorded, Told
from shared.events.notifications import Channel, Language
from shared.http import By, Deciding, Reading, Router, Who, history

router = Router(tags=["contacts"])


class ContactPage(BaseModel):
    """How a person can be reached, addresses masked, and the events that made it so."""

    person: UUID
    unit: str
    language: Language
    channels: list[Channel]
    email: str | None
    phone: str | None
    history: list[dict[str, Any]]


@router.command("/v1/contacts", needs="contacts.write")
async def record_contact(asked: RecordContact, tx: Deciding, who: By, request: Request) -> Told[ContactRecorded]:
    """Record how a person can be reached; recorded again, it replaces what was known."""
    ground = await store.contact.ground(tx, asked.person, asked.unit, who.scope)
    event = domain.contact.record(ground, asked, who.today)
    await store.contact.contact_recorded(tx, event, asked.addresses, request.app.state.seal)
    return await event_log.append(tx, event, by=who)


@router.question("/v1/contacts/{person}", needs="contacts.read", answers=ContactPage)
async def contact(person: UUID, tx: Reading, who: Who, request: Request, response: Response) -> ContactPage:
    """Show by which channels and in which language a person can be reached."""
    row = await store.contact.contact(tx, person, list(who.units))
    if row is None:
        raise NotFound
    known = store.contact.addresses(request.app.state.seal, person, row["wrapped_key"], row["sealed"])
    return ContactPage(
        person=person,
        unit=row["unit"],
        language=row["language"],
        channels=row["channels"],
        email=domain.contact.masked_email(known.email),
        phone=domain.contact.masked_phone(known.phone),
        history=await history(tx, person, response),
    )
