"""Is asked about management boards (ban quản trị)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.board import CloseBoard, FormBoard
from shared import event_log
from shared.errors import NotFound
from shared.events import BoardClosed, BoardFormed, Told
from shared.events.boards import Role
from shared.http import By, Cursor, Deciding, Limit, OnDay, Page, Reading, Router, Who, after, history, page

router = Router(tags=["boards"])


class BoardView(BaseModel):
    """A board in a list, with its last term."""

    id: UUID
    unit: str
    formed: date
    symbol: str
    issuer: str
    term_from: date
    term_to: date
    closed: date | None
    buildings: list[UUID]


class Term(BaseModel):
    """A term of a board, both days included."""

    term_from: date
    term_to: date


class Seat(BaseModel):
    """Who sat on a board in which role; `until_day` is the first day without."""

    person: UUID
    role: Role
    from_day: date
    until_day: date | None


class BoardPage(BoardView):
    """A board with its terms, members and reviews, whether it is in force, and the events that made it."""

    elected_on: date | None
    reason: str | None
    in_force: bool
    terms: list[Term]
    members: list[Seat]
    reviews: list[date]
    history: list[dict[str, Any]]


@router.command("/v1/boards", needs="boards.write")
async def form_board(asked: FormBoard, tx: Deciding, who: By) -> Told[BoardFormed]:
    """Record that a new board has been recognised."""
    ground = await store.board.ground(tx, asked, who.scope)
    formed = domain.board.form(ground, asked)
    await store.board.board_formed(tx, formed)
    return await event_log.append(tx, formed, by=who, asked=asked.on_its_paper())


@router.command("/v1/boards/{board_id}/closure", needs="boards.write")
async def close_board(board_id: UUID, asked: CloseBoard, tx: Deciding, who: By) -> Told[BoardClosed]:
    """Record that a board has ended."""
    board = await store.board.board(tx, board_id, asked.on, who.scope)
    closed = domain.board.close(board, asked)
    await store.board.board_closed(tx, closed)
    return await event_log.append(tx, closed, by=who, asked=asked)


@router.question("/v1/boards", needs="boards.read", answers=Page[BoardView])
async def boards(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    building: UUID | None = None,
    on: Annotated[date | None, Query(description="Only boards that stand on this day, term or no term.")] = None,
    in_force_on: Annotated[date | None, Query(description="Only boards in force on this day.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[BoardView]:
    """List the boards of your units."""
    rows = await store.board.boards(tx, list(who.units), building, on, in_force_on, after(cursor, UUID), limit + 1)
    return page([BoardView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/boards/{board_id}", needs="boards.read", answers=BoardPage)
async def board(board_id: UUID, tx: Reading, who: Who, on: OnDay, response: Response) -> BoardPage:
    """Show a board: decision, terms, buildings, members, reviews, history, and whether it is in force on a day."""
    row = await store.board.board_page(tx, board_id, list(who.units), on)
    if row is None:
        raise NotFound
    events = await history(tx, board_id, response)
    listed = {name: orjson.loads(row[name] or "[]") for name in ("terms", "members")}
    return BoardPage(**{**row, **listed}, history=events)
