"""Is asked about boards and petitions."""

from services.boards import store
from services.boards.api import (
    board,
    body,
    cell,
    commendation,
    conference,
    conflict,
    consolidation,
    directive,
    overlap,
    participation,
    person,
    petition,
    regulation,
    supervision,
    training,
)
from shared import registers
from shared.events import Register, boards
from shared.http import Router

router = Router()
router.include_router(board.router)
router.include_router(consolidation.router)
router.include_router(cell.router)
router.include_router(body.router)
router.include_router(supervision.router)
router.include_router(regulation.router)
router.include_router(overlap.router)
router.include_router(conflict.router)
router.include_router(petition.router)
router.include_router(person.router)
router.include_router(participation.router)
router.include_router(conference.router)
router.include_router(directive.router)
router.include_router(training.router)
router.include_router(commendation.router)
router.include_router(registers.router(boards, frozenset({Register.BOARDS, Register.PETITIONS}), store.heard.path_on))
