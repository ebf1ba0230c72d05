"""Asking over HTTP: commands and questions, callers, pages, problems."""

from shared.http.asking import By, Deciding, DecidingRestricted, OnDay, Reading, ReadingRestricted, Router, Who, history
from shared.http.paging import Cursor, Limit, Page, after, page

__all__ = [
    "By",
    "Cursor",
    "Deciding",
    "DecidingRestricted",
    "Limit",
    "OnDay",
    "Page",
    "Reading",
    "ReadingRestricted",
    "Router",
    "Who",
    "after",
    "history",
    "page",
]
