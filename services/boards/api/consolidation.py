"""Is asked how boards are put in order: reviews, consolidations, departures."""

from uuid import UUID

from services.boards import domain, store
from services.boards.domain.consolidation import ConsolidateBoard, EndMembership
from shared import event_log
from shared.caller import AskedOn
from shared.events import BoardConsolidated, BoardMemberEnded, BoardReviewed, Told
from shared.http import By, Deciding, Router

router = Router(tags=["boards"])


@router.command("/v1/boards/{board_id}/reviews", needs="boards.write")
async def review_board(board_id: UUID, asked: AskedOn, tx: Deciding, who: By) -> Told[BoardReviewed]:
    """Record that a board was reviewed and left as it was."""
    board = await store.board.board(tx, board_id, asked.on, who.scope)
    reviewed = domain.consolidation.review(board, asked)
    await store.consolidation.board_reviewed(tx, reviewed)
    return await event_log.append(tx, reviewed, by=who, asked=asked)


@router.command("/v1/boards/{board_id}/consolidations", needs="boards.write")
async def consolidate_board(board_id: UUID, asked: ConsolidateBoard, tx: Deciding, who: By) -> Told[BoardConsolidated]:
    """Record that a board was put in order, or recognised for a new term."""
    board = await store.board.board(tx, board_id, asked.decision.date, who.scope)
    consolidated = domain.consolidation.consolidate(board, asked)
    await store.consolidation.board_consolidated(tx, consolidated)
    return await event_log.append(tx, consolidated, by=who, asked=asked.on_its_paper())


@router.command("/v1/boards/{board_id}/departures", needs="boards.write")
async def end_membership(board_id: UUID, asked: EndMembership, tx: Deciding, who: By) -> Told[BoardMemberEnded]:
    """Record that a member left a board; the day is the first without."""
    board = await store.board.board(tx, board_id, asked.on, who.scope)
    ended = domain.consolidation.end_membership(board, asked)
    await store.consolidation.board_member_ended(tx, ended)
    return await event_log.append(tx, ended, by=who, asked=asked)
