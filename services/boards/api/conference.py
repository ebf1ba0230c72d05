"""Is asked about conferences (hội nghị) and speeches (tham luận)."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.conference import RecordConference, RecordSpeech
from shared import event_log
from shared.errors import NotFound
from shared.events import ConferenceHeld, SpeechRecorded, Told
from shared.events.boards import Bloc, ConferenceKind, Invitation, SpeechTopic
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["programme"])


class ConferenceView(BaseModel):
    """A conference, and the paper that it reviewed, if any."""

    id: UUID
    unit: str
    held: date
    kind: ConferenceKind
    reviewed_symbol: str | None
    reviewed_date: date | None
    reviewed_issuer: str | None


class Speech(BaseModel):
    """A speech held at a conference."""

    on: date
    bloc: Bloc
    topic: SpeechTopic


class ConferencePage(ConferenceView):
    """A conference with its invitations, its speeches, and the events that made it."""

    invitations: list[Invitation]
    speeches: list[Speech]
    history: list[dict[str, Any]]


@router.command("/v1/conferences", needs="programme.write")
async def record_conference(asked: RecordConference, tx: Deciding, who: By) -> Told[ConferenceHeld]:
    """Record that a conference was held."""
    ground = await store.conference.ground(tx, asked)
    held = domain.conference.hold(ground, asked)
    await store.conference.conference_held(tx, held)
    return await event_log.append(tx, held, by=who, asked=asked)


@router.command("/v1/conferences/{conference_id}/speeches", needs="programme.write")
async def record_speech(conference_id: UUID, asked: RecordSpeech, tx: Deciding, who: By) -> Told[SpeechRecorded]:
    """Record that a speech was held at a conference; ask again under an Idempotency-Key, for two may be alike."""
    conference = await store.conference.conference(tx, conference_id, who.scope)
    spoken = domain.conference.speak(conference, asked)
    await store.conference.speech_recorded(tx, spoken)
    return await event_log.append(tx, spoken, by=who, asked=asked)


@router.question("/v1/conferences", needs="programme.read", answers=Page[ConferenceView])
async def conferences(
    tx: Reading, who: Who, request: Request, response: Response, limit: Limit = 100, cursor: Cursor = None
) -> Page[ConferenceView]:
    """List the conferences of your units."""
    rows = await store.conference.conferences(tx, list(who.units), after(cursor, UUID), limit + 1)
    return page([ConferenceView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/conferences/{conference_id}", needs="programme.read", answers=ConferencePage)
async def conference(conference_id: UUID, tx: Reading, who: Who, response: Response) -> ConferencePage:
    """Show a conference: whom it invited and who came, speeches, history."""
    row = await store.conference.conference_page(tx, conference_id, list(who.units))
    if row is None:
        raise NotFound
    listed = {name: orjson.loads(row[name] or "[]") for name in ("invitations", "speeches")}
    events = await history(tx, conference_id, response)
    return ConferencePage(**{**row, **listed}, history=events)
