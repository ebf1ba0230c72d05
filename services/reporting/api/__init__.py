"""Is asked what the numbers are, and why."""

from services.reporting.api import figure, issue, page, period, report, session
from shared.http import Router

router = Router()
router.take(
    report.router,
    period.router,
    figure.router,
    issue.router,
    session.router,
    page.router,
)
