"""Remembers everything that was heard, and what follows from it: entries, sums, answers."""

from services.reporting.store import definitions, entries, figures, issue, journal, restricted

__all__ = ["definitions", "entries", "figures", "issue", "journal", "restricted"]
