"""Decides what a report says and what does not fit in it: values in, lines or facts out."""

from services.reporting.domain import (
    comparison,
    export,
    figure,
    finding,
    indicator,
    issue,
    known,
    line,
    paper,
    period,
    report,
    restricted,
    rules,
    session,
)

__all__ = [
    "comparison",
    "export",
    "figure",
    "finding",
    "indicator",
    "issue",
    "known",
    "line",
    "paper",
    "period",
    "report",
    "restricted",
    "rules",
    "session",
]
