"""Is asked what the numbers are, and why."""

from services.reporting.api import figure, issue, page, period, report, session
from shared.http import Router

router = Router()
router.include_router(report.router)
router.include_router(period.router)
router.include_router(figure.router)
router.include_router(issue.router)
router.include_router(session.router)
router.include_router(page.router)
