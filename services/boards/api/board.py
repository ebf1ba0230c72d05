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
from shared.events.boards import Member
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["boards"])


class BoardView(BaseModel):
    """A board in a list."""

    id: UUID
    unit: str
    formed: date
    symbol: str
    issuer: str
    term_from: date
    term_to: date
    closed: date | None
    buildings: list[UUID]


class BoardPage(BoardView):
    """A board with its members and the events that made it."""

    elected_on: date | None
    reason: str | None
    members: list[Member]
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
    on: Annotated[date | None, Query(description="Only boards that exist on this day.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[BoardView]:
    """List the boards of your units."""
    rows = await store.board.boards(tx, list(who.units), building, on, after(cursor, UUID), limit + 1)
    return page([BoardView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/boards/{board_id}", needs="boards.read", answers=BoardPage)
async def board(board_id: UUID, tx: Reading, who: Who, response: Response) -> BoardPage:
    """Show a board: decision, term, buildings, members, history."""
    row = await store.board.board_page(tx, board_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, board_id, response)
    return BoardPage(**{**row, "members": orjson.loads(row["members"])}, history=events)
