"""Is asked, in confidence, who people are and what political ties they have; every look is recorded."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.access import Access, Action, Part
from services.boards.domain.person import EndTie, Purpose, RecordPerson, RecordTie, Tie, WithdrawTie
from shared import event_log
from shared.caller import Asked
from shared.errors import NotFound
from shared.events import PersonErased, Told
from shared.http import By, Cursor, Deciding, DecidingRestricted, Limit, Page, Reading, Router, Who, after, page

router = Router(tags=["people"])

Why = Annotated[Purpose, Query(description="For what you look; it is recorded.")]


class AccessView(Access):
    """A recorded access in a list."""

    id: int


class IdentityView(BaseModel):
    """Who a person is and how to reach them."""

    person: UUID
    name: str
    born: int | None
    email: str | None
    phone: str | None


class ProfileView(BaseModel):
    """A person's political ties, present and past."""

    person: UUID
    ties: list[Tie]


@router.confidential("/v1/people", needs="people.write", answers=Access)
async def record_person(asked: RecordPerson, tx: Deciding, who: By, request: Request) -> Access:
    """Record who a person is; recorded again, it replaces what was known, and the ties stay."""
    ground = await store.person.ground(tx, asked, who.scope)
    unit, identity = domain.person.record(ground, asked)
    await store.person.person_recorded(tx, asked.person_id, unit, identity, request.app.state.seal)
    return await store.access.recorded(
        tx, who, request.app.state.seal, asked.person_id, Part.IDENTITY, Action.WRITTEN, asked.purpose
    )


@router.confidential("/v1/people/{person_id}/ties", needs="profiles.write", answers=Access)
async def record_tie(person_id: UUID, asked: RecordTie, tx: Deciding, who: By, request: Request) -> Access:
    """Record a political tie: a party membership, an office in a residential group, an introduction to a board."""
    ground = await store.person.tie_ground(tx, person_id, asked, who.scope, request.app.state.seal)
    profile = domain.person.tie(ground, asked, who.today, kept=request.app.state.settings.participation)
    await store.person.profile_recorded(tx, person_id, profile, request.app.state.seal)
    return await store.access.recorded(
        tx, who, request.app.state.seal, person_id, Part.PROFILE, Action.WRITTEN, asked.purpose
    )


@router.confidential("/v1/people/{person_id}/ties/{tie_id}/end", needs="profiles.write", answers=Access)
async def end_tie(person_id: UUID, tie_id: UUID, asked: EndTie, tx: Deciding, who: By, request: Request) -> Access:
    """Record that a party membership or an office ended."""
    person = await store.person.person(tx, person_id, who.scope, request.app.state.seal)
    profile = domain.person.end_tie(person, tie_id, asked)
    await store.person.profile_recorded(tx, person_id, profile, request.app.state.seal)
    return await store.access.recorded(
        tx, who, request.app.state.seal, person_id, Part.PROFILE, Action.WRITTEN, asked.purpose
    )


@router.confidential("/v1/people/{person_id}/ties/{tie_id}/withdrawal", needs="profiles.write", answers=Access)
async def withdraw_tie(
    person_id: UUID, tie_id: UUID, asked: WithdrawTie, tx: Deciding, who: By, request: Request
) -> Access:
    """Take back a tie that was entered by mistake: it never was."""
    person = await store.person.person(tx, person_id, who.scope, request.app.state.seal)
    profile = domain.person.withdraw_tie(person, tie_id)
    await store.person.profile_recorded(tx, person_id, profile, request.app.state.seal)
    return await store.access.recorded(
        tx, who, request.app.state.seal, person_id, Part.PROFILE, Action.WRITTEN, asked.purpose
    )


@router.confidential("/v1/people/{person_id}", method="GET", needs="people.read", answers=IdentityView)
async def identity(person_id: UUID, purpose: Why, tx: Deciding, who: By, request: Request) -> IdentityView:
    """Show who a person is, for a purpose that is recorded."""
    found = await store.person.identity(tx, person_id, who.scope, request.app.state.seal)
    if found is None:
        raise NotFound
    await store.access.recorded(tx, who, request.app.state.seal, person_id, Part.IDENTITY, Action.READ, purpose)
    return IdentityView(person=person_id, **found.model_dump())


@router.confidential("/v1/people/{person_id}/profile", method="GET", needs="profiles.read", answers=ProfileView)
async def profile(person_id: UUID, purpose: Why, tx: Deciding, who: By, request: Request) -> ProfileView:
    """Show a person's political ties, for a purpose that is recorded."""
    found = await store.person.profile(tx, person_id, who.scope, request.app.state.seal)
    if found is None:
        raise NotFound
    await store.access.recorded(tx, who, request.app.state.seal, person_id, Part.PROFILE, Action.READ, purpose)
    return ProfileView(person=person_id, ties=list(found.ties))


@router.command("/v1/people/{person_id}/erasure", needs="people.erase")
async def erase_person(
    person_id: UUID, asked: Asked, tx: Deciding, apart: DecidingRestricted, who: By, request: Request
) -> Told[PersonErased]:
    """Forget a person: their key is destroyed, and with it all that it sealed; counts go on without them.

    First it is noted apart what must be told of their participations, for afterwards nobody can say which they were.
    """
    person = await store.person.to_erase(tx, person_id, who.scope, request.app.state.seal)
    erased = domain.person.erase(person, who.today, erased=await store.person.erased(tx, person_id))
    await store.participation.forgotten(apart, person)
    await store.person.person_erased(tx, erased)
    return await event_log.append(tx, erased, by=who, asked=asked)


@router.question("/v1/accesses", needs="accesses.read", answers=Page[AccessView])
async def accesses(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    person: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AccessView]:
    """List who looked at or entered whose data, of the people your units keep, latest first."""
    rows = await store.access.accesses(tx, list(who.units), person, after(cursor, int), limit + 1)
    seal = request.app.state.seal
    seen = [AccessView(id=row["number"], **dict(store.access.shown(seal, row))) for row in rows]
    return page(seen, limit, "id", request, response)
