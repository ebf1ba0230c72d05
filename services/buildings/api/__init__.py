"""Is asked about places."""

from services.buildings import store
from services.buildings.api import building, group, inspection, unit, violation
from shared import registers
from shared.events import Register, buildings
from shared.http import Router

router = Router()
router.take(
    unit.router,
    group.router,
    building.router,
    inspection.router,
    violation.router,
    registers.router(buildings, frozenset({Register.GROUPS, Register.BUILDINGS}), store.unit.path_on),
)
