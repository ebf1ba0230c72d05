"""Is asked what the numbers are, and why."""

from services.reporting.api import issue, report
from shared.http import Router

router = Router()
router.include_router(report.router)
router.include_router(issue.router)
