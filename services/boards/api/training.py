"""Is asked about classes (tập huấn) for board heads."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.training import AnnounceTraining, HoldTraining
from shared import event_log
from shared.errors import NotFound
from shared.events import Told, TrainingAnnounced, TrainingHeld
from shared.events.boards import TrainingTopic
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["programme"])


class TrainingView(BaseModel):
    """A class: as it was announced, and as it was held, if it was."""

    id: UUID
    unit: str
    announced: date
    planned: date
    topics: list[TrainingTopic]
    held: date | None
    taught: list[TrainingTopic] | None


class TrainingPage(TrainingView):
    """A class with who attended it and the events that made it."""

    attended: list[UUID]
    history: list[dict[str, Any]]


@router.command("/v1/trainings", needs="programme.write")
async def announce_training(asked: AnnounceTraining, tx: Deciding, who: By) -> Told[TrainingAnnounced]:
    """Record that a class was announced."""
    exists, unit = await store.training.ground(tx, asked)
    announced = domain.training.announce(exists=exists, unit=unit, asked=asked)
    await store.training.training_announced(tx, announced)
    return await event_log.append(tx, announced, by=who, asked=asked)


@router.command("/v1/trainings/{training_id}/held", needs="programme.write")
async def hold_training(training_id: UUID, asked: HoldTraining, tx: Deciding, who: By) -> Told[TrainingHeld]:
    """Record that a class was held."""
    training = await store.training.training(tx, training_id, who.scope)
    held = domain.training.hold(training, asked)
    await store.training.training_held(tx, held)
    return await event_log.append(tx, held, by=who, asked=asked)


@router.question("/v1/trainings", needs="programme.read", answers=Page[TrainingView])
async def trainings(
    tx: Reading, who: Who, request: Request, response: Response, limit: Limit = 100, cursor: Cursor = None
) -> Page[TrainingView]:
    """List the classes of your units."""
    rows = await store.training.trainings(tx, list(who.units), after(cursor, UUID), limit + 1)
    return page([TrainingView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/trainings/{training_id}", needs="programme.read", answers=TrainingPage)
async def training(training_id: UUID, tx: Reading, who: Who, response: Response) -> TrainingPage:
    """Show a class: what it taught, who attended, history."""
    row = await store.training.training_page(tx, training_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, training_id, response)
    return TrainingPage(**row, history=events)
