"""Asking over HTTP: commands and questions, callers, pages, problems."""

from shared.http.asking import By, Deciding, OnDay, Reading, Router, Who, history
from shared.http.paging import Cursor, Limit, Page, after, page

__all__ = [
    "By",
    "Cursor",
    "Deciding",
    "Limit",
    "OnDay",
    "Page",
    "Reading",
    "Router",
    "Who",
    "after",
    "history",
    "page",
]
