"""Looks at figures so small that they could lead to somebody."""

from collections.abc import Iterator

from services.reporting.domain.finding import Finding
from services.reporting.domain.indicator import Words
from services.reporting.domain.known import SMALL
from services.reporting.domain.rules.given import Given
from shared.events.reporting import Severity


def small_cells(given: Given) -> Iterator[Finding]:
    """DQ-13: restricted lines were declared with fewer people than may be passed on; how many is not repeated.

    It is shown, and not told: what is told goes everywhere.
    """
    codes = [
        code
        for code in given.form.lines
        if given.indicators[code].restricted and (value := given.value(code)) is not None and value < SMALL
    ]
    if codes:
        words = Words(
            vi=f"Số người dưới {SMALL} ({', '.join(codes)}): bản xuất ra sẽ che ô này.",
            en=f"Fewer than {SMALL} people ({', '.join(codes)}): exports leave the cell out.",
        )
        yield given.finding("DQ-13", Severity.WARN, words, codes, told=False)
