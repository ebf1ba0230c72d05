"""Is asked about places."""

from services.buildings import store
from services.buildings.api import building, group, inspection, unit, violation
from shared import registers
from shared.events import Register, buildings
from shared.http import Router

router = Router()
router.include_router(unit.router)
router.include_router(group.router)
router.include_router(building.router)
router.include_router(inspection.router)
router.include_router(violation.router)
router.include_router(registers.router(buildings, frozenset({Register.GROUPS, Register.BUILDINGS}), store.unit.path_on))
