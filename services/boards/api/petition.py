"""Is asked about residents' petitions (đơn thư)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.petition import FilePetition, FlagComplex, ResolvePetition
from shared import event_log
from shared.errors import NotFound
from shared.events import PetitionFiled, PetitionFlaggedComplex, PetitionResolved, Told
from shared.events.boards import Channel, Outcome, PetitionKind, Topic
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["petitions"])


class PetitionView(BaseModel):
    """A petition and how far it has come."""

    id: UUID
    unit: str
    building: UUID | None
    kind: PetitionKind
    topic: Topic
    channel: Channel
    received: date
    flagged: date | None
    resolved: date | None
    outcome: Outcome | None


class PetitionPage(PetitionView):
    """A petition with the events that made it."""

    history: list[dict[str, Any]]


@router.command("/v1/petitions", needs="petitions.write")
async def file_petition(asked: FilePetition, tx: Deciding, who: By) -> Told[PetitionFiled]:
    """Record that a petition was received."""
    exists, unit = await store.petition.ground(tx, asked, who.scope)
    filed = domain.petition.file(exists=exists, unit=unit, asked=asked)
    await store.petition.petition_filed(tx, filed)
    return await event_log.append(tx, filed, by=who, asked=asked)


@router.command("/v1/petitions/{petition_id}/complexity", needs="petitions.write")
async def flag_complex(petition_id: UUID, asked: FlagComplex, tx: Deciding, who: By) -> Told[PetitionFlaggedComplex]:
    """Flag a petition as a complex case."""
    petition = await store.petition.petition(tx, petition_id, asked.on, who.scope)
    flagged = domain.petition.flag_complex(petition, asked)
    await store.petition.petition_flagged_complex(tx, flagged)
    return await event_log.append(tx, flagged, by=who, asked=asked)


@router.command("/v1/petitions/{petition_id}/resolution", needs="petitions.write")
async def resolve_petition(petition_id: UUID, asked: ResolvePetition, tx: Deciding, who: By) -> Told[PetitionResolved]:
    """Record that a petition was answered."""
    petition = await store.petition.petition(tx, petition_id, asked.on, who.scope)
    resolved = domain.petition.resolve(petition, asked)
    await store.petition.petition_resolved(tx, resolved)
    return await event_log.append(tx, resolved, by=who, asked=asked)


@router.question("/v1/petitions", needs="petitions.read", answers=Page[PetitionView])
async def petitions(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    building: UUID | None = None,
    open_only: Annotated[bool | None, Query(description="Leave out the resolved ones.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[PetitionView]:
    """List the petitions of your units."""
    rows = await store.petition.petitions(tx, list(who.units), building, open_only, after(cursor, UUID), limit + 1)
    return page([PetitionView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/petitions/{petition_id}", needs="petitions.read", answers=PetitionPage)
async def petition(petition_id: UUID, tx: Reading, who: Who, response: Response) -> PetitionPage:
    """Show a petition and its history."""
    row = await store.petition.petition_page(tx, petition_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, petition_id, response)
    return PetitionPage(**row, history=events)
