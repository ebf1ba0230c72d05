"""Remembers everything that was heard, and what follows from it: entries, sums, answers."""

from services.reporting.store import (
    declared,
    definitions,
    edition,
    entries,
    figure,
    figures,
    issue,
    journal,
    known,
    period,
    restricted,
    session,
)

__all__ = [
    "declared",
    "definitions",
    "edition",
    "entries",
    "figure",
    "figures",
    "issue",
    "journal",
    "known",
    "period",
    "restricted",
    "session",
]
