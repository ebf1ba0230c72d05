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
router.take(
    board.router,
    consolidation.router,
    cell.router,
    body.router,
    supervision.router,
    regulation.router,
    overlap.router,
    conflict.router,
    petition.router,
    person.router,
    participation.router,
    conference.router,
    directive.router,
    training.router,
    commendation.router,
    registers.router(boards, frozenset({Register.BOARDS, Register.PETITIONS}), store.heard.path_on),
)
