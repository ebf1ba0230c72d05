"""Is asked about boards and petitions."""

from services.boards import store
from services.boards.api import board, commendation, conference, directive, participation, person, petition, training
from shared import registers
from shared.events import Register, boards
from shared.http import Router

router = Router()
router.include_router(board.router)
router.include_router(petition.router)
router.include_router(person.router)
router.include_router(participation.router)
router.include_router(conference.router)
router.include_router(directive.router)
router.include_router(training.router)
router.include_router(commendation.router)
router.include_router(registers.router(boards, frozenset({Register.BOARDS, Register.PETITIONS}), store.heard.path_on))
